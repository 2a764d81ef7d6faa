import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Conversion, convert } from '../../../src/backends/ifupdown/convert.js';
import { SetupError } from '../../../src/errors.js';
import type { AddressSpec } from '../../../src/model/spec.js';
import { files, hostFacts, link } from '../support/facts.js';
import { interfacesText, uplinkText } from './arbitrary.js';
import { converted, INTERFACES, spec, text } from './support.js';

const STATIC: AddressSpec = {
  method: 'static',
  address: '192.168.1.20/24',
  gateway: '192.168.1.254',
  nameservers: null,
};

describe('keep', () => {
  it('moves DHCP to the bridge, and waits for a NIC that udev may find late', () => {
    const { after, notes } = converted(
      text(`
        # The loopback network interface
        auto lo
        iface lo inet loopback

        # The primary network interface
        allow-hotplug eth0
        iface eth0 inet dhcp
      `),
    );
    expect(after).toBe(
      text(`
        # The loopback network interface
        auto lo
        iface lo inet loopback

        # The primary network interface
        iface eth0 inet manual

        auto br0
        iface br0 inet dhcp
            bridge_ports eth0
            bridge_stp off
            bridge_fd 0
            bridge_maxwait 0
            bridge_hw 52:54:00:12:34:56
            bridge_waitport 20 eth0
      `),
    );
    expect(notes).toEqual([]);
  });

  it('moves a static address with all that belongs to it, and leaves the rest of the file alone', () => {
    const { after } = converted(
      text(`
        auto lo eth0  eth1
        iface lo inet loopback

        iface eth0 inet static
          # the office
          address 192.168.1.10
          netmask 255.255.255.0
          gateway 192.168.1.1
          metric 10
          mtu 9000

          dns-nameservers 192.168.1.1 9.9.9.9
          dns-search example.org
          up   logger $IFACE

        # backup line
        iface eth1 inet dhcp
          metric   200
      `),
    );
    expect(after).toBe(
      text(`
        auto lo br0  eth1
        iface lo inet loopback

        iface eth0 inet manual

        iface br0 inet static
          bridge_ports eth0
          bridge_stp off
          bridge_fd 0
          bridge_maxwait 0
          bridge_hw 52:54:00:12:34:56
          # the office
          address 192.168.1.10
          netmask 255.255.255.0
          gateway 192.168.1.1
          metric 10
          mtu 9000

          dns-nameservers 192.168.1.1 9.9.9.9
          dns-search example.org
          up   logger $IFACE

        # backup line
        iface eth1 inet dhcp
          metric   200
      `),
    );
  });

  it('moves both families and every further stanza; bridge-utils needs bridge_ports in each', () => {
    const { after } = converted(
      text(`
        auto eth0
        iface eth0 inet static
            address 192.168.1.10/24
        iface eth0 inet static
            address 10.0.0.1/8
        iface eth0 inet6 auto
            privext 2
      `),
    );
    expect(after).toBe(
      text(`
        iface eth0 inet manual

        auto br0
        iface br0 inet static
            bridge_ports eth0
            bridge_stp off
            bridge_fd 0
            bridge_maxwait 0
            bridge_hw 52:54:00:12:34:56
            address 192.168.1.10/24
        iface br0 inet static
            bridge_ports eth0
            address 10.0.0.1/8
        iface br0 inet6 auto
            bridge_ports eth0
            privext 2
      `),
    );
  });

  it('turns aliases of the NIC into aliases of the bridge, which come up after it', () => {
    const { after, notes } = converted(
      text(`
        auto eth0:0 eth0
        iface eth0 inet dhcp
        iface eth0:0 inet static
            address 192.168.1.11/24
            up ip route add 10.1.0.0/16 via 192.168.1.2 dev eth0:0
        no-auto-down eth0
      `),
    );
    expect(after).toBe(
      text(`
        iface eth0 inet manual

        auto br0 br0:0
        iface br0 inet dhcp
            bridge_ports eth0
            bridge_stp off
            bridge_fd 0
            bridge_maxwait 0
            bridge_hw 52:54:00:12:34:56
        iface br0:0 inet static
            address 192.168.1.11/24
            up ip route add 10.1.0.0/16 via 192.168.1.2 dev br0:0
        no-auto-down br0
      `),
    );
    expect(notes).toEqual([
      'eth0:0 becomes br0:0; after "ifdown br0 && ifup br0", "ifup br0:0" brings it back.',
      expect.stringContaining('10.1.0.0/16 via 192.168.1.2 dev br0:0'),
    ]);
  });

  it('leaves with the NIC what is about the NIC, and brings it up for that', () => {
    const { after, notes } = converted(
      text(`
        auto eth0
        iface eth0 inet static
            address 192.168.1.10/24
            hwaddress ether 02:00:00:00:00:07
            ethernet-wol g
            up ethtool -K $IFACE tso off
            up ip -6 route add 2001:db8::/32 dev eth0
            up test -e /x && ip r add 10.0.0.0/8 via 192.168.1.2 dev eth0; logger eth0
            down /usr/local/bin/bye eth0
            post-up iptables -A FORWARD -i eth0.10 -j ACCEPT
      `),
    );
    expect(after).toBe(
      text(`
        auto eth0
        iface eth0 inet manual
            hwaddress ether 02:00:00:00:00:07
            ethernet-wol g
            up ethtool -K $IFACE tso off
            down /usr/local/bin/bye eth0

        auto br0
        iface br0 inet static
            bridge_ports eth0
            bridge_stp off
            bridge_fd 0
            bridge_maxwait 0
            bridge_hw 52:54:00:12:34:56
            address 192.168.1.10/24
            up ip -6 route add 2001:db8::/32 dev br0
            up test -e /x && ip r add 10.0.0.0/8 via 192.168.1.2 dev br0; logger eth0
            post-up iptables -A FORWARD -i eth0.10 -j ACCEPT
      `),
    );
    expect(notes).toEqual([
      '"hwaddress ether 02:00:00:00:00:07" is about the NIC and stays with eth0.',
      '"ethernet-wol g" is about the NIC and stays with eth0.',
      '"up ethtool -K $IFACE tso off" is about the NIC and stays with eth0.',
      '"up ip -6 route add 2001:db8::/32 dev eth0" becomes "up ip -6 route add 2001:db8::/32 dev br0".',
      '"up test -e /x && ip r add 10.0.0.0/8 via 192.168.1.2 dev eth0; logger eth0" becomes "up test -e /x && ip r add 10.0.0.0/8 via 192.168.1.2 dev br0; logger eth0".',
      '"post-up iptables -A FORWARD -i eth0.10 -j ACCEPT" moves to br0.',
      'eth0 still comes up by its own stanza, without an address.',
    ]);
  });

  it('says that cloud-init may undo it all', () => {
    const { notes } = converted('iface eth0 inet dhcp\n', spec(), {
      managers: [{ name: 'cloud-init', active: true, links: [] }],
    });
    expect(notes).toEqual([expect.stringContaining('cloud-init')]);
  });

  it('keeps line ends, tabs, and a stanza that ends the file without a line end', () => {
    const { after } = converted('auto eth0\r\niface eth0 inet static\r\n\taddress 192.168.1.10/24');
    expect(after).toBe(
      [
        'iface eth0 inet manual',
        '',
        'auto br0',
        'iface br0 inet static',
        '\tbridge_ports eth0',
        '\tbridge_stp off',
        '\tbridge_fd 0',
        '\tbridge_maxwait 0',
        '\tbridge_hw 52:54:00:12:34:56',
        '\taddress 192.168.1.10/24',
      ].join('\r\n'),
    );
  });

  it('waits for the port when STP is on, whose shortest delay is 2 s', () => {
    const { after, notes } = converted('iface eth0 inet dhcp\n', spec(undefined, { stp: true }));
    expect(after).toContain('    bridge_stp on\n    bridge_fd 2\n    bridge_maxwait 6\n');
    expect(notes).toEqual([expect.stringContaining('no forward delay below 2 s')]);
  });
});

