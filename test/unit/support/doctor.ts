import type { DoctorContext } from '../../../src/checks/doctor-check.js';
import type { DoctorFacts, DropFacts } from '../../../src/model/doctor-facts.js';
import type { HostFacts } from '../../../src/model/facts.js';
import { answersWith } from './answers.js';
import { healthy, setUpFacts, veth } from './topology.js';

/** A drop by the policy that Docker sets, which one rule lets pass. */
export const dropped = (parts: Partial<DropFacts> = {}): DropFacts => ({
  ...{
    by: 'the policy of FORWARD (iptables-nft, table filter)',
    family: 4,
    protocols: ['icmp', 'tcp', 'udp'],
  },
  ...{ kind: 'iptables', cure: ['iptables-nft -I DOCKER-USER -i br0 -o br0 -j ACCEPT'] },
  insert: {
    ...{ program: 'iptables-nft', chain: 'DOCKER-USER', copies: 0 },
    rule: ['-i', 'br0', '-o', 'br0', '-j', 'ACCEPT'],
  },
  ...parts,
});

const ORDERLY: DoctorFacts = {
  bridge: 'br0',
  setUp: true,
  existing: false,
  port: 'eth0',
  differences: [],
  topology: healthy(),
  kernel: {
    bridge: { macPinned: true, snooping: false, querier: false, otherQuerier: null },
    sourceCheck: 2,
    ipv6: { forwarding: false, acceptRa: 1 },
    missingModules: [],
    release: '6.1.0-13-amd64',
  },
  firewall: { drops: [], suspects: [], hasDockerUser: true, ufw: false, defaultZone: null },
  engine: { rootless: false, startedAt: Date.parse('2026-11-01T00:00:00Z') },
  units: {},
  program: {
    node: '20.19.0',
    neededNode: '20.19',
    serviceNode: { path: '/usr/bin/node', version: '20.19.0' },
    digest: null,
    installedAt: Date.parse('2026-11-01T00:00:00Z'),
  },
  lease: { link: 'br0', address: '192.168.1.10/24', left: 3000, seconds: 3600 },
  rules: [],
  configProblem: null,
  silentNameServers: [],
  lan: { duplicate: null, secondMac: 'second' },
  reach: [],
  dhcpOffers: [
    { server: '192.168.1.1', address: '192.168.1.99', mask: '255.255.255.0', router: '192.168.1.1' },
  ],
  refusals: [],
  unread: [],
};

/** What doctor looks at on a host that is set up and in order, with two containers, but for these. */
export function doctorContext(
  doctor: Partial<DoctorFacts> = {},
  facts: Partial<HostFacts> = {},
): DoctorContext {
  return {
    facts: setUpFacts([veth('bs0000000001'), veth('bs0000000002')], facts),
    answers: answersWith(),
    uplink: 'eth0',
    doctor: { ...ORDERLY, ...doctor },
  };
}
