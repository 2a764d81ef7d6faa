import { describe, expect, it } from 'vitest';
import type { Link } from '../../../src/model/facts.js';
import { link } from '../support/facts.js';
import { ids, onlyFinding } from '../support/findings.js';

/** A link on top of another one. */
const on = (lower: string, kind: string, name: string): Link =>
  link({ name, kind, lower, physical: false, addresses: [] });

const OUR_BRIDGE = [link({ master: 'br0' }), link({ name: 'br0', kind: 'bridge', physical: false })];

describe('uplink-carries-vlans', () => {
  it('names the VLANs, and one of them as the uplink', () => {
    const finding = onlyFinding({
      links: [link(), on('eth0', 'vlan', 'eth0.10'), on('eth0', 'vlan', 'office')],
    });
    expect(finding).toMatchObject({
      check: 'uplink-carries-vlans',
      severity: 'error',
      path: 'bridge.uplink',
      message: expect.stringContaining('eth0 carries VLANs (eth0.10, office)'),
      remedy: expect.stringContaining('set bridge.uplink to "eth0.10"'),
    });
  });

  it('lets a VLAN itself be the uplink', () => {
    expect(ids({ links: [link(), on('eth0', 'vlan', 'eth0.10')] }, {}, 'eth0.10')).toEqual([]);
  });
});

describe('uplink-carries-macvlans', () => {
  it.each(['macvlan', 'macvtap', 'ipvlan', 'ipvtap'])('is said of %s', (kind) => {
    expect(onlyFinding({ links: [link(), on('eth0', kind, 'mv0')] })).toMatchObject({
      check: 'uplink-carries-macvlans',
      severity: 'error',
      path: 'bridge.uplink',
      message: expect.stringContaining('eth0 carries mv0'),
      remedy: expect.stringContaining('`ip link delete mv0`'),
    });
  });

  it('is said beside the VLANs', () => {
    const links = [link(), on('eth0', 'vlan', 'eth0.10'), on('eth0', 'macvlan', 'mv0')];
    expect(ids({ links })).toEqual(['error uplink-carries-vlans', 'error uplink-carries-macvlans']);
  });
});

describe('nothing hangs on the uplink', () => {
  it.each<[string, Link[]]>([
    ['it is a veth, and the link below is its peer', [link({ kind: 'veth' }), on('eth0', 'veth', 'peer0')]],
    ['they hang on another NIC', [link(), on('eth1', 'vlan', 'eth1.10'), on('eth1', 'macvlan', 'mv0')]],
    ['it is the port of our bridge already', [...OUR_BRIDGE, on('eth0', 'vlan', 'eth0.10')]],
    ['a tunnel leads through it', [link(), on('eth0', 'vxlan', 'vx0')]],
  ])('where %s', (_what, links) => expect(ids({ links })).toEqual([]));
});