describe('dhcp and static', () => {
  const before = text(`
    auto eth0
    iface eth0 inet static
        address 192.168.1.10
        netmask 255.255.255.0
        broadcast 192.168.1.255
        gateway 192.168.1.1
        dns-nameservers 192.168.1.1
        mtu 1400
    iface eth0 inet6 static
        address 2001:db8::10/64
        gateway 2001:db8::1
  `);
  const bridge = text(`
    iface eth0 inet manual

    auto br0
    iface br0 inet METHOD
        bridge_ports eth0
        bridge_stp off
        bridge_fd 0
        bridge_maxwait 0
        bridge_hw 52:54:00:12:34:56
  `);
  const inet6 = text(`
    iface br0 inet6 static
        bridge_ports eth0
        address 2001:db8::10/64
        gateway 2001:db8::1
  `);

  it('dhcp drops the static assignment, says so, and leaves IPv6 as it is', () => {
    const { after, notes } = converted(before, spec({ method: 'dhcp' }));
    expect(after).toBe(`${bridge.replace('METHOD', 'dhcp')}    mtu 1400\n${inet6}`);
    expect(notes.map((note) => /^"(\S+)/.exec(note)?.[1])).toEqual([
      'address',
      'netmask',
      'broadcast',
      'gateway',
      'dns-nameservers',
      'mtu',
    ]);
    expect(notes.at(-1)).toBe('"mtu 1400" moves to br0.');
  });

  it('static replaces address and gateway, and keeps the name servers unless told otherwise', () => {
    const { after } = converted(before, spec(STATIC));
    expect(after).toBe(
      `${bridge.replace('METHOD', 'static')}    address 192.168.1.20/24\n    gateway 192.168.1.254\n` +
        `    dns-nameservers 192.168.1.1\n    mtu 1400\n${inet6}`,
    );
    const told = converted(before, spec({ ...STATIC, nameservers: ['1.1.1.1', '9.9.9.9'] }));
    expect(told.after).toContain('    dns-nameservers 1.1.1.1 9.9.9.9\n');
    const none = converted(before, spec({ ...STATIC, nameservers: [] }));
    expect(none.after).not.toContain('dns-nameservers');
  });

  it('static leaves an address alone that is the same in other words', () => {
    const same: AddressSpec = { ...STATIC, address: '192.168.1.10/24', gateway: '192.168.1.1' };
    expect(converted(before, spec(same)).after).toContain(
      '    address 192.168.1.10\n    netmask 255.255.255.0\n',
    );
  });

  it('static takes over from DHCP', () => {
    const { after } = converted('iface eth0 inet dhcp\n\thostname box\n', spec(STATIC));
    expect(after).toContain(
      'iface br0 inet static\n\tbridge_ports eth0\n\tbridge_stp off\n\tbridge_fd 0\n\tbridge_maxwait 0\n' +
        '\tbridge_hw 52:54:00:12:34:56\n\taddress 192.168.1.20/24\n\tgateway 192.168.1.254\n',
    );
    expect(after).not.toContain('hostname');
  });

  it('adds an inet stanza where there is only IPv6, and lets that one make the bridge', () => {
    const { after } = converted('iface eth0 inet6 auto\n', spec(STATIC));
    expect(after).toBe(
      `${bridge.replace('METHOD', 'static')}    address 192.168.1.20/24\n    gateway 192.168.1.254\n\n` +
        'iface br0 inet6 auto\n    bridge_ports eth0\n',
    );
  });
});

