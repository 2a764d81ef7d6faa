import { describe, expect, it } from 'vitest';
import { convert } from '../../../../src/backends/ifcfg/convert.js';
import { ifcfg } from '../../../../src/backends/ifcfg/index.js';
import type { AddressSpec } from '../../../../src/model/spec.js';
import { link } from '../../support/facts.js';
import { refusedBy } from '../../support/refused.js';
import { spec } from '../support.js';
import { FOLDER, NETWORK, refused, rhelFacts } from './support.js';

const DHCP = 'DEVICE=eth0\nBOOTPROTO=dhcp\n';
const STATIC: AddressSpec = {
  method: 'static',
  address: '192.168.1.20/24',
  gateway: '192.168.1.1',
  nameservers: null,
};

describe('refused by name', () => {
  it.each<[string, string, Record<string, string>]>([
    ['no file', 'uplink-not-in-ifcfg', { 'ifcfg-eth1': 'DEVICE=eth1\n' }],
    ['a file without DEVICE and HWADDR', 'ifcfg-without-device', { 'ifcfg-eth0': 'BOOTPROTO=dhcp\n' }],
    ['a backup', 'uplink-configured-twice', { 'ifcfg-eth0': DHCP, 'ifcfg-eth0.backup': DHCP }],
    ['a dated backup', 'uplink-configured-twice', { 'ifcfg-eth0': DHCP, 'ifcfg-eth0.20240101': DHCP }],
    ['CRLF', 'ifcfg-crlf', { 'ifcfg-eth0': DHCP.replaceAll('\n', '\r\n') }],
    ['spaces around the sign', 'ifcfg-syntax', { 'ifcfg-eth0': `${DHCP}ONBOOT = yes\n` }],
    ['a command', 'ifcfg-syntax', { 'ifcfg-eth0': `${DHCP}ethtool -K eth0 tso off\n` }],
    ['a command substitution', 'ifcfg-expansion', { 'ifcfg-eth0': `${DHCP}DHCP_HOSTNAME=$(hostname)\n` }],
    ['a variable that would move', 'ifcfg-expansion', { 'ifcfg-eth0': `${DHCP}DHCP_HOSTNAME=$NAME\n` }],
    ['a variable that moves away', 'ifcfg-expansion', { 'ifcfg-eth0': `${DHCP}ETHTOOL_OPTS=$IPADDR\n` }],
    ['a command in the other file', 'ifcfg-syntax', { 'ifcfg-eth0': DHCP, [NETWORK]: 'hostname x\n' }],
    ['one in an alias', 'ifcfg-expansion', { 'ifcfg-eth0': DHCP, 'ifcfg-eth0:0': 'IPADDR=`x`\n' }],
    ['one in routes', 'ifcfg-expansion', { 'ifcfg-eth0': DHCP, 'route-eth0': 'ADDRESS0=$(x)\n' }],
    ['a bridge', 'uplink-is-bridge', { 'ifcfg-eth0': `${DHCP}TYPE=Bridge\n` }],
    ['a port of another bridge', 'uplink-is-port', { 'ifcfg-eth0': 'DEVICE=eth0\nBRIDGE=virbr0\n' }],
    ['a slave', 'uplink-is-port', { 'ifcfg-eth0': 'DEVICE=eth0\nMASTER=bond0\nSLAVE=yes\n' }],
    ['a port of a team', 'uplink-is-port', { 'ifcfg-eth0': 'DEVICE=eth0\nTEAM_MASTER=team0\n' }],
    ['one of Open vSwitch', 'uplink-is-port', { 'ifcfg-eth0': 'DEVICE=eth0\nOVS_BRIDGE=br-ex\n' }],
    ['a team', 'uplink-type-not-supported', { 'ifcfg-eth0': `${DHCP}DEVICETYPE=Team\nTEAM_CONFIG='{}'\n` }],
    ['Wi-Fi', 'uplink-type-not-supported', { 'ifcfg-eth0': `${DHCP}TYPE=Wireless\nESSID=home\n` }],
    ['Wi-Fi without a type', 'uplink-type-not-supported', { 'ifcfg-eth0': `${DHCP}ESSID=home\n` }],
    ['a modem', 'uplink-type-not-supported', { 'ifcfg-eth0': `${DHCP}TYPE=Modem\n` }],
    ['802.1X', 'uplink-has-supplicant', { 'ifcfg-eth0': `${DHCP}KEY_MGMT=IEEE8021X\n` }],
    ['keys', 'uplink-has-supplicant', { 'ifcfg-eth0': DHCP, 'keys-eth0': '' }],
    [
      'a method of NetworkManager',
      'method-not-supported',
      { 'ifcfg-eth0': 'DEVICE=eth0\nBOOTPROTO=shared\n' },
    ],
    ['the firmware', 'method-not-supported', { 'ifcfg-eth0': 'DEVICE=eth0\nBOOTPROTO=ibft\n' }],
    ['DHCP in capitals', 'method-not-supported', { 'ifcfg-eth0': 'DEVICE=eth0\nBOOTPROTO=DHCP\n' }],
    ['another MAC address', 'hwaddr-differs', { 'ifcfg-eth0': `${DHCP}HWADDR=52:54:00:00:00:99\n` }],
    [
      'HWADDR of a bridge',
      'bridge-has-hwaddr',
      {
        'ifcfg-eth0': 'DEVICE=eth0\nBRIDGE=br0\n',
        'ifcfg-br0': 'DEVICE=br0\nTYPE=Bridge\nHWADDR=52:54:00:12:34:56\n',
      },
    ],
    [
      'options of dhclient',
      'dhcp-options-not-supported',
      { 'ifcfg-eth0': `${DHCP}DHCLIENTARGS="-lf /tmp/x"\n` },
    ],
    ['a link among them', 'dhcp-options-not-supported', { 'ifcfg-eth0': `${DHCP}DHCLIENTARGS="-v eth0"\n` }],
    ['a VLAN on it', 'uplink-carries', { 'ifcfg-eth0': DHCP, 'ifcfg-eth0.10': 'DEVICE=eth0.10\nVLAN=yes\n' }],
    [
      'a VLAN of another name',
      'uplink-carries',
      { 'ifcfg-eth0': DHCP, 'ifcfg-vlan10': 'DEVICE=vlan10\nPHYSDEV=eth0\n' },
    ],
    [
      'PPPoE on it',
      'uplink-carries',
      { 'ifcfg-eth0': DHCP, 'ifcfg-ppp0': 'TYPE=xDSL\nDEVICE=ppp0\nETH=eth0\n' },
    ],
    [
      'the name of the bridge',
      'bridge-name-taken',
      { 'ifcfg-eth0': DHCP, 'ifcfg-br0': 'DEVICE=br0\nTYPE=Bridge\n' },
    ],
    ['its file', 'bridge-name-taken', { 'ifcfg-eth0': DHCP, 'ifcfg-br0': 'DEVICE=eth7\n' }],
    ['a file of routes', 'file-taken', { 'ifcfg-eth0': DHCP, 'route-eth0': '', 'route-br0': '' }],
    ['two files of routes', 'file-taken', { 'ifcfg-lan': DHCP, 'route-eth0': '', 'route-lan': '' }],
    [
      'an address with its prefix',
      'address-unreadable',
      { 'ifcfg-eth0': 'DEVICE=eth0\nIPADDR=192.168.1.10/24\n' },
    ],
    [
      'a netmask that is none',
      'address-unreadable',
      { 'ifcfg-eth0': 'DEVICE=eth0\nIPADDR=192.168.1.10\nNETMASK=255.0.255.0\n' },
    ],
    [
      'an address from elsewhere',
      'uplink-configured-elsewhere',
      { 'ifcfg-eth0': 'DEVICE=eth0\nBOOTPROTO=none\n' },
    ],
  ])('%s: %s', (_, code, contents) => {
    expect(refused(contents)).toBe(code);
  });

  it('a gateway that ifup would leave out', () => {
    const contents = { 'ifcfg-eth0': DHCP, [NETWORK]: 'GATEWAYDEV=eth1\n' };
    expect(refused(contents, spec(STATIC))).toBe('gateway-ignored');
    expect(refused({ ...contents, [NETWORK]: 'GATEWAYDEV=eth0\n' }, spec(STATIC))).toBe('not refused');
  });

  it('an alias with a name that is too long', () => {
    const contents = { 'ifcfg-eth0': DHCP, 'ifcfg-eth0:12345': 'IPADDR=192.168.1.11\n' };
    expect(refused(contents, spec(undefined, { name: 'a-long-bridge' }))).toBe('alias-name-too-long');
  });

  it.each([
    [
      'a VLAN',
      { 'ifcfg-eth0.10': 'DEVICE=eth0.10\nVLAN=yes\nONBOOT=no\n' },
      'Set bridge.uplink to "eth0.10", or remove',
    ],
    [
      'a VLAN of another name',
      { 'ifcfg-office': 'DEVICE=vlan10\nVLAN=yes\nPHYSDEV=eth0\n' },
      'Set bridge.uplink to "vlan10"',
    ],
    ['a macvlan', { 'ifcfg-mv0': 'DEVICE=mv0\nMACVLAN_PARENT=eth0\n' }, 'Remove its file'],
    ['PPPoE', { 'ifcfg-ppp0': 'DEVICE=ppp0\nETH=eth0\n' }, 'Remove its file'],
    ['Open vSwitch', { 'ifcfg-eth0': 'DEVICE=eth0\nOVS_BRIDGE=br-ex\n' }, 'Take it out of there first'],
    ['a team', { 'ifcfg-eth0': 'DEVICE=eth0\nTEAM_MASTER=team0\n' }, 'Take it out of there first'],
    ['a bond', { 'ifcfg-eth0': 'DEVICE=eth0\nMASTER=bond0\n' }, 'Set bridge.uplink to "bond0"'],
  ])('with a remedy that works: %s', async (_, contents, remedy) => {
    const facts = rhelFacts({ 'ifcfg-eth0': DHCP, ...contents });
    const { hint } = await refusedBy(() => convert(facts.files, spec(), facts));
    expect(hint).toContain(remedy);
  });

  it('with file and line of what is wrong', async () => {
    const facts = rhelFacts({ 'ifcfg-eth0': `${DHCP}\nONBOOT = yes\nX=$(id)\n` });
    const error = await refusedBy(() => convert(facts.files, spec(), facts));
    expect(error.problems.map(({ message }) => message)).toEqual([
      '/etc/sysconfig/network-scripts/ifcfg-eth0:4: "ONBOOT", which bash runs as a command: no space may stand around "="',
      '/etc/sysconfig/network-scripts/ifcfg-eth0:5: a command or an arithmetic expression ($(…))',
    ]);
  });
});

