import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { collectLinks, collectRoutes } from '../../../src/facts/links.js';
import { CommandError } from '../../../src/host/command.js';
import type { Host } from '../../../src/host/host.js';
import { jsonOfIpText } from '../../../src/host/ip-text.js';
import { withIpJson } from '../../../src/host/old-ip.js';
import { FakeHost } from '../support/fake-host.js';

type Entry = Record<string, unknown>;

/** What iproute2 6.1 prints of one network, as text and as JSON: a bridge, a veth with an alias, all kinds of addresses. */
const sample = (name: string) => readFileSync(new URL(`samples/${name}`, import.meta.url), 'utf8');
const json = (name: string) => JSON.parse(sample(`${name}.json`)) as Entry[];

/** The part of a JSON entry that has the keys of another, on all levels. */
function alike(whole: unknown, part: unknown): unknown {
  if (Array.isArray(part) && Array.isArray(whole)) return whole.map((one, index) => alike(one, part[index]));
  if (typeof part !== 'object' || part === null || typeof whole !== 'object' || whole === null) return whole;
  const entries = Object.entries(whole).filter(([key]) => key in part);
  return Object.fromEntries(entries.map(([key, value]) => [key, alike(value, (part as Entry)[key])]));
}

describe('jsonOfIpText', () => {
  it.each([
    ['address', ['-details', 'address', 'show']],
    ['route-4', ['-4', 'route', 'show', 'table', 'main']],
    ['route-6', ['-6', 'route', 'show', 'table', 'main']],
    ['route-get', ['route', 'get', '192.168.1.77']],
  ])('tells what the JSON of %s tells', (name, words) => {
    const read = jsonOfIpText(words, sample(`${name}.txt`));
    expect(read.length).toBeGreaterThan(0);
    expect(read).toEqual(alike(json(name), read));
  });

  it('knows the link that neighbours were asked for', () => {
    const read = jsonOfIpText(['neighbour', 'show', 'dev', 'br0'], sample('neighbour.txt'));
    const wanted = json('neighbour').map(({ dst, lladdr, state }) => ({ dst, lladdr, state, dev: 'br0' }));
    expect(read).toEqual(wanted);
  });

  it('reads what older versions print: details of all on the line of the address', () => {
    const text = [
      '2: eth0: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 qdisc mq master br0 state UP group default qlen 1000',
      '    link/ether 78:e3:b5:02:a8:80 brd ff:ff:ff:ff:ff:ff promiscuity 0 ',
      '    bridge_slave state forwarding priority 32 addrgenmode none numtxqueues 32 numrxqueues 32 ',
      '3: eth0.10@eth0: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 qdisc noqueue state UP group default qlen 1000',
      '    link/ether 78:e3:b5:02:a8:80 brd ff:ff:ff:ff:ff:ff promiscuity 0 ',
      '    vlan protocol 802.1Q id 10 <REORDER_HDR> addrgenmode eui64 numtxqueues 1 numrxqueues 1 ',
      '4: veth7@if61: <BROADCAST,UP> mtu 1450 qdisc noqueue state UP group default qlen 1000',
      '    link/ether ea:2e:d6:4c:b8:89 brd ff:ff:ff:ff:ff:ff link-netnsid 0 promiscuity 0 ',
      '    veth addrgenmode eui64 numtxqueues 1 numrxqueues 1 ',
      '5: tun0@NONE: <POINTOPOINT,NOARP,UP> mtu 1360 qdisc noop state UNKNOWN group default qlen 100',
      '    link/none promiscuity 0 ',
      '    tun addrgenmode random numtxqueues 1 ',
      '    inet 10.8.0.6 peer 10.8.0.5/32 scope global tun0',
      '       valid_lft forever preferred_lft forever',
    ].join('\n');
    expect(jsonOfIpText(['-details', 'address', 'show'], `${text}\n`)).toMatchObject([
      { ifname: 'eth0', master: 'br0', linkinfo: { info_slave_kind: 'bridge' }, inet6_addr_gen_mode: 'none' },
      { ifname: 'eth0.10', link: 'eth0', linkinfo: { info_kind: 'vlan', info_data: { id: 10 } } },
      { ifname: 'veth7', link_index: 61, linkinfo: { info_kind: 'veth' } },
      {
        ifname: 'tun0',
        linkinfo: { info_kind: 'tun' },
        addr_info: [{ local: '10.8.0.6', address: '10.8.0.5', prefixlen: 32, label: 'tun0' }],
      },
    ]);
    expect(jsonOfIpText(['address', 'show'], text)[3]).not.toHaveProperty('address');
  });

  it('takes nothing for nothing', () => {
    expect(jsonOfIpText(['address', 'show'], '')).toEqual([]);
    expect(jsonOfIpText(['-6', 'route', 'show'], '\n')).toEqual([]);
  });
});

