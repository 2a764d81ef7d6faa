import { expect, it } from 'vitest';
import { examine } from '../../../src/checks/examine.js';
import { countFixable, planFixes } from '../../../src/checks/fix-plan.js';
import { doctorChecks } from '../../../src/checks/registry.js';
import type { Link } from '../../../src/model/facts.js';
import { invert } from '../../../src/plan/invert.js';
import { doctorContext, dropped } from '../support/doctor.js';
import { setUpFacts, veth } from '../support/topology.js';

type Given = Parameters<typeof doctorContext>;

const planned = (...given: Given) => {
  const context = doctorContext(...given);
  return planFixes(doctorChecks, context, examine(doctorChecks, context)).steps;
};
const { firewall } = doctorContext().doctor;
const insert = {
  program: 'iptables-nft',
  chain: 'DOCKER-USER',
  copies: 0,
  rule: ['-i', 'br0', '-o', 'br0', '-j', 'ACCEPT'],
} as const;
const differing = (check: string) => ({
  differences: [{ check, severity: 'error' as const, message: 'm', remedy: 'r' }],
});
const links = (name: string, change: Partial<Link>): Given[1] => ({
  links: setUpFacts([veth('bs0000000001'), veth('bs0000000002')]).links.map((one) =>
    one.name === name ? { ...one, ...change } : one,
  ),
});
const stopped = (service: string): Given => [
  { topology: { ...doctorContext().doctor.topology, daemon: null } },
  { runtime: { service, enabled: true, programDigest: 'abc' } },
];
const unit = { load: 'loaded', active: 'active', file: 'disabled', restarts: 0 };
const own = { address: '192.168.1.10', family: 4, prefix: 24, scope: 'global', dynamic: true } as const;

it('plans nothing on a host in order', () => expect(planned()).toEqual([]));

it.each<[what: string, steps: string[], ...Given]>([
  [
    'frames that Docker drops',
    ['iptables-nft-docker-user'],
    { firewall: { ...firewall, drops: [dropped()] } },
  ],
  [
    'frames that ufw drops',
    ['ufw-route'],
    { firewall: { ...firewall, drops: [dropped({ kind: 'ufw', insert: null })] } },
  ],
  [
    'frames that firewalld drops, at runtime and for good',
    ['firewall-zone'],
    { firewall: { ...firewall, drops: [dropped({ kind: 'firewalld', insert: null })] } },
  ],
  [
    'frames that the rules of an administrator drop: those are theirs',
    [],
    { firewall: { ...firewall, drops: [dropped({ kind: 'by-hand', insert: null })] } },
  ],
  ['a port that is out', ['port-join'], differing('port-not-in-bridge'), links('eth0', { master: null })],
  [
    'a port that is out, with an address: somebody may be connected by it',
    [],
    differing('port-not-in-bridge'),
    links('eth0', { master: null, addresses: [own] }),
  ],
  ['an address that is not there: not by itself', [], differing('address-not-there')],
  ['a runtime that has failed', ['runtime-start', 'runtime-ready'], ...stopped('failed')],
  [
    'services that are not enabled',
    ['enable-docker.service', 'enable-networking.service'],
    { units: { 'docker.service': unit, 'networking.service': unit } },
  ],
])('%s', (_, expected, ...given) => {
  expect(planned(...given).map(({ id }) => id)).toEqual(expected);
});

it('takes each step back, last first', () => {
  const steps = planned({
    firewall: {
      ...firewall,
      drops: [
        dropped({ insert: { ...insert, chain: 'FORWARD' } }),
        dropped({ by: 'another one', cure: [], insert: { ...insert, copies: 2 } }),
      ],
    },
  });
  const entries = steps.map((step, n) => ({ n, step, before: null, state: 'done' as const }));
  expect(invert(entries).map(({ step }) => step)).toEqual([
    expect.objectContaining({ kind: 'remove-rule', chain: 'DOCKER-USER', copies: 2 }),
    expect.objectContaining({ kind: 'remove-rule', chain: 'FORWARD', copies: 0 }),
  ]);
});

it('counts what it would repair, and nothing else of what was found', () => {
  const count = (...given: Given) => {
    const context = doctorContext(...given);
    return countFixable(doctorChecks, context, examine(doctorChecks, context));
  };
  expect(count()).toBe(0);
  const missing = { ...firewall, drops: [dropped()] };
  expect(count({ firewall: missing, silentNameServers: ['192.168.1.1'] })).toBe(1);
});
