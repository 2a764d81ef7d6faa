import type { Host } from '../../host/host.js';
import type { FirewallFacts, FirewallFamily } from '../../model/doctor-facts.js';

const FILTERS = [
  { family: 4, program: 'iptables', sysctl: '/proc/sys/net/bridge/bridge-nf-call-iptables' },
  { family: 6, program: 'ip6tables', sysctl: '/proc/sys/net/bridge/bridge-nf-call-ip6tables' },
] as const;
const CHAIN = 'DOCKER-USER';

const ruleText = (bridge: string) => `-A ${CHAIN} -i ${bridge} -o ${bridge} -j ACCEPT`;

/** Where the rule that lets frames pass within a bridge stands, by `iptables -S`. */
export function acceptRuleOf(rules: string, bridge: string): FirewallFamily['acceptRule'] {
  const chain = rules.split('\n').filter((line) => line.startsWith(`-A ${CHAIN} `));
  const at = chain.indexOf(ruleText(bridge));
  if (at === -1) return 'missing';
  const ends = new RegExp(`^-A ${CHAIN} (-i ${bridge} )?(-o ${bridge} )?-j (DROP|REJECT|RETURN)`);
  const end = chain.findIndex((line) => ends.test(line));
  return end !== -1 && end < at ? 'too-late' : 'in-force';
}

/** Rules and policies that drop, among the lines of `ebtables-save` or of `nft list ruleset bridge`. */
export function droppingLines(text: string): string[] {
  return text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => /(^:\S+ DROP\b|-j DROP\b|\b(drop|reject)\b|policy drop)/.test(line));
}

/** What drops frames of bridges. ebtables may be that of nftables: what it shows is not listed twice. */
async function collectBridgeDrops(host: Host): Promise<string[]> {
  const shown = async (argv: readonly [string, ...string[]]) => {
    if ((await host.which(argv[0])) === null) return [];
    const { exitCode, stdout } = await host.run(argv, { check: false, timeoutMs: 10_000 });
    return exitCode === 0 ? droppingLines(stdout) : [];
  };
  const ebtables = await shown(['ebtables-save']);
  return ebtables.length > 0 ? ebtables : shown(['nft', 'list', 'ruleset', 'bridge']);
}

/** Firewalls, as far as they concern a bridge and its port. */
export async function collectFirewall(host: Host, bridge: string): Promise<FirewallFacts> {
  const shown = await Promise.all(
    FILTERS.map(async ({ family, program, sysctl }) => {
      const { exitCode, stdout } = await host.run([program, '-w', '5', '-S'], { check: false });
      const rules = exitCode === 0 ? stdout : '';
      const policy = /^-P FORWARD (ACCEPT|DROP)$/m.exec(rules)?.[1];
      return {
        rules,
        facts: {
          family,
          program,
          policy: policy === 'ACCEPT' || policy === 'DROP' ? policy : null,
          seesBridged: (await host.files.read(sysctl).catch(() => null))?.trim() === '1',
          hasChain: rules.split('\n').includes(`-N ${CHAIN}`),
          chainIsCalled: new RegExp(`^-A FORWARD -j ${CHAIN}$`, 'm').test(rules),
          acceptRule: acceptRuleOf(rules, bridge),
          copies: rules.split('\n').filter((line) => line === ruleText(bridge)).length,
        } satisfies FirewallFamily,
      };
    }),
  );
  const ufw = (await host.files.read('/etc/ufw/ufw.conf').catch(() => null)) ?? '';
  return {
    families: shown.map(({ facts }) => facts),
    bridgeDrops: await collectBridgeDrops(host),
    ufw: /^ENABLED=yes$/m.test(ufw),
    defaultZone: await defaultZone(host),
  };
}

async function defaultZone(host: Host): Promise<string | null> {
  if ((await host.which('firewall-cmd')) === null) return null;
  const { exitCode, stdout } = await host.run(['firewall-cmd', '--get-default-zone'], {
    check: false,
    timeoutMs: 10_000,
  });
  return exitCode === 0 ? stdout.trim() : null;
}