describe('not refused', () => {
  it.each<[string, Record<string, string>]>([
    [
      'backups that the scripts pass over',
      Object.fromEntries(
        ['', '~', '.bak', '.old', '.orig', '.rpmnew', '.rpmorig', '.rpmsave'].map((end) => [
          `ifcfg-eth0${end}`,
          DHCP,
        ]),
      ),
    ],
    [
      'what stands in files of others',
      { 'ifcfg-eth0': DHCP, 'ifcfg-eth1': 'DEVICE=eth1\r\nX=$(id)\nip link\n' },
    ],
    ['a variable that stays with the NIC', { 'ifcfg-eth0': `${DHCP}ETHTOOL_OPTS="-G $DEVICE rx 256"\n` }],
    ['HWADDR in small letters or large', { 'ifcfg-eth0': `${DHCP}HWADDR=52:54:00:12:34:56\n` }],
    [
      'HWADDR under another MACADDR',
      { 'ifcfg-eth0': `${DHCP}HWADDR=00:11:22:33:44:55\nMACADDR=52:54:00:12:34:56\n` },
    ],
    ['a VLAN of another NIC', { 'ifcfg-eth0': DHCP, 'ifcfg-eth01.10': 'DEVICE=eth01.10\nVLAN=yes\n' }],
    ['a route file of nobody', { 'ifcfg-eth0': DHCP, 'route-br0': '' }],
  ])('%s', (_, contents) => {
    expect(refused(contents)).toBe('not refused');
  });

  it('no address at all, where there is none', () => {
    const overrides = { links: [link({ addresses: [] })] };
    expect(refused({ 'ifcfg-eth0': 'DEVICE=eth0\n' }, spec(), overrides)).toBe('not refused');
  });
});