/** A host whose ip knows no JSON. */
function oldHost(): FakeHost {
  const host = new FakeHost();
  host.programs.set('ip', '/usr/sbin/ip');
  host.script = (argv) => {
    if (argv.includes('-json'))
      return { exitCode: 255, stderr: 'Option "-json" is unknown, try "ip -help".\n' };
    const name = argv.includes('address') ? 'address' : argv.includes('-6') ? 'route-6' : 'route-4';
    return { stdout: sample(`${name}.txt`) };
  };
  return host;
}
const through = (host: FakeHost): Host =>
  Object.assign(Object.create(host), { run: withIpJson(host.run.bind(host)) });

describe('withIpJson', () => {
  it('gives the facts of an old userland', async () => {
    const links = await collectLinks(through(oldHost()));
    expect(links.map(({ name, kind, master, lower }) => [name, kind, master, lower])).toEqual([
      ['lo', null, null, null],
      ['br0', 'bridge', null, null],
      ['far0', 'veth', null, 'eth0'],
      ['eth0', 'veth', 'br0', 'far0'],
      ['vl0', 'macvlan', null, 'far0'],
    ]);
    const br0 = links.find(({ name }) => name === 'br0');
    expect(br0).toMatchObject({ mac: '52:54:00:12:34:56', bridge: { stp: true, forwardDelay: 4 } });
    expect(br0?.addresses.map(({ address, dynamic }) => [address, dynamic])).toEqual([
      ['192.168.1.10', true],
      ['192.168.1.11', false],
      ['fd00:1::11', true],
      ['fd00:1::10', false],
    ]);
    const routes = await collectRoutes(through(oldHost()));
    expect(routes.filter(({ destination }) => destination === 'default')).toEqual([
      {
        family: 4,
        destination: 'default',
        gateway: '192.168.1.1',
        link: 'br0',
        metric: 5,
        protocol: 'static',
      },
      {
        family: 6,
        destination: 'default',
        gateway: 'fd00:1::1',
        link: 'br0',
        metric: 1024,
        protocol: 'boot',
      },
    ]);
  });

  it('finds ip behind other words, and leaves all other commands alone', async () => {
    const host = oldHost();
    const run = withIpJson(host.run.bind(host));
    const inside = await run(['nsenter', '--net=/x', 'ip', '-details', '-json', 'address', 'show']);
    expect(JSON.parse(inside.stdout)).toHaveLength(5);
    expect(host.commands.at(-1)?.argv.join(' ')).toBe('nsenter --net=/x ip -details address show');
    await run(['bridge', '-json', 'vlan', 'show'], { check: false });
    await run(['ip', 'link', 'show']);
    expect(host.commands).toHaveLength(4);
  });

  it('asks once where JSON is known, and fails as before', async () => {
    const host = new FakeHost();
    const run = withIpJson(host.run.bind(host));
    host.script = () => ({ stdout: '[]' });
    expect((await run(['ip', '-json', 'address', 'show'])).stdout).toBe('[]');
    host.script = () => ({ exitCode: 1, stderr: 'Device "x" does not exist.' });
    expect((await run(['ip', '-json', 'link', 'show', 'dev', 'x'], { check: false })).exitCode).toBe(1);
    await expect(run(['ip', '-json', 'link', 'show', 'dev', 'x'])).rejects.toThrow(CommandError);
    expect(host.commands).toHaveLength(3);
  });
});