describe('sourced files', () => {
  it('changes the file that owns the stanza, and takes the name out of the others', () => {
    const facts = hostFacts({
      files: files({
        [INTERFACES]: 'source interfaces.d/*\nauto lo eth0\niface lo inet loopback\n',
        '/etc/network/interfaces.d/office': 'iface eth0 inet dhcp\n',
        '/etc/network/interfaces.d/other': 'iface eth1 inet manual\n',
      }),
    });
    const { changed } = convert(facts.files, spec(), facts);
    expect(Object.keys(changed).sort()).toEqual([INTERFACES, '/etc/network/interfaces.d/office']);
    expect(changed[INTERFACES]).toBe('source interfaces.d/*\nauto lo\niface lo inet loopback\n');
    expect(changed['/etc/network/interfaces.d/office']).toContain('auto br0\niface br0 inet dhcp\n');
  });

  it('reads what ifup reads: no dots in source-directory, no circles, nothing that is not sourced', () => {
    const of = (main: string) =>
      hostFacts({
        files: files({
          [INTERFACES]: main,
          '/etc/network/interfaces.d/eth0.bak': 'iface eth0 inet dhcp\n',
          '/etc/network/interfaces.d/loop': 'source /etc/network/interfaces\n',
        }),
      });
    const plan = (main: string) => () => convert(of(main).files, spec(), of(main)).changed;
    expect(plan('source-directory interfaces.d\n')).toThrow('no iface stanza');
    expect(plan('auto lo\n')).toThrow('no iface stanza');
    expect(Object.keys(plan('source interfaces.d/*\n')())).toEqual(['/etc/network/interfaces.d/eth0.bak']);
  });
});