describe('detect', () => {
  const detect = (managers: Parameters<typeof rhelFacts>[1]) =>
    ifcfg.detect(rhelFacts({ 'ifcfg-eth0': DHCP }, managers), 'eth0');
  const service = { name: 'ifcfg', active: true, links: ['eth0'] } as const;

  it('applies where the network service configures the uplink', () => {
    expect(detect({})).toEqual({
      applies: true,
      reason: '/etc/sysconfig/network-scripts/ifcfg-eth0 configures eth0, and nothing else claims it.',
    });
    const manager = { name: 'NetworkManager', active: true, links: ['eth1'] } as const;
    expect(detect({ managers: [service, manager] }).applies).toBe(true);
  });

  it('does not where NetworkManager has it, and says how to change that', () => {
    const manager = { name: 'NetworkManager', active: true, links: ['eth0'] } as const;
    const by = (profiles?: Record<string, string>) =>
      detect({ managers: [service, profiles === undefined ? manager : { ...manager, profiles }] });
    for (const given of [by(), by({}), by({ eth0: '' })]) {
      expect(given.applies).toBe(false);
      expect(given.reason).toContain(
        'NetworkManager has it in its hands by a profile that has no file. To leave eth0 to the network service, write NM_CONTROLLED=no',
      );
    }
    const keyfile = '/etc/NetworkManager/system-connections/lan.nmconnection';
    expect(by({ eth0: keyfile })).toMatchObject({
      applies: false,
      reason: expect.stringContaining(`by ${keyfile}`),
    });
    expect(by({ eth0: `${FOLDER}/ifcfg-eth0` })).toEqual({
      applies: true,
      reason: `${FOLDER}/ifcfg-eth0 configures eth0, by NetworkManager.`,
    });
  });

  it('does not where no service reads the files at boot', () => {
    expect(detect({ managers: [{ ...service, active: false }] }).reason).toContain('no network service');
    expect(ifcfg.detect(rhelFacts({}), 'eth0').reason).toContain('No ifcfg file');
  });
});
