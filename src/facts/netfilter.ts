import type { Host } from '../host/host.js';
import type { NetfilterFacts } from '../model/facts.js';

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

/** Whether bridged frames get through the host's firewall (docs/architecture.md, "Why the old recipe fails"). */
export async function collectNetfilter(host: Host): Promise<NetfilterFacts> {
  const [sysctl, rules, zones] = await Promise.all([
    host.files.read('/proc/sys/net/bridge/bridge-nf-call-iptables'),
    host.run(['iptables', '-w', '-S'], { check: false }),
    collectZones(host),
  ]);
  const bridgeNfCallIptables = sysctl === null ? null : sysctl.trim() === '1';
  return {
    ...parseRules(rules.exitCode === 0 ? rules.stdout : ''),
    bridgeNfCallIptables,
    ...zones,
    ...(await collectLastingZones(host, zones)),
  };
}
