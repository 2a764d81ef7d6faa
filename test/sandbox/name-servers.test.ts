import { describe, expect, it } from 'vitest';
import type { RunningCopy } from '../../src/rehearse/copy.js';
import { eventually, setUp, startHost } from './support.js';

const LEASED = `auto lo
iface lo inet loopback

auto eth0
iface eth0 inet dhcp
`;

/** As Debian has it; and it waits for IPv4, since with router advertisements any address would do. */
const DHCPCD = `hostname
duid
persistent
option domain_name_servers, domain_name, domain_search
require dhcp_server_identifier
slaac private
waitip 4
`;

/** Name servers in the order in which they are asked, the router's own by the link that it is behind. */
async function nameServers(copy: RunningCopy): Promise<string> {
  const text = (await copy.sandbox.read('/etc/resolv.conf')) ?? '';
  const servers = [...text.matchAll(/^nameserver (\S+)/gm)].map(([, server = '']) => server);
  return servers.map((server) => server.replace(/^fe80::[^%]+/, 'router')).join(' ');
}

/** Wait for name servers: the router advertises itself when it is asked, and now and then. */
const awaitNameServers = (copy: RunningCopy, wanted: string) =>
  eventually(`name servers ${wanted}`, async () => (await nameServers(copy)) === wanted);

/** What router advertisements have given a link: global addresses and default routes, and how the kernel takes them. */
async function advertised(copy: RunningCopy, link: string) {
  const shown = async (...argv: string[]) => (await copy.sandbox.run(['ip', '-6', '-o', ...argv])).stdout;
  const addresses = await shown('address', 'show', 'dev', link, 'scope', 'global');
  const routes = await shown('route', 'show', 'default', 'dev', link);
  return {
    addresses: [...addresses.matchAll(/inet6 (\S+)/g)].map(([, address]) => address),
    gateways: [...routes.matchAll(/via (\S+)/g)].map(([, gateway]) => gateway),
    acceptRa: (await copy.sandbox.read(`/proc/sys/net/ipv6/conf/${link}/accept_ra`))?.trim(),
  };
}

/** The machine comes up by its files: nothing is on the links, and the kernel takes router advertisements. */
async function boot(copy: RunningCopy): Promise<void> {
  await copy.sandbox.run(['pkill', '-KILL', '-x', 'dhcpcd'], { check: false });
  await copy.sandbox.run([
    'sh',
    '-c',
    `ip link del br0; ip link set eth0 down; ip address flush dev eth0
    sysctl -qw net.ipv6.conf.eth0.accept_ra=1; ip link set eth0 addrgenmode eui64
    rm -rf /run/network/* /run/dhcpcd; ifup --all`,
  ]);
}

describe('a host with dhcpcd, whose router advertises a name server too', () => {
  it('asks the same name servers and has the same addresses through the bridge, and again through its NIC', async () => {
    const copy = await startHost((model) => ({
      ...model,
      files: { ...model.files, '/etc/network/interfaces': LEASED, '/etc/dhcpcd.conf': DHCPCD },
      packages: ['ifupdown', 'dhcpcd-base'],
      lan: { ...model.lan, ipv6: { address: 'fd00:1::1', prefix: 64, ra: true } },
    }));
    try {
      await awaitNameServers(copy, '192.168.1.1 router%eth0');
      const before = await eventually('an address by the router', async () => {
        const seen = await advertised(copy, 'eth0');
        return seen.addresses.length > 0 && seen.gateways.length > 0 && seen;
      });
      // Another link's record, whose name begins alike.
      const other = '/run/dhcpcd/hook-state/resolv.conf/eth0.10';
      await copy.sandbox.write(other, '# A VLAN without a name server\n');
      const run = await setUp(copy);
      expect(run.exitCode, JSON.stringify(run.document)).toBe(0);
      expect(await nameServers(copy)).toBe('192.168.1.1 router%br0');
      expect(await copy.sandbox.read(other)).not.toBeNull();
      const port = await advertised(copy, 'eth0');
      expect([port.addresses, port.gateways]).toEqual([[], []]);
      expect(await advertised(copy, 'br0')).toEqual(before);
      await boot(copy);
      await awaitNameServers(copy, '192.168.1.1 router%br0');
      const back = await copy.bridgeSetup(['rollback', '--json']);
      expect(back.exitCode, back.stdout + back.stderr).toBe(0);
      expect(await nameServers(copy)).toBe('192.168.1.1 router%eth0');
      expect(await advertised(copy, 'eth0')).toEqual(before);
    } finally {
      await copy.stop();
    }
  });
});
