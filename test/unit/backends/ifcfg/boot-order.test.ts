import { describe, expect, it } from 'vitest';
import { spec } from '../support.js';
import { converted, NETWORK } from './support.js';

const ETH0 = 'DEVICE=eth0\nIPADDR=192.168.1.10\nPREFIX=24\n';
const other = (name: string, more = '') => ({ [`ifcfg-${name}`]: `DEVICE=${name}\n${more}` });

describe('routes through the uplink in files of other links', () => {
  it('go to the file of the bridge, which comes up behind them', () => {
    const { changed, notes, like } = converted({
      'ifcfg-eth0': ETH0,
      ...other('eth1'),
      'route-eth1': '10.1.0.0/16 via 192.168.1.2 dev eth0\n# on the other side\n10.2.0.0/16 via 10.0.0.1\n',
      'route6-eth1': '2001:db8:1::/48 via fe80::1 dev eth0',
    });
    expect(changed).toMatchObject({
      'route-br0': '10.1.0.0/16 via 192.168.1.2 dev br0\n',
      'route-eth1': '# on the other side\n10.2.0.0/16 via 10.0.0.1\n',
      'route6-br0': '2001:db8:1::/48 via fe80::1 dev br0\n',
      'route6-eth1': '',
    });
    expect(like['/etc/sysconfig/network-scripts/route-br0']).toContain('route-eth1');
    expect(notes.filter((note) => note.includes('route-eth1'))).toEqual([
      '"10.1.0.0/16 via 192.168.1.2 dev eth0" goes from /etc/sysconfig/network-scripts/route-eth1 to /etc/sysconfig/network-scripts/route-br0: eth1 comes up before br0.',
    ]);
  });

  it('go behind those that the uplink has itself', () => {
    const { changed } = converted({
      'ifcfg-eth0': ETH0,
      'route-eth0': '172.16.0.0/12 via 192.168.1.3',
      ...other('eth1'),
      'route-eth1': '10.1.0.0/16 via 192.168.1.2 dev eth0\n',
    });
    expect(changed['route-br0']).toBe('172.16.0.0/12 via 192.168.1.3\n10.1.0.0/16 via 192.168.1.2 dev br0\n');
  });

  it.each([
    ['a link that does not come up at boot', other('eth1', 'ONBOOT=no\n')],
    ['a tunnel, which comes up behind bridges', other('eth1', 'TYPE=GRE\n')],
    ['a bridge', other('eth1', 'TYPE=Bridge\n')],
    [
      'one where the routes of the uplink are written in the other way',
      { ...other('eth1'), 'route-eth0': 'ADDRESS0=10.9.0.0\n' },
    ],
  ])('stay with %s, by the name of the bridge', (_, files) => {
    const { changed } = converted({ 'ifcfg-eth0': ETH0, ...files, 'route-eth1': '10.1.0.0/16 dev eth0\n' });
    expect(changed['route-eth1']).toBe('10.1.0.0/16 dev br0\n');
  });
});

describe('what the last link to come up decides is a risk', () => {
  const codes = (own: string, others: Record<string, string>) =>
    converted({ 'ifcfg-eth0': ETH0 + own, ...others }).risks.map(({ check }) => check);

  it.each<[string, string, Record<string, string>, string[]]>([
    ['name servers', 'DNS1=192.168.1.1\n', other('eth1', 'DNS1=10.0.0.1\n'), ['name-servers-order']],
    [
      'a lease',
      'DNS1=192.168.1.1\nDEFROUTE=no\n',
      other('eth10', 'BOOTPROTO=dhcp\n'),
      ['name-servers-order'],
    ],
    ['gateways', 'GATEWAY=192.168.1.1\n', other('eth1', 'GATEWAY=10.0.0.1\n'), ['default-route-order']],
    ['metrics', 'GATEWAY=192.168.1.1\nMETRIC=9\n', other('eth1', 'GATEWAY=10.0.0.1\n'), []],
    ['DEFROUTE=no', 'GATEWAY=192.168.1.1\n', other('eth1', 'GATEWAY=10.0.0.1\nDEFROUTE=no\n'), []],
    ['PEERDNS=no', 'DNS1=192.168.1.1\n', other('eth1', 'DNS1=10.0.0.1\nPEERDNS=no\n'), []],
    ['ONBOOT=no', 'DNS1=192.168.1.1\n', other('eth1', 'DNS1=10.0.0.1\nONBOOT=no\n'), []],
    ['one that came first', 'DNS1=192.168.1.1\n', other('em1', 'DNS1=10.0.0.1\n'), []],
    ['a bridge of its own', 'DNS1=192.168.1.1\n', other('virbr0', 'DNS1=10.0.0.1\nTYPE=Bridge\n'), []],
    [
      'GATEWAYDEV',
      'GATEWAY=192.168.1.1\n',
      { ...other('eth1', 'GATEWAY=10.0.0.1\n'), [NETWORK]: 'GATEWAYDEV=eth1\n' },
      [],
    ],
  ])('%s', (_, own, others, expected) => expect(codes(own, others)).toEqual(expected));
});

