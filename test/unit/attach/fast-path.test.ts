import { beforeEach, describe, expect, it } from 'vitest';
import { FastPath } from '../../../src/attach/fast-path.js';
import { containerMac, hostLinkName, hostSideMac, linkAlias } from '../../../src/attach/names.js';
import type { Endpoint } from '../../../src/model/endpoint.js';
import { netLink } from '../refusals/bench.js';
import { containerInfo, FakeHost } from '../support/fake-host.js';
import { answerSessions, type FakeIp } from '../support/fake-ip.js';

const container = containerInfo();
const NETNS = { path: '/held/1', identity: 'net:[1]' };
const endpoint: Endpoint = {
  bridge: 'br0',
  interfaceName: 'eth1',
  hostInterfaceName: null,
  mac: null,
  address: { method: 'static', family: 4, address: '192.168.1.70/24', gateway: '192.168.1.1' },
};
const hostLink = hostLinkName(container.id, 'eth1');
const MAC = containerMac('br0', container.name, 'eth1');
const OTHER = '02:00:00:00:00:99';

const link = (ifname: string, ifindex: number, parts: object) => ({
  ifname,
  ifindex,
  mtu: 1500,
  flags: ['UP'],
  ...parts,
});
const address = (local: string) => ({ family: 'inet', local, prefixlen: 24 });
const neighbour = (lladdr: string) => [{ dst: '192.168.1.70', lladdr, state: ['REACHABLE'] }];

/** A kernel as it is when all goes well. */
const well: FakeIp = (line) => {
  if (line === 'address show dev br0') return [link('br0', 3, { addr_info: [address('192.168.1.10')] })];
  if (line === 'address show dev eth1') {
    return [link('eth1', 2, { link_index: 9, address: MAC, addr_info: [address('192.168.1.70')] })];
  }
  if (line === `address show dev ${hostLink}`) return [link(hostLink, 9, { link_index: 2, master: 'br0' })];
  return line.includes(' show ') ? [] : null;
};
/** The same, but for some lines. */
const but =
  (part: string, answer: unknown[] | Error): FakeIp =>
  (line, argv) =>
    line.includes(part) ? answer : well(line, argv);

/** Sessions end with a word, and an answer. */
const turns = () => new Promise((resolve) => setTimeout(resolve, 5));

let host: FakeHost;
let seen: ReturnType<typeof answerSessions>;
let path: FastPath;
beforeEach(() => {
  host = new FakeHost();
  host.content.set('/sys/class/net/br0/bridge', '');
  host.content.set('/sys/class/net/br0/mtu', '1500\n');
  host.content.set(`/sys/class/net/${hostLink}/brport/state`, '3\n');
});

async function attach(ip: FakeIp, want: Endpoint = endpoint) {
  seen = answerSessions(host, ip);
  path = new FastPath(host);
  const wanted = { hostLink, endpoint: want };
  const begun = await path.begin(container, [wanted], NETNS.path);
  try {
    return begun && (await begun.create(wanted, NETNS));
  } finally {
    begun?.close();
    path.close();
    await turns();
    expect([seen.alive, seen.open]).toEqual([0, 0]);
  }
}

const deleted = () => host.commands.some(({ argv }) => argv.join(' ') === `ip link delete dev ${hostLink}`);

