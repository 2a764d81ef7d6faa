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

/** Whether bridged frames get through the host's firewall (docs/architecture.md, "Why the old recipe fails"). */
export async function collectNetfilter(host: Host): Promise<NetfilterFacts> {
  const sysctl = await host.files.read('/proc/sys/net/bridge/bridge-nf-call-iptables');
  const bridgeNfCallIptables = sysctl === null ? null : sysctl.trim() === '1';
  const rules = await host.run(['iptables', '-w', '-S'], { check: false });
  return { ...parseRules(rules.exitCode === 0 ? rules.stdout : ''), bridgeNfCallIptables };
}