describe('the default route of another link, which the kernel has', () => {
  const route = { family: 4, destination: 'default', gateway: '10.0.0.1', protocol: 'boot' } as const;
  const of = (own: string, wanted = spec(), metric = 0) =>
    converted({ 'ifcfg-eth0': own, ...other('eth1', 'GATEWAY=10.0.0.1\n') }, wanted, {
      routes: [{ ...route, link: 'eth1', metric }],
    });
  const codes = ({ risks }: ReturnType<typeof of>) => risks.map(({ check }) => check);

  it.each([
    ['a gateway', `${ETH0}GATEWAY=192.168.1.1\n`, spec()],
    ['a lease', 'DEVICE=eth0\nBOOTPROTO=dhcp\n', spec()],
    ['a lease that is asked for', `${ETH0}GATEWAY=192.168.1.1\n`, spec({ method: 'dhcp' })],
  ])('stays, beside %s of the uplink', (_, own, wanted) => {
    const result = of(own, wanted);
    expect(result.changed['ifcfg-br0']).toMatch(/^DEFROUTE=no$/m);
    expect(codes(result)).toEqual([]);
    expect(result.notes.join('\n')).toContain('the default route of eth1 counts, as before');
  });

  it.each([
    ['another metric', `${ETH0}GATEWAY=192.168.1.1\n`, spec(), 5],
    [
      'a gateway that is asked for',
      `${ETH0}GATEWAY=192.168.1.1\n`,
      spec({ method: 'static', address: '192.168.1.10/24', gateway: '192.168.1.9', nameservers: null }),
      0,
    ],
  ])('gives way to %s', (_, own, wanted, metric) => {
    const result = of(own, wanted, metric);
    expect(result.changed['ifcfg-br0']).not.toContain('DEFROUTE');
    expect(codes(result)).toEqual(['default-route-order']);
  });
});

describe('what names the uplink in files of the bridge', () => {
  it('is renamed in IPV6TO4_ROUTING', () => {
    const { changed } = converted({
      'ifcfg-eth0': `${ETH0}IPV6TO4_ROUTING="eth0-:1::1/64 eth01-:2::1/64"\n`,
    });
    expect(changed['ifcfg-br0']).toContain('IPV6TO4_ROUTING="br0-:1::1/64 eth01-:2::1/64"\n');
  });

  it('goes with the commands of a lease, and is a risk where it is no route', () => {
    const from = '/etc/dhcp/dhclient-eth0-up-hooks';
    const { changed, risks, like } = converted({
      'ifcfg-eth0': 'DEVICE=eth0\nBOOTPROTO=dhcp\n',
      [from]: '# eth0\nip route add 10.0.0.0/8 dev eth0\ntell eth0\n',
      '/etc/dhcp/dhclient-eth0-down-hooks': 'logger bye\n',
    });
    const to = '/etc/dhcp/dhclient-br0-up-hooks';
    expect(changed).toMatchObject({
      [from]: null,
      [to]: '# eth0\nip route add 10.0.0.0/8 dev br0\ntell eth0\n',
      '/etc/dhcp/dhclient-br0-down-hooks': 'logger bye\n',
    });
    expect(like[to]).toBe(from);
    expect(risks).toEqual([
      {
        check: 'file-names-uplink',
        severity: 'warning',
        message: `"tell eth0" (line 3 of ${to}) names eth0, and bridge-setup does not know what it does.`,
        remedy: 'Check whether it should name br0, which has the addresses of eth0 from now on.',
      },
    ]);
  });
});
