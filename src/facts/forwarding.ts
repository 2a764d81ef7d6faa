import type { Host } from '../host/host.js';
import type { DockerForwarding } from '../model/docker-facts.js';

const DAEMON_JSON = '/etc/docker/daemon.json';
const NOW = '/proc/sys/net/ipv4/ip_forward';
/** Folders of sysctl.d(5); a file in an earlier one takes the place of one with the same name in a later one. */
const FOLDERS = ['/etc/sysctl.d', '/run/sysctl.d', '/usr/local/lib/sysctl.d', '/usr/lib/sysctl.d'];
/** Read after all of these. */
const LAST = '/etc/sysctl.conf';

/**
 * Whether Docker needs IP forwarding to be on before it starts: with its nftables backend (from 29 on) it switches that on
 * no more, and ends where it is off. `null`: it has the other backend.
 */
export async function collectForwarding(host: Host): Promise<DockerForwarding | null> {
  if (!(await hasNftBackend(host))) return null;
  const now = (await host.files.read(NOW).catch(() => null))?.trim();
  return { now: now !== '0', lasting: await isSetAtBoot(host) };
}

async function hasNftBackend(host: Host): Promise<boolean> {
  const text = (await host.files.read(DAEMON_JSON).catch(() => null)) ?? '';
  if (/"firewall-backend"\s*:\s*"nftables"/.test(text)) return true;
  const folder = '/etc/systemd/system/docker.service.d';
  for (const name of await host.files.list(folder)) {
    const unit = (await host.files.read(`${folder}/${name}`).catch(() => null)) ?? '';
    if (/^ExecStart=.*--firewall-backend[= ]nftables/m.test(unit)) return true;
  }
  return false;
}

async function isSetAtBoot(host: Host): Promise<boolean> {
  const files = new Map<string, string>();
  for (const folder of FOLDERS) {
    for (const name of await host.files.list(folder)) {
      if (name.endsWith('.conf') && !files.has(name)) files.set(name, `${folder}/${name}`);
    }
  }
  const paths = [...files.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, path]) => path);
  let value = '0';
  for (const path of [...paths, LAST]) {
    const text = (await host.files.read(path).catch(() => null)) ?? '';
    const setting = /^\s*-?net[./]ipv4[./](?:ip_forward|conf[./]all[./]forwarding)\s*=\s*(\S+)/gm;
    for (const [, set = ''] of text.matchAll(setting)) value = set;
  }
  return value === '1';
}
