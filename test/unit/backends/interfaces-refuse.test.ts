import { describe, expect, it } from 'vitest';
import { convert } from '../../../src/backends/ifupdown/convert.js';
import { SetupError } from '../../../src/errors.js';
import type { AddressSpec } from '../../../src/model/spec.js';
import { link } from '../support/facts.js';
import { refusedBy } from '../support/refused.js';
import { factsWith, refusedAs, spec } from './support.js';

const DHCP = 'iface eth0 inet dhcp\n';

function refusal(interfaces: string, address?: AddressSpec, bridge = {}) {
  const facts = factsWith(interfaces);
  return refusedAs(() => convert(facts.files, spec(address, bridge), facts));
}

describe('convert refuses', () => {
  it.each([
    ['uplink-not-in-interfaces', 'auto lo\niface lo inet loopback\n'],
    ['bridge-name-taken', `${DHCP}iface br0 inet manual\n  bridge_ports eth1\n`],
    ['bridge-name-taken', `${DHCP}iface br0 inet dhcp\n`],
    ['uplink-is-port', `${DHCP}iface br1 inet manual\n  bridge-ports eth1 eth0\n`],
    ['uplink-carries', `${DHCP}auto eth0.10\niface eth0.10 inet manual\n`],
    ['uplink-carries', `${DHCP}iface eth0.10:1 inet static\n  address 10.0.0.1/8\n`],
    ['uplink-carries', `${DHCP}iface office inet dhcp\n  vlan_raw_device eth0\n`],
    ['uplink-carries', `${DHCP}iface br10 inet manual\n  bridge_ports eth0.10 eth1\n`],
    ['uplink-is-port', `${DHCP}iface bond0 inet manual\n  bond-slaves eth1 eth0\n`],
    ['uplink-is-port', `${DHCP}iface bond0 inet manual\n  slaves eth0\n`],
    ['uplink-is-port', 'iface eth0 inet manual\n  bond-master bond0\n'],
    ['hook-starts-dhcp', 'iface eth0 inet manual\n  up dhclient -v eth0\n'],
    ['hook-starts-dhcp', `${DHCP}  post-up (sleep 5; /sbin/dhclient -6 $IFACE)\n`],
    ['uplink-is-bridge', 'iface eth0 inet dhcp\n  bridge_ports eth1\n'],
    ['bridge-ports-pattern', `${DHCP}iface br1 inet manual\n  bridge_ports regex eth.*\n`],
    ['port-has-address', `${DHCP}iface br0 inet dhcp\n  bridge_ports eth0\n`],
    ['mako-template', `% for n in range(4):\n${DHCP}% endfor\n`],
    ['mako-template', `${DHCP}  up echo\n${'$'}{port}\n`],
    ['ifupdown-dialect', 'iface eth0\n  use dhcp\n'],
    ['ifupdown-dialect', `${DHCP}  requires eth1\n`],
    ['ifupdown-dialect', `template base\n${DHCP}`],
    ['ifupdown-dialect', 'iface eth0 inet static\n  address 10.0.0.1/8\n  address 10.0.0.2/8\n'],
    ['uplink-renamed', `rename eth0=lan0\n${DHCP}`],
    ['uplink-renamed', `rename eth1=lan1 /eth*=lan0\n${DHCP}`],
    ['uplink-mapped', `mapping eth*\n  script /bin/x\n${DHCP}`],
    ['uplink-mapped', 'mapping office\n  script /bin/x\nauto eth0=office\niface office inet dhcp\n'],
    ['uplink-pattern', `auto eth0=office\niface office inet dhcp\n${DHCP}`],
    ['uplink-pattern', 'auto eth0=a eth0=b\niface a inet dhcp\niface b inet dhcp\n'],
    ['uplink-pattern', 'allow-hotplug eth0=office\niface office inet dhcp\n'],
    ['uplink-pattern', 'auto /e*0=office\niface office inet dhcp\n'],
    ['uplink-pattern', `auto /*\n${DHCP}`],
    ['uplink-pattern', `auto /@(eth|br)*\n${DHCP}`],
    ['uplink-pattern', `auto type/1\n${DHCP}`],
    ['uplink-pattern', `auto /eth*/1\n${DHCP}`],
    ['uplink-pattern', `allow-hotplug mac/52:54:*\n${DHCP}`],
    ['inherited-twice', `iface a inet dhcp\n  mtu 1400\niface eth0 inet dhcp inherits a\n  mtu 1500\n`],
    ['interfaces-unreadable', 'iface eth0 inet dhcp inherits later\niface later inet dhcp\n'],
    ['interfaces-unreadable', 'iface a inet6 auto\niface eth0 inet dhcp inherits a\n'],
    ['ifupdown-dialect', `${DHCP}  inherits base\n`],
    ['scripts-disabled', `no-scripts b*\n${DHCP}`],
    ['scripts-disabled', `${DHCP}no-scripts\n`],
    ['method-not-supported', 'iface eth0 inet ppp\n'],
    ['uplink-has-supplicant', `${DHCP}  wpa-conf /etc/wpa.conf\n`],
    ['interfaces-unreadable', `${DHCP}  metric\n`],
    ['interfaces-unreadable', `${DHCP}source "/etc/network/interfaces.d/*"\n`],
    ['uplink-configured-elsewhere', 'iface eth0 inet manual\n'],
  ])('%s: %j', (code, interfaces) => {
    expect(refusal(interfaces)).toBe(code);
  });

  it.each([
    'iface eth1.10 inet manual\n',
    'iface eth0.10x inet manual\n',
    'iface vlan10 inet manual\n  vlan-raw-device eth1\n',
    'iface bond0 inet manual\n  bond-slaves none\n',
  ])('nothing that stands on another NIC: %j', (other) => expect(refusal(DHCP + other)).toBe('not refused'));

  it('VLANs with all their lines, and one of them as what to bridge', async () => {
    const facts = factsWith(`${DHCP}iface eth0.10 inet manual\niface eth0.20 inet manual\n`);
    expect(await refusedBy(() => convert(facts.files, spec(), facts))).toMatchObject({
      message: expect.stringContaining('eth0.10, eth0.20'),
      problems: [
        { path: 'bridge.uplink', message: '/etc/network/interfaces:2: "iface eth0.10 inet manual"' },
        { path: 'bridge.uplink', message: '/etc/network/interfaces:3: "iface eth0.20 inet manual"' },
      ],
      hint: expect.stringContaining('set bridge.uplink to "eth0.10"'),
    });
  });

  it('an alias whose name would be too long', () => {
    const interfaces = `${DHCP}iface eth0:0 inet static\n  address 10.0.0.1/8\n`;
    expect(refusal(interfaces, undefined, { name: 'bridge-for-lan' })).toBe('alias-name-too-long');
    expect(refusal(interfaces)).toBe('not refused');
  });

  it('a second gateway, unless it has another metric', () => {
    const wanted: AddressSpec = {
      method: 'static',
      address: '10.0.0.2/8',
      gateway: '10.0.0.1',
      nameservers: null,
    };
    const second = `${DHCP}iface eth0:0 inet static\n  address 192.168.7.2/24\n  gateway 192.168.7.1\n`;
    expect(refusal(second, wanted)).toBe('two-gateways');
    expect(refusal(`${second}  metric 900\n`, wanted)).toBe('not refused');
  });

  it('nothing that merely looks like it', () => {
    const interfaces = [
      'auto /en* /eth!(0)=other mac/02:*',
      'rename mac/52:54:00:12:34:56=eth0 eth1=lan1',
      'no-scripts eth0',
      'mapping wlan*',
      '  script /bin/x',
      'iface eth0 inet dhcp',
      'iface br10 inet manual',
      '  bridge_ports eth01',
      'iface wlan0 inet dhcp',
      '  wpa-conf /etc/wpa.conf',
      '',
    ].join('\n');
    expect(refusal(interfaces)).toBe('not refused');
  });

  it('an address that no file explains only when it is to be kept', () => {
    expect(refusal('iface eth0 inet manual\n', { method: 'dhcp' })).toBe('not refused');
    expect(refusal('iface eth0 inet manual\n  up ip addr add 192.168.1.10/24 dev eth0\n')).toBe(
      'not refused',
    );
    const facts = factsWith('iface eth0 inet manual\n', { links: [link({ addresses: [] })] });
    expect(refusedAs(() => convert(facts.files, spec(), facts))).toBe('not refused');
  });

  it('with file and line of what is wrong', () => {
    const facts = factsWith(`${DHCP}auto lo\naddress 10.0.0.1\n`);
    let thrown: unknown;
    try {
      convert(facts.files, spec(), facts);
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toBeInstanceOf(SetupError);
    expect((thrown as SetupError).problems).toEqual([
      { message: '/etc/network/interfaces:3: "address" stands outside of any stanza' },
    ]);
  });
});
