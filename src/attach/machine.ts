import { randomBytes } from 'node:crypto';
import type { Host } from '../host/host.js';
import { RUNTIME_CONFIG_FILE, STATE_FOLDER } from '../model/paths.js';
import { type AttachConfig, parseConfig } from './config.js';

/** machine-id(5): the same for as long as the system is installed. */
const MACHINE_ID = '/etc/machine-id';
/** Where there is none. */
const OWN_ID = `${STATE_FOLDER}/machine-id`;
const ID = /^[0-9a-f]{32}$/;

/** By which identity of this host MAC addresses of containers are made; `null`: by none (`macs` in runtime.json). */
export async function machineFor(host: Host, config: Pick<AttachConfig, 'macs'>): Promise<string | null> {
  // A file from before this setting: the addresses that it has led to are reserved on DHCP servers.
  return config.macs === 'host' ? machineOf(host) : null;
}

/** The same by what stands in the configuration; a host without one was never set up, and has nothing to keep. */
export async function configuredMachine(host: Host): Promise<string | null> {
  const text = await host.files.read(RUNTIME_CONFIG_FILE).catch(() => null);
  return machineFor(host, text === null ? { macs: 'host' } : parseConfig(text));
}

async function machineOf(host: Host): Promise<string> {
  const known = (await idIn(host, MACHINE_ID)) ?? (await idIn(host, OWN_ID));
  if (known !== null) return known;
  await host.files.mkdir(STATE_FOLDER, 0o700);
  const made = randomBytes(16).toString('hex');
  // Another process may have been faster.
  if (await host.files.create(OWN_ID, `${made}\n`, 0o600)) return made;
  return (await idIn(host, OWN_ID)) ?? made;
}

async function idIn(host: Host, file: string): Promise<string | null> {
  const id = (await host.files.read(file).catch(() => null))?.trim() ?? '';
  // "uninitialized" until the first boot of an image; zeros are none either (sd-id128(3)).
  return ID.test(id) && !/^0+$/.test(id) ? id : null;
}
