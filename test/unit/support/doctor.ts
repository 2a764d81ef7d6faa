import type { DoctorContext } from '../../../src/checks/doctor-check.js';
import type { DoctorFacts, FirewallFamily } from '../../../src/model/doctor-facts.js';
import type { HostFacts } from '../../../src/model/facts.js';
import { answersWith } from './answers.js';
import { healthy, setUpFacts, veth } from './topology.js';

/** Docker's firewall, with the accept rule in force. */
export const family = (parts: Partial<FirewallFamily> = {}): FirewallFamily => ({
  ...{ family: 4, program: 'iptables', policy: 'DROP', seesBridged: true },
  ...{ hasChain: true, chainIsCalled: true, acceptRule: 'in-force', copies: 1 },
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
  firewall: { families: [family()], bridgeDrops: [], ufw: false, defaultZone: null },
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
