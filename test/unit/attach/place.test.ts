import { describe, expect, it } from 'vitest';
import type { NetLink } from '../../../src/attach/ip.js';
import { findPlace } from '../../../src/attach/place.js';
import type { Target } from '../../../src/attach/rule/grammar.js';
import { refusal } from '../../../src/errors.js';
import { FakeHost } from '../support/fake-host.js';

const MAC = '02:00:00:00:00:01';
const link = (name: string, parts: Partial<NetLink> = {}): NetLink => ({
  name,
  index: 1,
  peerIndex: null,
  up: true,
  mtu: 1500,
  mac: MAC,
  master: null,
  kind: null,
  alias: null,
  addresses: [],
  ...parts,
});
const place = (
  target: Target | string,
  links: NetLink[],
  options: { directPhys?: boolean; create?: boolean } = {},
  host = new FakeHost(),
) => {
  const rule = {
    target: typeof target === 'string' ? ({ by: 'name', name: target } as const) : target,
    directPhys: false,
    create: false,
    ...options,
  };
  return findPlace(host, rule, { links, ovsProblem: null });
};

describe('findPlace', () => {
  it('takes a bridge for a bridge, another NIC for a macvlan, and a missing dummy for a dummy', async () => {
    const links = [link('br0', { kind: 'bridge' }), link('eth1')];
    expect(await place('br0', links)).toMatchObject({ kind: 'bridge', link: 'br0' });
    expect(await place('eth1', links)).toMatchObject({ kind: 'macvlan', link: 'eth1' });
    expect(await place('eth1', links, { directPhys: true })).toMatchObject({ kind: 'phys' });
    expect(await place('dummy', links)).toMatchObject({ kind: 'dummy', found: null });
    expect(await place('ovsbr0', [link('ovsbr0', { ovs: { role: 'bridge' } })])).toMatchObject({
      kind: 'bridge',
    });
    expect(await place('br7', links, { create: true })).toMatchObject({ kind: 'bridge', found: null });
  });

  it('finds by MAC address what can be attached to: the bridge of a port, the NIC of a VLAN', async () => {
    const target = { by: 'mac', mac: MAC } as const;
    const bridged = [link('br0', { kind: 'bridge' }), link('eth0', { master: 'br0' })];
    expect(await place(target, bridged)).toMatchObject({ link: 'br0' });
    expect(await place(target, [link('a.7', { kind: 'vlan' }), link('eth0')])).toMatchObject({
      link: 'eth0',
    });
    await expect(place(target, [link('eth0'), link('eth1')])).rejects.toMatchObject({
      code: 'mac-ambiguous',
    });
    await expect(place(target, [])).rejects.toMatchObject({ code: 'interface-missing' });
  });

  it.each<[string, string, NetLink[], { directPhys?: boolean }]>([
    ['bridge-missing', 'br7', [], {}],
    ['interface-missing', 'eth9', [], { directPhys: true }],
    ['ovs-not-installed', 'ovsbr0', [], {}],
    ['not-a-nic', 'x', [link('x', { kind: 'openvswitch' })], {}],
    ['not-a-nic', 'ovsbr0', [link('ovsbr0', { ovs: { role: 'bridge' } })], { directPhys: true }],
    ['not-supported', 'x', [link('x', { ovs: { role: 'fake-bridge', parent: 'ovsbr0', vlan: 20 } })], {}],
    ['not-a-nic', 'lo', [link('lo')], {}],
    ['not-a-nic', 'bs1', [link('bs1', { alias: 'bridge-setup:0123456789ab:eth0' })], {}],
    ['not-a-nic', 'br0', [link('br0', { kind: 'bridge' })], { directPhys: true }],
    ['nic-in-use', 'eth0', [link('eth0', { master: 'br0' })], {}],
  ])('refuses with %s', async (code, name, links, options) => {
    await expect(place(name, links, options)).rejects.toMatchObject({ code, exitCode: 3 });
  });

  it('tells an Open vSwitch bridge that is missing from one that has no interface, and from silence', async () => {
    const host = new FakeHost();
    host.programs.set('ovs-vsctl', '/usr/bin/ovs-vsctl');
    host.script = () => ({ stdout: 'ovsbr0\n' });
    await expect(place('ovsbr0', [], {}, host)).rejects.toMatchObject({ code: 'ovs-bridge-down' });
    await expect(place('ovsbr1', [], {}, host)).rejects.toMatchObject({ code: 'bridge-missing' });
    host.script = () => ({ exitCode: 1, stderr: 'ovs-vsctl: database connection failed' });
    await expect(place('ovsbr1', [], {}, host)).rejects.toMatchObject({ code: 'ovs-failed' });
  });

  it('takes nothing for a NIC that may be an Open vSwitch bridge while that does not answer', async () => {
    const rule = { target: { by: 'name', name: 'ovsbr0' } as const, directPhys: false, create: false };
    const links = [link('ovsbr0', { kind: 'tun' }), link('br0', { kind: 'bridge' })];
    const seen = { links, ovsProblem: refusal('ovs-failed', 'no answer') };
    await expect(findPlace(new FakeHost(), rule, seen)).rejects.toMatchObject({ code: 'ovs-failed' });
    const other = { ...rule, target: { by: 'name', name: 'br0' } as const };
    await expect(findPlace(new FakeHost(), other, seen)).resolves.toMatchObject({ kind: 'bridge' });
  });

  it('refuses InfiniBand, wireless and the NIC of the default route', async () => {
    const host = new FakeHost();
    host.content.set('/sys/class/net/ib0/type', '32\n');
    host.content.set('/sys/class/net/wlan0/phy80211', '');
    host.script = (argv) => ({ stdout: argv.includes('eth0') ? 'default via 10.0.0.1\n' : '' });
    const code = (name: string, directPhys: boolean) =>
      place(name, [link(name)], { directPhys }, host).catch(({ code: text }) => text);
    expect(await code('ib0', false)).toBe('not-supported');
    expect(await code('wlan0', true)).toBe('not-supported');
    expect(await code('eth0', true)).toBe('nic-in-use');
    expect(await code('eth0', false)).toMatchObject({ kind: 'macvlan' });
  });
});
