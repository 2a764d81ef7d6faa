import type { DropFacts } from '../model/doctor-facts.js';
import type { Finding } from '../model/finding.js';
import type { Step } from '../model/plan.js';
import type { DoctorCheck, DoctorContext } from './doctor-check.js';
import { error } from './found.js';

/** Frames between the ports pass the packet filters of this host. */
export const acceptRule: DoctorCheck = {
  id: 'accept-rule',
  title: 'Frames between the ports pass the firewall',
  group: 'docker',
  needs: 'root',
  on: 'set-up',
  looksAt:
    'Every rule that a frame between the uplink and a container meets, in order: iptables and ip6tables of both kinds, nftables of each family, ebtables, firewalld, ufw, and whether bridged frames pass IP rules at all (bridge-nf-call-iptables); for ICMP, TCP and UDP, IPv4 and IPv6.',
  cause:
    'Docker sets the policy of FORWARD to DROP, firewalls reject what they do not know, and br_netfilter sends bridged frames through both. They forget a rule when they restart; the attach runtime adds it again within seconds, where it runs.',
  run: (context) => withoutDoubles(context.doctor.firewall.drops).map((drop) => findingOf(drop, context)),
  fix: {
    does: 'The accept rule is inserted as the first of DOCKER-USER, or of FORWARD where that does not lead there; with ufw its route rule is added, with firewalld the bridge gets into the zone of its port. Rules of others stay.',
    steps: (finding, context) =>
      withoutDoubles(context.doctor.firewall.drops)
        .filter((drop) => findingOf(drop, context).message === finding.message)
        .flatMap((drop) => stepsFor(drop, context)),
  },
};

/** IPv4 and IPv6 may meet the same rule. */
function withoutDoubles(drops: readonly DropFacts[]): DropFacts[] {
  return [...new Map(drops.map((drop) => [`${drop.by}\n${drop.cure.join()}`, drop])).values()];
}

/** The zone that the bridge has, or gets. */
function zonesOf({ facts, doctor }: DoctorContext): {
  readonly own: string | undefined;
  readonly zone: string;
} {
  const { zones = {} } = facts.netfilter;
  const own = zones[doctor.bridge];
  const ofPort = doctor.port === null ? undefined : zones[doctor.port];
  return { own, zone: own ?? ofPort ?? doctor.firewall.defaultZone ?? 'public' };
}

const zoneCommands = (zone: string, bridge: string): readonly (readonly string[])[] => [
  ['firewall-cmd', '--permanent', `--zone=${zone}`, `--add-interface=${bridge}`],
  ['firewall-cmd', `--zone=${zone}`, `--add-interface=${bridge}`],
];

/** A name for the kind of drop; the cure follows from it. */
function nameOf({ kind, insert }: DropFacts, hasDockerUser: boolean): string {
  if (kind === 'ufw') return 'ufw-drops';
  if (kind === 'firewalld') return 'firewalld-drops';
  if (insert === null) return 'frames-dropped';
  if (insert.chain !== 'FORWARD') return insert.copies > 0 ? 'accept-rule-too-late' : 'accept-rule-missing';
  return hasDockerUser ? 'docker-user-not-called' : 'forward-drop';
}

function findingOf(drop: DropFacts, context: DoctorContext): Finding {
  const { bridge, firewall } = context.doctor;
  const what = drop.protocols.includes('icmp') ? '' : ` (${drop.protocols.join(' and ').toUpperCase()} only)`;
  const ipv6 = drop.family === 6 ? 'of IPv6 ' : '';
  const message = `${sentence(drop.by)} drops frames ${ipv6}between the ports of ${bridge}${what}: containers there reach their own host and not the LAN.`;
  const run = (lines: readonly string[]) => lines.map((line) => `\`${line}\``).join(', then ');
  return error(nameOf(drop, firewall.hasDockerUser), message, remedyOf(drop, context, run));
}

const sentence = (text: string) => `${text.slice(0, 1).toUpperCase()}${text.slice(1)}`;

function remedyOf(
  { kind, cure }: DropFacts,
  context: DoctorContext,
  run: (lines: readonly string[]) => string,
): string {
  const { bridge } = context.doctor;
  if (kind === 'firewalld') {
    const { own, zone } = zonesOf(context);
    return own === undefined
      ? `Put ${bridge} into a zone: ${run(zoneCommands(zone, bridge).map((argv) => argv.join(' ')))}.`
      : `Let its zone forward between its own links: \`firewall-cmd --permanent --zone=${zone} --add-forward && firewall-cmd --reload\`.`;
  }
  if (kind !== 'by-hand') return `Run ${run(cure)}; the attach runtime does so by itself while it runs.`;
  return cure.length > 0
    ? `An accept in another chain does not help. Run ${run(cure)}, and add that to the file which those rules are loaded from.`
    : `Change that rule so that it lets frames within ${bridge} pass.`;
}

function stepsFor(drop: DropFacts, context: DoctorContext): Step[] {
  const { bridge } = context.doctor;
  const { kind, insert } = drop;
  if (insert !== null) {
    const { program, chain, rule } = insert;
    return [
      {
        id: `${program}-${chain.toLowerCase()}`,
        title: `Insert "${rule.join(' ')}" into ${chain} (${program})`,
        ...{ kind: 'insert-rule', ...insert },
      },
    ];
  }
  const ends = ['in', 'on', bridge, 'out', 'on', bridge];
  if (kind === 'ufw') {
    const argv = ['ufw', 'route', 'allow', ...ends];
    const undo = ['ufw', 'route', 'delete', 'allow', ...ends];
    const title = `Run ${argv.join(' ')}`;
    return [{ id: 'ufw-route', title, kind: 'run', argv, undo, timeoutSeconds: 60 }];
  }
  const { own, zone } = zonesOf(context);
  if (kind !== 'firewalld' || own !== undefined) return [];
  return [
    {
      id: 'firewall-zone',
      title: `Put ${bridge} into the zone ${zone} of firewalld`,
      ...{ kind: 'firewall-zone', link: bridge, zone, before: null, lasting: true },
    },
  ];
}
