import { describe, expect, it } from 'vitest';
import type { Link } from '../../../src/model/facts.js';
import { link } from '../support/facts.js';
import { onlyFinding } from '../support/findings.js';

/** eth0 as the port of a link of that kind, with eth1 as another port of it, and eth2 free. */
const portOf = (master: string, kind: string | null) => ({
  links: [
    link({ master }),
    link({ name: 'eth1', master }),
    link({ name: 'eth2' }),
    link({ name: master, kind, physical: false }),
  ] satisfies Link[],
});

describe('an uplink that is a port already', () => {
  it.each([
    ['br7', 'bridge', 'a port of br7.', 'set bridge.name to "br7"'],
    ['bond0', 'bond', 'a port of the bond bond0.', 'set bridge.uplink to "bond0"'],
    ['team0', 'team', 'a port of the team team0.', 'set bridge.uplink to "team0"'],
    ['what0', 'novelty', 'a port of what0.', 'set bridge.uplink to "what0"'],
    ['ovs-system', 'openvswitch', 'belongs to Open vSwitch', '`ovs-vsctl del-port eth0`'],
    ['ovs-system', null, 'belongs to Open vSwitch', '`ovs-vsctl del-port eth0`'],
    ['blue', 'vrf', 'belongs to the VRF blue', 'Choose another uplink.'],
  ])('of %s (%s) is refused: %s %s', (master, kind, message, remedy) => {
    const finding = onlyFinding(portOf(master, kind));
    expect(finding).toMatchObject({ check: 'uplink-is-a-port', severity: 'error', path: 'bridge.uplink' });
    expect(finding.message).toContain(message);
    expect(finding.remedy).toContain(remedy);
  });

  it('is not told to use what cannot be bridged, as its master or instead', () => {
    const { links } = portOf('what0', 'novelty');
    const other = (name: string, parts: Partial<Link>) => link({ name, ...parts });
    const { remedy } = onlyFinding({
      links: [
        ...links.slice(0, 3),
        other('what0', { kind: 'novelty', physical: false, type: 'none', mac: null }),
        other('wlan0', { wireless: true }),
        other('ib0', { type: 'infiniband' }),
        other('ppp0', { type: 'ppp', mac: null }),
        other('mv0', { kind: 'macvlan' }),
      ],
    });
    expect(remedy).toBe('Take it out of there first, or choose another uplink. This host has eth2.');
  });

  it('is not told to use Open vSwitch, or another of its ports, as the uplink', () => {
    const { remedy } = onlyFinding(portOf('ovs-system', 'openvswitch'));
    expect(remedy).toContain('This host has eth2.');
    expect(remedy).not.toMatch(/eth1|uplink to/);
  });
});
