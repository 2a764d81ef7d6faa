import type { Host } from '../host/host.js';
import type { DhcpClientName, DhcpClients } from '../model/facts.js';

const NAMES: readonly DhcpClientName[] = ['udhcpc', 'dhclient', 'dhcpcd'];

/**
 * Which DHCP client a command line is, and the link it works on.
 * `null` when it is none. dhcpcd shows its link in its title: `dhcpcd: eth0 [ip4]`.
 */
export function parseClient(argv: readonly string[]): { name: DhcpClientName; link: string | null } | null {
  const program = (argv[0] ?? '').split('/').at(-1) ?? '';
  const title = /^dhcpcd: (.*)/.exec(argv.join(' '))?.[1];
  if (title !== undefined) return parseTitle(title);
  // `busybox udhcpc -i eth0`
  const words = program === 'busybox' ? argv.slice(1) : [program, ...argv.slice(1)];
  const name = NAMES.find((candidate) => candidate === words[0]);
  if (name === undefined) return null;
  if (name === 'udhcpc') {
    const at = words.findIndex((word) => word === '-i' || word === '--interface');
    return { name, link: at === -1 ? 'eth0' : (words[at + 1] ?? null) };
  }
  const last = words
    .slice(1)
    .filter((word) => !word.startsWith('-') && !word.includes('/'))
    .at(-1);
  return { name, link: last ?? null };
}

/** `eth0 [ip4]`, `[manager] [ip4] [ip6]` for all links, and helpers that end with it, such as `[BPF ARP] eth0 10.0.0.2`. */
function parseTitle(title: string): { name: 'dhcpcd'; link: string | null } | null {
  if (/^\[(manager|master)\]/.test(title)) return { name: 'dhcpcd', link: null };
  return title.startsWith('[') ? null : { name: 'dhcpcd', link: title.split(' ')[0] || null };
}

/** DHCP clients installed, and those running in the host's own network namespace (a container's are not ours). */
export async function collectDhcpClients(host: Host): Promise<DhcpClients> {
  const installed: DhcpClientName[] = [];
  for (const name of NAMES) if ((await host.which(name)) !== null) installed.push(name);
  const own = await host.files.readlink('/proc/self/ns/net');
  const running: { name: DhcpClientName; pid: number; link: string | null }[] = [];
  for (const entry of await host.files.list('/proc')) {
    if (!/^\d+$/.test(entry)) continue;
    const cmdline = await host.files.read(`/proc/${entry}/cmdline`).catch(() => null);
    const client = cmdline ? parseClient(cmdline.split('\0').filter((word) => word !== '')) : null;
    if (client === null) continue;
    const namespace = await host.files.readlink(`/proc/${entry}/ns/net`).catch(() => null);
    if (namespace === own) running.push({ ...client, pid: Number(entry) });
  }
  return { installed, running };
}
