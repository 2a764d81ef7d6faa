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

describe('a host with dhcpcd, whose router advertises a name server too', () => {
  it('asks the same name servers through the bridge, and again through its NIC', async () => {
    const copy = await startHost((model) => ({
      ...model,
      files: { ...model.files, '/etc/network/interfaces': LEASED, '/etc/dhcpcd.conf': DHCPCD },
      packages: ['ifupdown', 'dhcpcd-base'],
      lan: { ...model.lan, ipv6: { address: 'fd00:1::1', prefix: 64, ra: true } },
    }));
    try {
      await awaitNameServers(copy, '192.168.1.1 router%eth0');
      // Another link's record, whose name begins alike.
      const other = '/run/dhcpcd/hook-state/resolv.conf/eth0.10';
      await copy.sandbox.write(other, '# A VLAN without a name server\n');
      const run = await setUp(copy);
      expect(run.exitCode, JSON.stringify(run.document)).toBe(0);
      expect(await nameServers(copy)).toBe('192.168.1.1 router%br0');
      expect(await copy.sandbox.read(other)).not.toBeNull();
      const back = await copy.bridgeSetup(['rollback', '--json']);
      expect(back.exitCode, back.stdout + back.stderr).toBe(0);
      expect(await nameServers(copy)).toBe('192.168.1.1 router%eth0');
    } finally {
      await copy.stop();
    }
  });
});