describe('the short way', () => {
  it('makes an endpoint, and says what it has found there', async () => {
    expect(await attach(well)).toMatchObject({
      mtu: 1500,
      link: {
        hostLink,
        bridge: 'br0',
        up: true,
        inside: { mac: MAC, addresses: [{ address: '192.168.1.70/24' }] },
      },
    });
    const position = (part: string) => seen.lines.findIndex((line) => line.includes(part));
    const order = [
      'neighbour replace 192.168.1.70 dev br0',
      'link add',
      // The question of the container, which has no address yet; its late answers are looked for until the end.
      'neighbour replace 192.168.1.70 dev eth1 nud none use',
      'address replace 192.168.1.70/24 dev eth1',
    ].map(position);
    const announcement = seen.lines.lastIndexOf('neighbour replace 192.168.1.70 dev eth1 nud none use');
    // The first look at the entry comes before the question; the answer is looked for after it, and at the end.
    expect(seen.lines.filter((line) => line === 'neighbour show to 192.168.1.70 dev br0')).toHaveLength(3);
    expect(seen.lines.filter((line) => line === 'neighbour show to 192.168.1.70 dev eth1')).toHaveLength(2);
    expect(order).toEqual([...order].sort((a, b) => a - b));
    expect(announcement).toBeGreaterThan(order[3] as number);
    expect(seen.settings).toContain('ipv6/conf/eth1/disable_ipv6 1');
    expect(host.commands).toEqual([]);
  });

  it('does not give an address that somebody has, and leaves nothing', async () => {
    let asked = false;
    const ip: FakeIp = (line, argv) => {
      if (line.startsWith('neighbour replace')) asked = true;
      return asked && line === 'neighbour show to 192.168.1.70 dev br0' ? neighbour(OTHER) : well(line, argv);
    };
    await expect(attach(ip)).rejects.toThrow(
      `192.168.1.70 is in use on br0 already, by the MAC address ${OTHER}`,
    );
    expect(seen.lines.filter((line) => line.startsWith('address replace'))).toEqual([]);
    expect(deleted()).toBe(true);
  });

  it('asks anew where somebody is known already', async () => {
    let asked = false;
    const ip: FakeIp = (line, argv) => {
      if (line === 'neighbour delete 192.168.1.70 dev br0') asked = true;
      return !asked && line.startsWith('neighbour show') ? neighbour(OTHER) : well(line, argv);
    };
    expect(await attach(ip)).not.toBeNull();
    expect(await attach(well)).not.toBeNull();
    expect(seen.lines.filter((line) => line.startsWith('neighbour delete'))).toEqual([]);
  });

  it('takes it away again when somebody says so later', async () => {
    await expect(attach(but('neighbour show to 192.168.1.70 dev eth1', neighbour(OTHER)))).rejects.toThrow(
      OTHER,
    );
    expect(deleted()).toBe(true);
  });

  it('does not mistake the container itself for somebody else', async () => {
    expect(await attach(but('neighbour show to 192.168.1.70 dev eth1', neighbour(MAC)))).not.toBeNull();
  });

  it('leaves it to the long way where its MAC address answers before it has the address', async () => {
    expect(await attach(but('neighbour show to 192.168.1.70 dev br0', neighbour(MAC)))).toBeNull();
    expect(deleted()).toBe(true);
  });

  it('is not gone while another container has the MAC address that its name leads to', async () => {
    seen = answerSessions(host, well);
    path = new FastPath(host);
    const renamed = containerInfo({ id: 'e'.repeat(64) });
    const first = hostLinkName(renamed.id, 'eth1');
    path.learn([netLink(first, { mac: hostSideMac(MAC), alias: linkAlias(renamed.id, 'eth1') })]);
    host.content.set(`/sys/class/net/${first}`, '');
    // As often as it is tried.
    for (const _ of [1, 2, 3])
      expect(await path.begin(container, [{ hostLink, endpoint }], NETNS.path)).toBeNull();
    host.content.delete(`/sys/class/net/${first}`);
    const begun = await path.begin(container, [{ hostLink, endpoint }], NETNS.path);
    expect(begun).not.toBeNull();
    begun?.close();
    path.close();
  });

  it.each<[string, FakeIp]>([
    ['the host has no address in that network', but('address show dev br0', [link('br0', 3, {})])],
    [
      'the host has the address itself',
      but('address show to', [link('eth9', 4, { addr_info: [address('192.168.1.70')] })]),
    ],
    [
      'the neighbour was written down by hand',
      but('neighbour show', [{ dst: '192.168.1.70', state: ['PERMANENT'] }]),
    ],
  ])('is not gone when %s', async (_, ip) => {
    expect(await attach(ip)).toBeNull();
    expect(seen.lines.filter((line) => !line.includes(' show '))).toEqual([]);
  });

  it.each<[string, Partial<Endpoint>]>([
    ['a VLAN', { vlan: 5 }],
    ['a MAC address that somebody has chosen', { mac: '02:00:00:00:00:01' }],
    ['IPv6', { address: { method: 'static', family: 6, address: 'fd00::7/64', gateway: null } }],
  ])('is not gone for %s', async (_, parts) => {
    expect(await attach(well, { ...endpoint, ...parts })).toBeNull();
    expect(seen.lines).toEqual([]);
  });

  it('is not gone where there is a link of that name', async () => {
    host.content.set(`/sys/class/net/${hostLink}`, '');
    expect(await attach(well)).toBeNull();
    expect(seen.lines.filter((line) => line.startsWith('link'))).toEqual([]);
  });

  it('leaves nothing when a line fails half way', async () => {
    expect(
      await attach(but('route replace', new Error('RTNETLINK answers: Network is unreachable'))),
    ).toBeNull();
    expect(deleted()).toBe(true);
  });

  it('is not tried again with an ip that knows no -json', async () => {
    seen = answerSessions(host, () => new Error('Option "-json" is unknown'));
    path = new FastPath(host);
    const wanted = [{ hostLink, endpoint }];
    expect(
      await (await path.begin(container, wanted, NETNS.path))?.create(wanted[0] as never, NETNS),
    ).toBeNull();
    const before = seen.lines.length;
    expect(await path.begin(container, wanted, NETNS.path)).toBeNull();
    expect(seen.lines).toHaveLength(before);
    path.close();
  });
});
