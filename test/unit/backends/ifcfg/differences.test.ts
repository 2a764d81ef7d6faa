import { describe, expect, it } from 'vitest';
import { ifcfg } from '../../../../src/backends/ifcfg/index.js';
import { differences as ofAll } from '../../../../src/backends/registry.js';
import type { Address, HostFacts, Link, Route } from '../../../../src/model/facts.js';
import { hostFacts, link, loopback } from '../../support/facts.js';
import { BRIDGE, FOLDER, rhelFacts } from './support.js';

const PORT = 'DEVICE=eth0\nBRIDGE=br0\n';
const STATIC = `${BRIDGE}IPADDR=192.168.1.10\nPREFIX=24\nGATEWAY=192.168.1.1\n`;
const LEASED = `${BRIDGE}BOOTPROTO=dhcp\n`;
const address = (text: string, prefix = 24, dynamic = false): Address => ({
  family: text.includes(':') ? 6 : 4,
  address: text,
  prefix,
  scope: 'global',
  dynamic,
});
const IPV4 = address('192.168.1.10');
const route: Route = {
  family: 4,
  destination: 'default',
  gateway: '192.168.1.1',
  link: 'br0',
  metric: 0,
  protocol: 'boot',
};

interface Host {
  readonly contents?: Record<string, string>;
  readonly bridge?: Partial<Link>;
  readonly port?: Partial<Link>;
  readonly facts?: Partial<HostFacts>;
}

/** A set-up host that is as its files say, but for this. */
function host({ contents = {}, bridge = {}, port = {}, facts = {} }: Host): HostFacts {
  const br0 = link({
    ...{ name: 'br0', index: 3, kind: 'bridge', physical: false, addresses: [IPV4] },
    ...{ bridge: { stp: false, forwardDelay: 0 }, ...bridge },
  });
  return rhelFacts(
    { 'ifcfg-eth0': PORT, 'ifcfg-br0': STATIC, ...contents },
    {
      links: [loopback, link({ master: 'br0', addresses: [], ...port }), br0],
      routes: [route],
      dhcpClients: { installed: ['dhclient'], running: [] },
      ...facts,
    },
  );
}
const client = { installed: ['dhclient'], running: [{ name: 'dhclient', pid: 1, link: 'br0' }] } as const;
const found = (changes: Host) =>
  ifcfg.differences(host(changes), 'br0').map(({ check, severity }) => `${severity} ${check}`);

