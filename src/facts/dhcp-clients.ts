import type { Host } from '../host/host.js';
import type { DhcpClientName, DhcpClients } from '../model/facts.js';
import { processesHere } from './processes.js';

const NAMES: readonly DhcpClientName[] = ['udhcpc', 'dhclient', 'dhcpcd'];

/** Options of dhclient(8) with a word behind them: RHEL's ifup gives `-H NAME` behind the link. */
const WITH_VALUE = ['-C', '-D', '-F', '-H', '-R', '-V', '-e', '-g', '-p', '-s', '-timeout'];

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
    .filter((word, at) => at > 0 && !word.startsWith('-') && !word.includes('/'))
    .filter((word) => name !== 'dhclient' || !WITH_VALUE.includes(words[words.lastIndexOf(word) - 1] ?? ''))
    .at(-1);
  return { name, link: last ?? null };
}

/** `eth0 [ip4]`, `[manager] [ip4] [ip6]` for all links, and helpers that end with it, such as `[BPF ARP] eth0 10.0.0.2`. */
function parseTitle(title: string): { name: 'dhcpcd'; link: string | null } | null {
  if (/^\[(manager|master)\]/.test(title)) return { name: 'dhcpcd', link: null };
  return title.startsWith('[') ? null : { name: 'dhcpcd', link: title.split(' ')[0] || null };
}

/** DHCP clients installed, and those running in the host's own network namespace. */
export async function collectDhcpClients(host: Host): Promise<DhcpClients> {
  const installed: DhcpClientName[] = [];
  for (const name of NAMES) if ((await host.which(name)) !== null) installed.push(name);
  const { found, complete } = await processesHere(host, (argv) => parseClient(argv) !== null);
  const running = found.flatMap(({ pid, argv }) => {
    const client = parseClient(argv);
    return client === null ? [] : [{ ...client, pid, argv }];
  });
  return { installed, running, ...(complete ? {} : { complete }) };
}