describe('a bridge that is there', () => {
  const own = text(`
    auto br0
    iface br0 inet static
        address 192.168.1.10/24
        bridge-ports eth0 eth1
        bridge-stp yes
        bridge-hw eth0
        bridge-maxage 12

    # more
    iface eth1 inet manual
  `);

  it('is adopted: only what differs is changed, in its own spelling', () => {
    const { after } = converted(own);
    expect(after).toBe(
      text(`
        auto br0
        iface br0 inet static
            address 192.168.1.10/24
            bridge-ports eth0 eth1
            bridge-stp off
            bridge-hw eth0
            bridge-fd 0
            bridge-maxage 12

        # more
        iface eth1 inet manual
      `),
    );
  });

  it('stays as it is when it is as wanted, whatever else it has', () => {
    const wanted = spec({ method: 'keep' }, { stp: true, forwardDelay: 15 });
    expect(converted(own, wanted).after).toBe(own);
  });

  it('gets another address where that is wanted, and an inet stanza behind its own', () => {
    expect(converted(own, spec(STATIC, { stp: true, forwardDelay: 15 })).after).toBe(
      own.replace('address 192.168.1.10/24', 'address 192.168.1.20/24\n    gateway 192.168.1.254'),
    );
    const { after } = converted(
      text(`
        allow-hotplug br0
        iface br0 inet6 auto
            bridge_ports eth0
            bridge_fd 0
            bridge_hw 52:54:00:12:34:56

        # more
        auto lo
      `),
      spec({ method: 'dhcp' }),
    );
    expect(after).toBe(
      text(`
        allow-hotplug br0
        iface br0 inet6 auto
            bridge_ports eth0
            bridge_fd 0
            bridge_hw 52:54:00:12:34:56

        iface br0 inet dhcp
            bridge_ports eth0

        # more
        auto lo
      `),
    );
  });

  it('is pinned to its MAC address and comes up at boot', () => {
    const { after, notes } = converted('iface br0 inet dhcp\n  bridge_ports eth0\n  bridge_fd 0\n');
    expect(after).toBe(
      'auto br0\niface br0 inet dhcp\n  bridge_ports eth0\n  bridge_fd 0\n  bridge_hw 52:54:00:12:34:56\n',
    );
    expect(notes).toEqual(['br0 comes up at boot from now on.']);
  });

  it('waits for STP once that is on', () => {
    const { after } = converted(
      'auto br0\niface br0 inet dhcp\n  bridge_ports eth0\n  bridge_maxwait 0\n',
      spec(undefined, { stp: true, forwardDelay: 4 }),
    );
    expect(after).toContain('  bridge_maxwait 10\n');
  });
});

describe('any text', () => {
  const address = fc.constantFrom<AddressSpec>({ method: 'keep' }, { method: 'dhcp' }, STATIC);
  const facts = hostFacts({ links: [link({ addresses: [] })] });

  /** Convert, and convert the result; `null` when the text is refused. Anything but that is thrown. */
  function twice(main: string, sourced: string, wanted: AddressSpec) {
    const before = files({ [INTERFACES]: main, '/etc/network/interfaces.d/x': sourced });
    let first: Conversion;
    try {
      first = convert(before, spec(wanted), facts);
    } catch (error) {
      if (error instanceof SetupError) return null;
      throw error;
    }
    return { first, second: convert({ ...before, ...files(first.changed) }, spec(wanted), facts) };
  }

  it('is refused or converted, and nothing else', () => {
    fc.assert(
      fc.property(interfacesText, interfacesText, address, (main, sourced, wanted) => {
        expect(twice(main, sourced, wanted)?.second.changed ?? {}).toEqual({});
      }),
      { numRuns: 2000 },
    );
  });

  it('of a working host becomes a fixed point that ifup can read, and has every comment', () => {
    let conversions = 0;
    const comments = (content: string) => content.match(/# .*/g)?.length ?? 0;
    fc.assert(
      fc.property(uplinkText, address, (main, wanted) => {
        const result = twice(main, '', wanted);
        if (result === null) return;
        conversions++;
        const { first, second } = result;
        expect(second.changed).toEqual({});
        expect(first.after.problems).toEqual([]);
        expect(comments(first.changed[INTERFACES] ?? '')).toBe(comments(main));
        // Only the port, in `manual`, is left of the uplink.
        const rest = first.after.ifaces.filter(({ name }) => name === 'eth0' || name === 'eth0:1');
        expect(new Set(rest.map(({ method }) => method))).toEqual(new Set(['manual']));
      }),
      { numRuns: 1000 },
    );
    expect(conversions, 'most texts are accepted').toBeGreaterThan(700);
  });
});