describe('differences', () => {
  it('are none where files and network are the same', () => {
    expect(found({})).toEqual([]);
    expect(ofAll(host({}), 'br0')).toEqual([]);
    const leased = {
      bridge: { addresses: [address('192.168.1.77', 24, true)] },
      facts: { dhcpClients: client },
    };
    expect(found({ ...leased, contents: { 'ifcfg-br0': LEASED } })).toEqual([]);
    const ipv6 = `${STATIC}IPV6ADDR=FD00:0::1\nIPV6ADDR_SECONDARIES="fd00::2/80 fd00::3"\n`;
    const addresses = [IPV4, address('fd00::1', 64), address('fd00::2', 80), address('fd00::3', 64)];
    expect(found({ contents: { 'ifcfg-br0': ipv6 }, bridge: { addresses } })).toEqual([]);
  });

  it('are none on a host without the bridge', () => {
    expect(ifcfg.differences(rhelFacts({ 'ifcfg-eth0': 'DEVICE=eth0\n' }), 'br0')).toEqual([]);
    expect(ifcfg.differences(hostFacts(), 'br0')).toEqual([]);
  });

  it('are none where no network service reads the files', () => {
    const facts = { managers: [{ name: 'ifcfg', active: false, links: ['eth0'] }] } as const;
    expect(found({ port: { master: null }, facts })).toEqual([]);
  });

  it.each<[string, Record<string, string>]>([
    ['error type-not-bridge', { 'ifcfg-br0': STATIC.replace('Bridge', 'bridge') }],
    ['error type-not-bridge', { 'ifcfg-br0': STATIC.replace('TYPE=Bridge\n', '') }],
    ['error bridge-has-hwaddr', { 'ifcfg-br0': `${STATIC}HWADDR=52:54:00:12:34:56\n` }],
    ['error bridge-not-at-boot', { 'ifcfg-br0': STATIC.replace('ONBOOT=yes', 'ONBOOT=no') }],
    ['error bridge-not-at-boot', { 'ifcfg-eth0': `${PORT}ONBOOT="no"\n` }],
    ['error configured-twice', { 'ifcfg-br0.backup': STATIC }],
    ['warning ifcfg-unreadable', { 'ifcfg-eth0': `${PORT}ethtool x\n` }],
    ['warning setting-ignored', { 'ifcfg-eth0': `${PORT}IPADDR=192.168.1.10\nPREFIX=24\n` }],
    ['warning file-ignored', { 'route-eth0': '10.0.0.0/8 dev eth0\n' }],
    ['warning file-ignored', { 'rule-eth0': 'from all\n' }],
    ['warning file-ignored', { 'ifcfg-eth0:0': 'IPADDR=192.168.1.11\n' }],
    ['warning stp-differs', { 'ifcfg-br0': STATIC.replace('STP=no', 'STP=yes') }],
    ['warning forward-delay-differs', { 'ifcfg-br0': STATIC.replace('DELAY=0\n', '') }],
    ['error mac-differs', { 'ifcfg-br0': STATIC.replace(/MACADDR=.*/, 'MACADDR=02:00:00:00:00:01') }],
    ['warning mtu-differs', { 'ifcfg-br0': `${STATIC}MTU=9000\n` }],
    ['error address-not-there', { 'ifcfg-br0': `${STATIC}IPADDR1=192.168.1.11\nPREFIX1=24\n` }],
    ['error address-not-there', { 'ifcfg-br0': `${STATIC}IPV6ADDR=fd00::1/64\n` }],
    ['error method-differs', { 'ifcfg-br0': LEASED }],
    ['error gateway-not-there', { 'ifcfg-br0': STATIC.replace('192.168.1.1\n', '192.168.1.2\n') }],
    ['error gateway-ignored', { 'ifcfg-br0': STATIC.replace('192.168.1.1\n', '192.168.9.1\n') }],
    ['error gateway-ignored', { '/etc/sysconfig/network': 'GATEWAYDEV=eth0\n' }],
  ])('%s: %j', (finding, contents) => {
    expect(found({ contents })).toEqual([finding]);
  });

  it.each<[string, Omit<Host, 'contents'>]>([
    ['error bridge-down', { bridge: { up: false } }],
    ['error port-not-in-bridge', { port: { master: null } }],
    ['error port-has-address', { port: { addresses: [address('192.168.1.99')] } }],
    ['warning address-not-in-files', { bridge: { addresses: [IPV4, address('192.168.1.99')] } }],
    ['error address-is-leased', { bridge: { addresses: [{ ...IPV4, dynamic: true }] } }],
    ['error method-differs', { facts: { dhcpClients: client } }],
    ['error bridge-not-there', { bridge: { kind: 'dummy' } }],
    ['error route-through-port', { facts: { routes: [route, { ...route, link: 'eth0' }] } }],
  ])('%s, in the network', (finding, changes) => {
    expect(found(changes)).toEqual([finding]);
  });

  it('tells a lease without a client', () => {
    const addresses = [address('192.168.1.77', 24, true)];
    expect(found({ contents: { 'ifcfg-br0': LEASED }, bridge: { addresses } })).toEqual([
      'error no-client-on-bridge',
    ]);
  });

  it('tells a port that no file names, but for the veths of containers', () => {
    const facts = host({});
    const links = [
      ...facts.links,
      link({ name: 'eth7', master: 'br0', addresses: [] }),
      link({ name: 'bs1', kind: 'veth', master: 'br0', addresses: [] }),
    ];
    expect(found({ facts: { links } })).toEqual(['warning port-not-in-files']);
  });

  it('tells a bridge that no file makes', () => {
    const facts = host({});
    const own = rhelFacts({ 'ifcfg-eth0': 'DEVICE=eth0\n' });
    const [finding] = ifcfg.differences({ ...facts, files: own.files }, 'br0');
    expect(finding).toMatchObject({ check: 'bridge-not-in-files', severity: 'error' });
    expect(finding?.message).toContain(`${FOLDER}/ifcfg-eth0 counts`);
  });

  it('has a remedy for each', () => {
    const [finding] = ifcfg.differences(host({ port: { master: null } }), 'br0');
    expect(finding?.remedy).toBe(
      'If the file is right, run `ip link set dev eth0 master br0`; if the network is right, correct the file.',
    );
  });
});
