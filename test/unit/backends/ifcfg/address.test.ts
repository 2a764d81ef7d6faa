import { describe, expect, it } from 'vitest';
import { fixedAddresses } from '../../../../src/backends/ifcfg/address.js';
import { effectiveGateway } from '../../../../src/backends/ifcfg/live.js';
import { parse } from '../../../../src/backends/ifcfg/parse.js';

const addresses = (...lines: string[]) => fixedAddresses(parse(lines.join('\n'))).map(({ text }) => text);

describe('fixedAddresses', () => {
  it.each<[string, string[], (string | null)[]]>([
    ['IPADDR and PREFIX', ['IPADDR=10.0.0.1', 'PREFIX=24'], ['10.0.0.1/24']],
    ['PREFIX before NETMASK', ['IPADDR=10.0.0.1', 'PREFIX=24', 'NETMASK=255.0.0.0'], ['10.0.0.1/24']],
    ['a class A', ['IPADDR=10.0.0.1'], ['10.0.0.1/8']],
    ['a class B', ['IPADDR=172.16.0.1'], ['172.16.0.1/16']],
    ['a class C', ['IPADDR=192.168.1.1'], ['192.168.1.1/24']],
    ['the prefix of its own number only', ['IPADDR1=10.0.0.1', 'PREFIX=24'], ['10.0.0.1/8']],
    ['the one without a number first', ['IPADDR0=10.0.0.2', 'IPADDR=10.0.0.1'], ['10.0.0.1/8', '10.0.0.2/8']],
    ['gaps before 2', ['IPADDR=10.0.0.1', 'IPADDR2=10.0.0.2'], ['10.0.0.1/8', '10.0.0.2/8']],
    ['none behind a gap later', ['IPADDR=10.0.0.1', 'IPADDR3=10.0.0.3'], ['10.0.0.1/8']],
    ['none from 3 on alone', ['IPADDR3=10.0.0.3'], []],
    ['none beside dhcp', ['IPADDR=10.0.0.1', 'BOOTPROTO=dhcp'], []],
    ['none beside bootp', ['IPADDR=10.0.0.1', 'BOOTPROTO=bootp'], []],
    ['any beside other words', ['IPADDR=10.0.0.1', 'BOOTPROTO=DHCP'], ['10.0.0.1/8']],
    ['what is none', ['IPADDR=10.0.0', 'IPADDR0=10.0.0.1', 'PREFIX0=33'], [null, null]],
  ])('knows %s, as ifup-eth does', (_, lines, expected) => {
    expect(addresses(...lines)).toEqual(expected);
  });
});

describe('effectiveGateway', () => {
  const gateway = (own: string, network = '') =>
    effectiveGateway(
      { files: {}, configs: [], network: parse(network) },
      { path: 'ifcfg-br0', name: 'br0', device: 'br0', file: parse(own) },
      'br0',
    );
  const OWN = 'IPADDR=192.168.1.10\nPREFIX=24\n';

  it.each([
    ['GATEWAY=192.168.1.1', '', '192.168.1.1'],
    ['GATEWAY=192.168.2.1', '', null],
    ['GATEWAY0=192.168.1.1', '', null],
    ['', 'GATEWAY=192.168.1.1', '192.168.1.1'],
    ['GATEWAY=', 'GATEWAY=192.168.1.1', null],
    ['GATEWAY=192.168.1.1', 'GATEWAYDEV=eth0', null],
    ['GATEWAY=192.168.1.1', 'GATEWAYDEV=br0', '192.168.1.1'],
    ['GATEWAY=192.168.1.1\nGATEWAYDEV=', 'GATEWAYDEV=eth0', '192.168.1.1'],
    ['GATEWAY=192.168.1.1\nDEFROUTE=no', '', null],
    ['GATEWAY=192.168.1.1\nNETWORK=192.168.1.0', '', '192.168.1.1'],
    ['GATEWAY=192.168.1.1\nNETWORK=192.168.0.0', '', null],
    ['GATEWAY=192.168.1.1\nBOOTPROTO=dhcp', '', null],
  ])('of %j with %j: %s', (own, network, expected) => {
    expect(gateway(OWN + own, network)).toBe(expected);
  });
});
