import { cureCommands, curedDrops, placeText } from '../firewall/frame/cure.js';
import { readFiltersOfAll } from '../firewall/frame/read.js';
import type { Host } from '../host/host.js';
import type { NetfilterFacts } from '../model/facts.js';
import type { FrameDrop } from '../model/firewall.js';

/** What `iptables -S` says of FORWARD and DOCKER-USER. */
export function parseRules(rules: string): Omit<NetfilterFacts, 'bridgeNfCallIptables'> {
  const policy = /^-P FORWARD (ACCEPT|DROP)$/m.exec(rules)?.[1];
  return {
    forwardPolicy: policy === 'ACCEPT' || policy === 'DROP' ? policy : null,
    dockerUserChain: /^-N DOCKER-USER$/m.test(rules),
    acceptedBridges: [...rules.matchAll(/^-A DOCKER-USER -i (\S+) -o (\S+) -j ACCEPT$/gm)]
      .filter(([, input, output]) => input === output)
      .flatMap(([, bridge]) => bridge ?? []),
  };
}

/** `firewall-cmd --get-active-zones` or `--list-all-zones`: each zone, and below it, indented, its interfaces and sources. */
export function parseZones(text: string): Record<string, string> {
  const zones: Record<string, string> = {};
  let zone = '';
  for (const line of text.split('\n')) {
    // Newer ones mark the default zone: `public (default)`.
    if (/^\S/.test(line)) zone = line.split(' ')[0] ?? '';
    const interfaces = /^\s+interfaces:(.*)$/.exec(line)?.[1] ?? '';
    for (const name of interfaces.split(' ')) if (name !== '') zones[name] = zone;
  }
  return zones;
}

/** firewalld, where it runs. */
export async function collectZones(host: Host): Promise<Pick<NetfilterFacts, 'zones'>> {
  if ((await host.which('firewall-cmd')) === null) return {};
  const shown = await host.run(['firewall-cmd', '--get-active-zones'], { check: false, timeoutMs: 10_000 });
  return shown.exitCode === 0 ? { zones: parseZones(shown.stdout) } : {};
}

/** By firewalld's configuration; asked for only where a link is in a zone. */
async function collectLastingZones(
  host: Host,
  { zones = {} }: Pick<NetfilterFacts, 'zones'>,
): Promise<Pick<NetfilterFacts, 'lastingZones'>> {
  if (Object.keys(zones).length === 0) return {};
  const argv = ['firewall-cmd', '--permanent', '--list-all-zones'];
  const shown = await host.run(argv, { check: false, timeoutMs: 10_000 });
  return shown.exitCode === 0 ? { lastingZones: parseZones(shown.stdout) } : {};
}

/** Bridges of Docker and libvirt have rules of their own. */
const OTHERS = /^(docker|br-[0-9a-f]{12}$|virbr|lxcbr|lxdbr|cni)/;

/** What drops frames of each bridge that could lead to the LAN; of `br0` also before it is there. */
async function collectDropped(host: Host): Promise<Pick<NetfilterFacts, 'dropped'>> {
  if (!host.isRoot()) return {};
  const links = await host.files.list('/sys/class/net').catch(() => []);
  const isBridge = await Promise.all(links.map((name) => host.files.exists(`/sys/class/net/${name}/bridge`)));
  const bridges = new Set(['br0', ...links.filter((name, index) => isBridge[index] && !OTHERS.test(name))]);
  const dropped: Record<string, FrameDrop[]> = {};
  for (const texts of await readFiltersOfAll(host, [...bridges])) {
    const { bridge } = texts;
    const found = curedDrops(texts).map(({ by, cure }) => ({
      by: placeText(by),
      cure: cure.kind === 'by-hand' ? [] : cureCommands(cure, bridge, null),
    }));
    dropped[bridge] = [...new Map(found.map((each) => [each.by, each])).values()];
  }
  return { dropped };
}

/**
 * What iptables has. The one of the old kernel interface loads its module and makes a table when it is asked, and has no
 * rules while it has no tables: then it is not asked. `iptables --version` touches neither.
 */
async function iptablesRules(host: Host): Promise<string> {
  const tables = await host.files.read('/proc/net/ip_tables_names').catch(() => null);
  if ((tables ?? '').trim() === '') {
    const version = await host.run(['iptables', '--version'], { check: false });
    if (!version.stdout.includes('nf_tables')) return '';
  }
  const { exitCode, stdout } = await host.run(['iptables', '-w', '-S'], { check: false });
  return exitCode === 0 ? stdout : '';
}

/** Whether bridged frames get through the host's firewall (docs/architecture.md, "Why the old recipe fails"). */
export async function collectNetfilter(host: Host): Promise<NetfilterFacts> {
  const [sysctl, rules, zones] = await Promise.all([
    host.files.read('/proc/sys/net/bridge/bridge-nf-call-iptables'),
    iptablesRules(host),
    collectZones(host),
  ]);
  const bridgeNfCallIptables = sysctl === null ? null : sysctl.trim() === '1';
  return {
    ...parseRules(rules),
    bridgeNfCallIptables,
    ...zones,
    ...(await collectLastingZones(host, zones)),
    ...(await collectDropped(host)),
  };
}
