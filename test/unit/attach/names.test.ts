import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  containerMac,
  dhcpHostname,
  hostLinkName,
  hostSideMac,
  insideAlias,
  linkAlias,
  parseAlias,
} from '../../../src/attach/names.js';
import { interfaceName } from '../../../src/model/answers-bridge.js';

const id = fc.stringMatching(/^[0-9a-f]{64}$/);
const cif = fc.stringMatching(/^[a-z][a-z0-9_.-]{0,14}$/);

describe('names', () => {
  it('stays the same: links and reservations outlive an update of the tool', () => {
    expect(hostLinkName('0123456789abcdef'.repeat(4), 'eth0')).toMatchInlineSnapshot(`"bs51be3a4c7763"`);
    expect(containerMac('br0', 'web', 'eth0')).toMatchInlineSnapshot(`"1a:53:51:f5:96:9a"`);
    const machine = '0123456789abcdef'.repeat(2);
    expect(containerMac('br0', 'web', 'eth0', machine)).toMatchInlineSnapshot(`"5a:f3:42:d1:71:e1"`);
    expect(containerMac('br0', 'web', 'eth0', machine.replace('0', '1'))).toMatchInlineSnapshot(
      `"42:48:a7:85:6a:f6"`,
    );
  });

  it('gives a host link a name that the kernel takes, another one for each interface', () => {
    fc.assert(
      fc.property(id, cif, cif, (container, one, two) => {
        const name = hostLinkName(container, one);
        expect(interfaceName.safeParse(name).success).toBe(true);
        expect(name === hostLinkName(container, two)).toBe(one === two);
      }),
    );
  });

  it('makes a unicast, locally administered MAC address, and a host side above every NIC', () => {
    fc.assert(
      fc.property(fc.string(), cif, (container, one) => {
        const mac = containerMac('br0', container, one);
        expect(mac).toMatch(/^[0-7][26ae](:[0-9a-f]{2}){5}$/);
        expect(hostSideMac(mac)).toMatch(/^fe(:[0-9a-f]{2}){5}$/);
      }),
    );
  });

  it("never gives the host side the container's own address, whatever address a rule gives", () => {
    for (const mac of ['fe:00:00:00:00:07', 'fe:ff:ff:ff:ff:ff', 'fe:7f:7f:7f:7f:80']) {
      expect(hostSideMac(mac)).toMatch(/^fe(:[0-9a-f]{2}){5}$/);
      expect(hostSideMac(mac)).not.toBe(mac);
    }
  });

  it('reads back what it wrote into an alias, and no alias of anybody else', () => {
    fc.assert(
      fc.property(id, cif, (container, one) => {
        expect(parseAlias(linkAlias(container, one))).toEqual({
          container: container.slice(0, 12),
          interfaceName: one,
        });
      }),
    );
    // A NIC on its way back is no host link: those are deleted.
    expect(parseAlias(insideAlias('0123456789ab', 'eth1'))).toBeNull();
    for (const alias of [null, '', 'uplink', 'bridge-setup:', 'bridge-setup:0123456789ab:a b']) {
      expect(parseAlias(alias)).toBeNull();
    }
  });
});

describe('dhcpHostname', () => {
  const id = 'b147df6a23f9'.padEnd(64, '0');

  it.each([
    ['web', 'box', 'box'],
    ['web', 'box.lan.example', 'box.lan.example'],
    // Docker's own, another one after each re-creation.
    ['web_1', 'b147df6a23f9', 'web-1'],
    ['web', '', 'web'],
    ['a'.repeat(80), '', 'a'.repeat(63)],
    ['web', '-$(id)-', 'id'],
    ['___', '', null],
  ])('of the container %s with the host name %j is %j', (name, hostname, expected) => {
    expect(dhcpHostname({ id, name, hostname })).toBe(expected);
  });
});
