import type { FirewallFamily } from '../model/doctor-facts.js';
import type { Finding } from '../model/finding.js';
import type { Step } from '../model/plan.js';
import type { DoctorCheck } from './doctor-check.js';
import { error } from './found.js';

/** Bridged frames pass the host's firewall. */
export const acceptRule: DoctorCheck = {
  id: 'accept-rule',
  title: 'Frames between the ports pass the firewall',
  group: 'docker',
  needs: 'root',
  on: 'set-up',
  looksAt:
    'The policy of FORWARD, whether bridged frames pass it (bridge-nf-call-iptables), and the accept rule in DOCKER-USER; IPv4 and IPv6.',
  cause:
    'Docker sets the policy of FORWARD to DROP, and br_netfilter sends bridged frames through it. Docker and firewalls forget the rule when they restart; the attach runtime puts it back within seconds, where it runs.',
  run: ({ doctor: { firewall, bridge } }) =>
    dropping(firewall.families).flatMap((family) => judge(family, bridge)),
  fix: {
    does: 'The rule is inserted as the first of DOCKER-USER, and a call of that chain as the first of FORWARD.',
    steps: (_finding, { doctor: { firewall, bridge } }) =>
      dropping(firewall.families).flatMap((family) => mend(family, bridge)),
  },
};

const dropping = (families: readonly FirewallFamily[]) =>
  families.filter(({ policy, seesBridged }) => policy === 'DROP' && seesBridged);

function mend(
  { program, hasChain, chainIsCalled, acceptRule: rule, copies }: FirewallFamily,
  bridge: string,
): Step[] {
  const first = (chain: string, words: readonly string[], before: number): Step => ({
    id: `${program}-${chain.toLowerCase()}`,
    title: `Insert "${words.join(' ')}" into ${chain} (${program})`,
    kind: 'insert-rule',
    ...{ program, chain, rule: words, copies: before },
  });
  if (!hasChain) return [];
  return [
    ...(chainIsCalled ? [] : [first('FORWARD', ['-j', 'DOCKER-USER'], 0)]),
    ...(rule === 'in-force'
      ? []
      : [first('DOCKER-USER', ['-i', bridge, '-o', bridge, '-j', 'ACCEPT'], copies)]),
  ];
}

function judge(
  { program, hasChain, chainIsCalled, acceptRule: rule }: FirewallFamily,
  bridge: string,
): Finding[] {
  const then = `containers on ${bridge} reach their own host and not the LAN`;
  if (!hasChain) {
    return [
      error(
        'forward-drop',
        `${program} drops what it forwards, bridged frames pass it, and Docker's chain DOCKER-USER is not there: ${then}.`,
        `Restart Docker, which makes the chain; without Docker, \`${program} -I FORWARD -i ${bridge} -o ${bridge} -j ACCEPT\`.`,
      ),
    ];
  }
  if (!chainIsCalled) {
    return [
      error(
        'docker-user-not-called',
        `FORWARD of ${program} does not lead into DOCKER-USER, so the rules there have no effect: ${then}.`,
        `Run \`${program} -I FORWARD -j DOCKER-USER\`, or restart Docker.`,
      ),
    ];
  }
  const insert = `${program} -I DOCKER-USER -i ${bridge} -o ${bridge} -j ACCEPT`;
  if (rule === 'missing') {
    return [
      error(
        'accept-rule-missing',
        `${program} drops what it forwards, bridged frames pass it, and the accept rule of ${bridge} is missing: ${then}.`,
        `Run \`${insert}\`; the attach runtime does so by itself while it runs.`,
      ),
    ];
  }
  return rule === 'too-late'
    ? [
        error(
          'accept-rule-too-late',
          `In DOCKER-USER of ${program} a rule that ends the chain stands before the accept rule of ${bridge}: ${then}.`,
          `Put it first: \`iptables -D DOCKER-USER -i ${bridge} -o ${bridge} -j ACCEPT; ${insert}\`.`.replace(
            'iptables -D',
            `${program} -D`,
          ),
        ),
      ]
    : [];
}
