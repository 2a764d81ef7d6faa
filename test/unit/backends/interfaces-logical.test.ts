import { describe, expect, it } from 'vitest';
import { converted, text } from './support.js';

const BRIDGE = `bridge_ports eth0
  bridge_stp off
  bridge_fd 0
  bridge_maxwait 0
  bridge_hw 52:54:00:12:34:56
`;

describe('what a stanza inherits', () => {
  it('is written out in front of its own options, and the stanza above stays', () => {
    const above = text(`
      iface base inet static
        # of all
        hwaddress ether 02:00:00:00:00:01
        dns-nameservers 192.0.2.1
      iface lan inherits base
        up logger $IFACE
    `);
    const { after, notes } = converted(
      `${above}auto eth0\niface eth0 inherits lan\n  address 192.168.1.10/24\n`,
    );
    expect(after.startsWith(above)).toBe(true);
    expect(after.slice(above.length)).toBe(
      `auto eth0\niface eth0 inet manual\n  hwaddress ether 02:00:00:00:00:01\n\nauto br0\niface br0 inet static\n  ${BRIDGE}  dns-nameservers 192.0.2.1\n  up logger $IFACE\n  address 192.168.1.10/24\n`,
    );
    expect(notes).toContain('What "iface eth0 inherits lan" inherits from lan is written out.');
  });

  it('from the uplink is written out, too, since the uplink has no options any more', () => {
    const { after } = converted(
      'iface eth0 inet static\n  address 192.168.1.10/24\n  up logger eth0\niface eth1 inet dhcp inherits eth0\n',
    );
    expect(after).toContain('\niface eth1 inet dhcp\n    address 192.168.1.10/24\n    up logger eth0\n');
  });

  it('stays as it is on a bridge that is there already', () => {
    const there = `iface base inet static\n  address 192.168.1.10/24\nauto br0\niface br0 inet static inherits base\n  ${BRIDGE}`;
    expect(converted(there).after).toBe(there);
  });
});

describe('a pattern', () => {
  it('that means the uplink, and its own stanza, is left for all', () => {
    const { after } = converted('auto lo /eth*\niface eth0 inet dhcp\niface eth1 inet dhcp\n');
    expect(after).toMatch(/^auto lo \/eth\*\niface eth0 inet manual\n\nauto br0\niface br0 inet dhcp\n/);
  });

  it.each([
    ['/eth*=lan', '/eth!(0)=lan'],
    ['/eth!(1)=lan', '/eth!(1|0)=lan'],
    ['/et*=lan', '/et!(h0)=lan'],
  ])('that gives it another stanza is for the others only: %s', (word, rest) => {
    const { after } = converted(`auto ${word}\n# wired\niface lan inet dhcp\n  metric 7\n\n# end\n`);
    expect(after).toBe(
      `auto ${rest}\n# wired\niface eth0 inet manual\n\nauto br0\niface br0 inet dhcp\n  ${BRIDGE}  metric 7\n\niface lan inet dhcp\n  metric 7\n\n# end\n`,
    );
  });

  it('a name with another stanza goes, and the stanza stays', () => {
    const { after } = converted('auto lo eth0=lan eth1=lan\niface lan inet dhcp\n');
    expect(after).toMatch(/^auto lo eth1=lan\niface eth0 inet manual\n/);
    expect(after.endsWith('\n\niface lan inet dhcp\n')).toBe(true);
  });
});
