import { describe, expect, it } from 'vitest';
import type { RunningCopy } from '../../src/rehearse/copy.js';
import { modelHost } from '../../src/rehearse/host-copy.js';
import { Lan, type LanSpec } from '../../src/rehearse/lan.js';
import { HOST_ADDRESS, setUp, startHost } from './support.js';

const STATIC = `auto lo
iface lo inet loopback

auto eth0
iface eth0 inet static
    address 192.168.1.10/24
    gateway 192.168.1.1
    mtu 1400
    up ip route add 10.9.0.0/16 via 192.168.1.1 dev eth0 metric 77
iface eth0 inet6 static
    address fd00:1::10/64
    gateway fd00:1::1
`;

/** The port keeps a stanza of its own, which boot brings up. */
const WITH_PORT = STATIC.replace('    mtu 1400\n', '    hwaddress ether 02:00:5e:10:00:01\n');

const LEASED = `auto lo
iface lo inet loopback

auto eth0
iface eth0 inet dhcp
`;

const NAMED = LEASED.replace('auto eth0', 'auto eth0=lan').replace('iface eth0', 'iface lan');

const LAN: LanSpec = {
  ...modelHost('the LAN of a model host').lan,
  // None: the server has to know the host again.
  reservations: {},
  ipv6: { address: 'fd00:1::1', prefix: 64, ra: false },
};

/** What ifupdown holds to be up. */
async function up(copy: RunningCopy): Promise<string[]> {
  const { stdout } = await copy.sandbox.run(['ifquery', '--state']);
  return stdout.trim().split('\n').sort();
}

/** The host's network, without what changes by itself. */
async function network(copy: RunningCopy): Promise<unknown> {
  const list = async (...argv: string[]) =>
    JSON.parse((await copy.sandbox.run(['ip', '-json', ...argv])).stdout || '[]');
  const [bridge] = await list('-details', 'address', 'show', 'dev', 'br0');
  const { stp_state, forward_delay } = bridge.linkinfo.info_data;
  const pick = (from: Record<string, unknown>, ...names: string[]) => names.map((name) => from[name] ?? null);
  const route = (from: Record<string, unknown>) =>
    pick(from, 'dst', 'gateway', 'dev', 'metric', 'protocol', 'scope', 'prefsrc', 'type').join(' ');
  return {
    bridge: [bridge.address, bridge.mtu, bridge.operstate, stp_state, forward_delay],
    addresses: bridge.addr_info.map((info: Record<string, unknown>) =>
      pick(info, 'local', 'prefixlen', 'broadcast', 'scope', 'label', 'dynamic').join(' '),
    ),
    ports: (await list('address', 'show', 'master', 'br0')).map((port: Record<string, unknown>) =>
      pick(port, 'ifname', 'address', 'mtu', 'operstate', 'addr_info'),
    ),
    routes: (await list('-4', 'route', 'show', 'table', 'all', 'dev', 'br0')).map(route).sort(),
    routes6: (await list('-6', 'route', 'show', 'table', 'main', 'dev', 'br0')).map(route).sort(),
    rules: await list('rule', 'show'),
    resolvConf: await copy.sandbox.read('/etc/resolv.conf'),
  };
}

describe.each([
  ['static addresses', STATIC, ['br0=br0', 'lo=lo'], [HOST_ADDRESS, 'fd00:1::10']],
  ['a stanza for its port, too', WITH_PORT, ['br0=br0', 'eth0=eth0', 'lo=lo'], [HOST_ADDRESS, 'fd00:1::10']],
  ['a lease of dhclient', LEASED, ['br0=br0', 'lo=lo'], [HOST_ADDRESS]],
  ['a stanza that has a name of its own', NAMED, ['br0=br0', 'lo=lo'], [HOST_ADDRESS]],
])('a host with %s', (_, interfaces, expected, addresses) => {
  it('is after set-up what ifupdown makes of its files, and ifupdown knows what is up', async () => {
    const copy = await startHost((model) => ({
      ...model,
      files: { ...model.files, '/etc/network/interfaces': interfaces },
      // One address to lease, so that it is this one; others later.
      lan: { ...LAN, range: [HOST_ADDRESS, HOST_ADDRESS] },
    }));
    try {
      const before = await up(copy);
      expect(before).toEqual([interfaces === NAMED ? 'eth0=lan' : 'eth0=eth0', 'lo=lo']);
      await copy.lan.stopDhcpServer();
      await new Lan(copy.sandbox, { ...LAN, range: [HOST_ADDRESS, '192.168.1.30'] }).startDhcpServer();
      const run = await setUp(copy);
      expect(run.exitCode, JSON.stringify(run.document)).toBe(0);
      expect(await up(copy)).toEqual(expected);
      const live = await network(copy);
      // In one shell, as somebody has to who works on the host from afar.
      await copy.sandbox.run(['sh', '-c', 'ifdown br0 && ifup br0'], { timeoutMs: 60_000 });
      expect(await up(copy)).toEqual(expected);
      expect(await network(copy)).toEqual(live);
      for (const address of addresses) expect(await copy.lan.ping(address), address).toBe(3);
      expect((await copy.bridgeSetup(['rollback'])).exitCode).toBe(0);
      expect(await up(copy)).toEqual(before);
    } finally {
      await copy.stop();
    }
  });
});
