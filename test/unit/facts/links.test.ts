import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { collectLinks, collectRoutes, parseLinks, parseRoutes } from '../../../src/facts/links.js';
import { jsonOfIpText } from '../../../src/host/ip-text.js';
import { FakeHost } from '../support/fake-host.js';
import { refusedBy } from '../support/refused.js';

/** Printed by iproute2 6.1, without the queue and offload figures. */
const sample = (name: string) => readFileSync(new URL(`samples/${name}.json`, import.meta.url), 'utf8');
const none = { wireless: () => false, physical: () => false };
const link = (name: string) => parseLinks(sample('addresses'), none).find((one) => one.name === name);

describe('parseLinks', () => {
  it('reads a bridge with what it is configured to, and all its addresses', () => {
    expect(link('br0')).toEqual({
      name: 'br0',
      index: 2,
      mac: '52:54:00:12:34:56',
      mtu: 1500,
      up: true,
      carrier: true,
      kind: 'bridge',
      loopback: false,
      wireless: false,
      physical: false,
      master: null,
      lower: null,
      addresses: [
        { family: 4, address: '192.168.1.10', prefix: 24, scope: 'global', dynamic: true },
        { family: 6, address: '2001:db8::10', prefix: 64, scope: 'global', dynamic: false },
        { family: 6, address: 'fe80::5054:ff:fe12:3456', prefix: 64, scope: 'link', dynamic: false },
      ],
      bridge: { stp: false, forwardDelay: 0 },
    });
  });

  it('counts the forward delay in seconds, and knows STP and a link that is down', () => {
    expect(link('stp1')).toMatchObject({
      bridge: { stp: true, forwardDelay: 15 },
      up: false,
      carrier: false,
    });
  });

  it('reads a veth that is a port', () => {
    expect(link('eth0')).toMatchObject({ kind: 'veth', master: 'br0', bridge: null });
  });

  it('reads a VLAN with the link below it', () => {
    expect(link('eth0.10')).toMatchObject({ kind: 'vlan', lower: 'eth0', master: null });
  });

  it('knows a link that is not Ethernet by its type', () => {
    const entry = (link_type: string) => ({ ifname: 'x0', ifindex: 3, flags: [], mtu: 2044, link_type });
    const types = ['ether', 'loopback', 'infiniband', 'ppp', 'none'].map((each) =>
      parseLinks(JSON.stringify([entry(each)]), none).map(({ type }) => type),
    );
    expect(types).toEqual([[undefined], [undefined], ['infiniband'], ['ppp'], ['none']]);
  });

  it('knows the loopback link', () => {
    expect(link('lo')).toMatchObject({ loopback: true, kind: null });
    expect(link('eth0')?.loopback).toBe(false);
  });

  it('takes from /sys what ip does not tell', () => {
    const sysfs = {
      wireless: (name: string) => name === 'far0',
      physical: (name: string) => name === 'eth0',
    };
    const seen = parseLinks(sample('addresses'), sysfs);
    expect(seen.filter(({ wireless }) => wireless).map(({ name }) => name)).toEqual(['far0']);
    expect(seen.filter(({ physical }) => physical).map(({ name }) => name)).toEqual(['eth0']);
  });

  it('passes over the empty objects of older versions', () => {
    expect(parseLinks('[{},{"ifname":"tun0","ifindex":9,"mtu":1500},{}]', none)).toMatchObject([
      { name: 'tun0', mac: null, addresses: [] },
    ]);
    expect(parseLinks('', none)).toEqual([]);
  });

  it('throws at anything else than a list of links', () => {
    expect(() => parseLinks('{}', none)).toThrow('did not print a list');
    expect(() => parseLinks('[{"ifindex":1}]', none)).toThrow();
  });
});

describe('parseRoutes', () => {
  it('reads the default route and the prefix of the LAN', () => {
    expect(parseRoutes(sample('routes-4'), 4)).toEqual([
      {
        family: 4,
        destination: 'default',
        gateway: '192.168.1.1',
        link: 'br0',
        metric: 100,
        protocol: 'dhcp',
      },
      {
        family: 4,
        destination: '192.168.1.0/24',
        gateway: null,
        link: 'br0',
        metric: 0,
        protocol: 'kernel',
      },
    ]);
  });

  it('reads routes of IPv6', () => {
    expect(parseRoutes(sample('routes-6'), 6)[0]).toMatchObject({
      family: 6,
      destination: '2001:db8::/64',
      link: 'br0',
      metric: 256,
    });
  });

  it('reads whether a gateway was given as one on the link', () => {
    const route = { dst: 'default', gateway: '192.168.1.1', dev: 'eth0', flags: ['linkdown', 'onlink'] };
    expect(parseRoutes(JSON.stringify([route]), 4)[0]).toMatchObject({ onlink: true });
    expect(parseRoutes(JSON.stringify([{ ...route, flags: [] }]), 4)[0]).not.toHaveProperty('onlink');
    const words = ['-4', 'route', 'show'];
    const text = 'default via 192.168.1.1 dev eth0 onlink linkdown \n';
    expect(parseRoutes(JSON.stringify(jsonOfIpText(words, text)), 4)[0]).toMatchObject({ onlink: true });
  });

  it('takes a route over several links at once for one through each', () => {
    const nexthops = [
      { gateway: '192.168.1.1', dev: 'eth0', weight: 1, flags: [] },
      { dev: 'ppp0', weight: 1, flags: [] },
    ];
    const text = JSON.stringify([{ dst: 'default', protocol: 'static', metric: 20, flags: [], nexthops }]);
    const common = { family: 4, destination: 'default', metric: 20, protocol: 'static' };
    expect(parseRoutes(text, 4)).toEqual([
      { ...common, gateway: '192.168.1.1', link: 'eth0' },
      { ...common, gateway: null, link: 'ppp0' },
    ]);
  });

  it('leaves out routes that lead through no link', () => {
    expect(parseRoutes('[{"dst":"10.0.0.0/8","type":"blackhole"}]', 4)).toEqual([]);
  });
});

describe('collecting', () => {
  const host = () => {
    const fake = new FakeHost();
    fake.programs.set('ip', '/usr/bin/ip');
    fake.script = ([, ...argv]) => {
      if (argv.includes('address')) return { stdout: sample('addresses') };
      return argv.includes('-6') ? { exitCode: 1, stderr: 'no IPv6' } : { stdout: sample('routes-4') };
    };
    return fake;
  };

  it('looks into /sys for NICs and Wi-Fi', async () => {
    const fake = host();
    fake.content.set('/sys/class/net/eth0/device', '').set('/sys/class/net/far0/phy80211', '');
    const links = await collectLinks(fake);
    expect(links.filter(({ physical }) => physical).map(({ name }) => name)).toEqual(['eth0']);
    expect(links.filter(({ wireless }) => wireless).map(({ name }) => name)).toEqual(['far0']);
  });

  it('is content with a host without IPv6', async () => {
    expect((await collectRoutes(host())).map(({ family }) => family)).toEqual([4, 4]);
  });

  it('refuses where there is no ip', async () => {
    const error = await refusedBy(() => collectLinks(new FakeHost()));
    expect([error.code, error.exitCode]).toEqual(['iproute2-missing', 3]);
  });
});
