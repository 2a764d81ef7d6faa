import type { Host } from '../host/host.js';
import type { Distro, Dns, Machine, RuntimeContainer, RuntimeFacts } from '../model/facts.js';
import { PROGRAM_FOLDER, PROGRAM_RECORD, RESOLV_CONF, RUNTIME_UNIT } from '../model/paths.js';
import { parseResolvConf } from '../model/resolv-conf.js';
import { isRuntimeContainer, RUNTIME_CONTAINER } from '../model/runtime-container.js';
import { collectNetworkRoot } from './network-root.js';

/** Distribution from os-release(5). */
export function parseOsRelease(text: string): Distro {
  const value = (key: string) =>
    new RegExp(`^${key}=(?:"([^"]*)"|'([^']*)'|(.*))$`, 'm')
      .exec(text)
      ?.slice(1)
      .find((v) => v !== undefined) ?? '';
  const id = value('ID');
  const kin = new Set([id, ...value('ID_LIKE').split(' ')]);
  const family = ['debian', 'ubuntu'].some((name) => kin.has(name))
    ? 'debian'
    : ['rhel', 'centos', 'fedora'].some((name) => kin.has(name))
      ? 'rhel'
      : 'other';
  return { id, versionId: value('VERSION_ID'), prettyName: value('PRETTY_NAME') || id || 'unknown', family };
}

/** Distribution of this host. */
export async function collectDistro(host: Host): Promise<Distro> {
  const text =
    (await host.files.read('/etc/os-release')) ?? (await host.files.read('/usr/lib/os-release')) ?? '';
  return parseOsRelease(text);
}

/** sd_booted(3): systemd is the init exactly when this directory exists. */
export async function collectInit(host: Host): Promise<'systemd' | 'other'> {
  return (await host.files.exists('/run/systemd/system')) ? 'systemd' : 'other';
}

/** Chassis asset tag of each machine in Azure, and of no other (cloud-init goes by it, too). */
const AZURE = '7783-7084-3265-9085-8269-3286-77';

/** What the firmware says about the machine, and whether its root file system is elsewhere. */
export async function collectMachine(host: Host): Promise<Machine> {
  // Loaded here: it is large, and only this needs it.
  const { system } = (await import('systeminformation')).default;
  const { virtual, manufacturer, model } = await system();
  const tag = await host.files.read('/sys/class/dmi/id/chassis_asset_tag').catch(() => null);
  return {
    ...{ virtual, manufacturer, model },
    ...(tag?.trim() === AZURE ? { cloud: 'Azure' as const } : {}),
    networkRoot: await collectNetworkRoot(host),
  };
}

/** Name servers as resolv.conf(5) has them now. */
export async function collectDns(host: Host): Promise<Dns> {
  return parseResolvConf((await host.files.read(RESOLV_CONF)) ?? '');
}

/** State of the runtime: its service and the program installed for it. */
export async function collectRuntime(host: Host, init: 'systemd' | 'other'): Promise<RuntimeFacts> {
  const programDigest = await installedDigest(host);
  const container = await runtimeContainer(host);
  const installed = { programDigest, ...(container === null ? {} : { container }) };
  if (init !== 'systemd') return { service: null, enabled: false, ...installed };
  const properties = '--property=LoadState,ActiveState,UnitFileState';
  const { stdout } = await host.run(['systemctl', 'show', RUNTIME_UNIT, properties], { check: false });
  const value = (key: string) => new RegExp(`^${key}=(.*)$`, 'm').exec(stdout)?.[1] ?? '';
  return {
    service: value('LoadState') === 'loaded' ? value('ActiveState') : null,
    enabled: value('UnitFileState') === 'enabled',
    ...installed,
  };
}

/** `null` also where Docker does not answer: that is told elsewhere. */
async function runtimeContainer(host: Host): Promise<RuntimeContainer | null> {
  const info = await host.docker.inspect(RUNTIME_CONTAINER).catch(() => null);
  if (info === null) return null;
  const image = await host.docker.inspectImage(info.image).catch(() => null);
  return {
    running: info.running,
    image: info.image,
    current: image?.id === info.imageId,
    own: isRuntimeContainer(info),
  };
}

async function installedDigest(host: Host): Promise<string | null> {
  const text = await host.files.read(`${PROGRAM_FOLDER}/${PROGRAM_RECORD}`);
  if (text === null) return null;
  try {
    return String((JSON.parse(text) as { digest?: unknown }).digest);
  } catch {
    // A record that cannot be read is a program to be replaced, not an error.
    return 'unreadable';
  }
}
