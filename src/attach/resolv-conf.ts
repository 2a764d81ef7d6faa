import { basename, dirname } from 'node:path';
import type { ContainerInfo, Host } from '../host/host.js';
import { type Lease, readLease } from './lease.js';
import { shortId } from './names.js';
import { RESOLV_CONF_DIRECTORY } from './paths.js';
import { readEndpointStates } from './state.js';

/** The first line of a resolv.conf that was written here; Docker writes the file anew at each start. */
const MARK = '# Written by bridge-setup: name servers by DHCP. What was here before comes back at detach.';
/** resolv.conf(5): MAXNS, and six search domains. */
const MAX_SERVERS = 3;
const MAX_DOMAINS = 6;

/** A resolv.conf(5) with the name servers and search domains of leases; what they do not give stays as it was. */
export function resolvConfOf(original: string, leases: readonly Pick<Lease, 'dns' | 'search'>[]): string {
  const servers = unique(leases.flatMap(({ dns }) => dns)).slice(0, MAX_SERVERS);
  const domains = unique(leases.flatMap(({ search }) => search)).slice(0, MAX_DOMAINS);
  if (servers.length + domains.length === 0) return original;
  const kept = original.split('\n').filter((line) => {
    const [keyword = ''] = line.trim().split(/\s+/);
    if (keyword === 'nameserver') return servers.length === 0;
    // The last one of the two words counts.
    if (keyword === 'search' || keyword === 'domain') return domains.length === 0;
    return keyword !== '' && !/^[#;]/.test(keyword);
  });
  const search = domains.length === 0 ? [] : [`search ${domains.join(' ')}`];
  return `${[MARK, ...search, ...servers.map((server) => `nameserver ${server}`), ...kept].join('\n')}\n`;
}

/**
 * Bring the name servers of a container's leases into its resolv.conf, or give it back its own when no lease is left
 * that has any. Written is the file of the host that Docker mounts there, and never a path of the container: a symbolic
 * link in there could lead to the host's own files. Where `docker run` has named servers, or mounts another file, that
 * stays as it is.
 */
export async function syncResolvConf(host: Host, container: ContainerInfo): Promise<void> {
  const path = container.resolvConfPath;
  if (!(await isDockersOwn(host, container))) return;
  const saved = savedFile(container.id);
  const text = (await host.files.read(path)) ?? '';
  const isOurs = text.startsWith(MARK);
  const original = isOurs ? await host.files.read(saved) : text;
  // Written by us, and what was there before is lost with a reboot: Docker writes it anew at the next start.
  if (original === null) return;
  const wanted = container.hasOwnDns ? original : resolvConfOf(original, await leasesOf(host, container.id));
  if (wanted === text) return;
  if (!isOurs) await host.files.write(saved, original, 0o600);
  // In place: a new file would not be the one that is mounted in the container.
  await host.run(['tee', path], { input: wanted });
  if (wanted === original) await host.files.remove(saved);
}

/** Forget the original text: the container is gone, and its file with it. */
export async function forgetResolvConf(host: Host, containerId: string): Promise<void> {
  await host.files.remove(savedFile(containerId));
}

/** The leases of the container's endpoints, by the names of their interfaces. */
async function leasesOf(host: Host, containerId: string): Promise<Lease[]> {
  const states = (await readEndpointStates(host, containerId))
    .filter(({ method }) => method === 'dhcp')
    .sort((a, b) => (a.interfaceName < b.interfaceName ? -1 : 1));
  const records = await Promise.all(
    states.map(({ hostInterfaceName }) => readLease(host, hostInterfaceName)),
  );
  return records.flatMap((record) => record?.lease ?? []);
}

/**
 * Docker keeps the file in a folder named by the container's id. With `-v /etc/resolv.conf:/etc/resolv.conf` its record
 * names the host's own instead (moby, container.TrySetNetworkMount).
 */
async function isDockersOwn(host: Host, { id, resolvConfPath }: ContainerInfo): Promise<boolean> {
  if (!/^\/.*\/resolv\.conf$/.test(resolvConfPath) || basename(dirname(resolvConfPath)) !== id) return false;
  return (await host.files.stat(resolvConfPath))?.type === 'file';
}

function savedFile(containerId: string): string {
  return `${RESOLV_CONF_DIRECTORY}/${shortId(containerId)}`;
}

function unique(words: readonly string[]): string[] {
  return [...new Set(words)];
}
