import { describe, expect, it } from 'vitest';
import { collectDhcpClients, parseClient } from '../../../src/facts/dhcp-clients.js';
import { FakeHost } from '../support/fake-host.js';

const DHCLIENT =
  'dhclient -4 -v -i -pf /run/dhclient.eth0.pid -lf /var/lib/dhcp/dhclient.eth0.leases -I eth0';

describe('parseClient', () => {
  it.each([
    [DHCLIENT, 'dhclient', 'eth0'],
    ['/sbin/dhclient -nw', 'dhclient', null],
    ['/sbin/dhclient -6 -1 -pf /var/run/dhclient6-eth0.pid eth0 -H box', 'dhclient', 'eth0'],
    ['/sbin/dhclient -1 -q -pf /var/run/dhclient-eth0.pid -F box.lan eth0', 'dhclient', 'eth0'],
    ['udhcpc -n -p /run/udhcpc.eth0.pid -i eth1', 'udhcpc', 'eth1'],
    ['/bin/busybox udhcpc --interface br0 -f', 'udhcpc', 'br0'],
    ['udhcpc', 'udhcpc', 'eth0'],
    ['/usr/sbin/dhcpcd -q -b eth0', 'dhcpcd', 'eth0'],
    ['dhcpcd', 'dhcpcd', null],
  ])('%j: %s on %s', (command, name, link) => {
    expect(parseClient(command.split(' '))).toEqual({ name, link });
  });

  it.each([
    ['dhcpcd: eth0 [ip4]', 'eth0'],
    ['dhcpcd: [manager] [ip4] [ip6]', null],
    ['dhcpcd: [master] [ip4]', null],
  ])('reads the title that dhcpcd gives itself: %j', (title, link) => {
    expect(parseClient([title])).toEqual({ name: 'dhcpcd', link });
  });

  it.each(['dhcpcd: [privileged proxy]', 'dhcpcd: [BPF ARP] eth0 192.168.1.10', 'dhcpcd: [control proxy]'])(
    'does not count a helper of dhcpcd: %j',
    (title) => {
      expect(parseClient([title])).toBeNull();
    },
  );

  it.each([
    ['bash -c dhclient'],
    ['vim /etc/dhcp/dhclient.conf'],
    ['busybox ash'],
    ['dhclient-script'],
    [''],
  ])('is none: %j', (command) => {
    expect(parseClient(command.split(' '))).toBeNull();
  });
});

describe('collectDhcpClients', () => {
  it('does not overlook a client that cannot be read just now: there would be two of them', async () => {
    const host = new FakeHost();
    host.content.set('/proc/612', '').set('/proc/612/cmdline', `${DHCLIENT.replaceAll(' ', '\0')}\0`);
    host.links.set('/proc/self/ns/net', 'net:[1]').set('/proc/612/ns/net', 'net:[1]');
    const { read, readlink } = host.files;
    const fail = (code: string) => Promise.reject(Object.assign(new Error(code), { code }));
    host.files.read = (path) => (path === '/proc/612/cmdline' ? fail('EMFILE') : read(path));
    await expect(collectDhcpClients(host)).rejects.toThrow('EMFILE');
    host.files.read = read;
    host.files.readlink = (path) => (path === '/proc/612/ns/net' ? fail('EMFILE') : readlink(path));
    await expect(collectDhcpClients(host)).rejects.toThrow('EMFILE');
    // One that has ended meanwhile.
    host.files.readlink = (path) => (path === '/proc/612/ns/net' ? fail('ESRCH') : readlink(path));
    expect((await collectDhcpClients(host)).running).toEqual([]);
  });

  it("finds those in the host's own network namespace, not those of containers", async () => {
    const host = new FakeHost();
    host.programs.set('dhclient', '/usr/sbin/dhclient');
    // A folder of /proc, as a listing shows it.
    for (const pid of ['612', '900', 'self']) host.content.set(`/proc/${pid}`, '');
    host.content.set('/proc/612/cmdline', `${DHCLIENT.replaceAll(' ', '\0')}\0`);
    host.content.set('/proc/900/cmdline', 'udhcpc\0-i\0eth0\0');
    host.links.set('/proc/self/ns/net', 'net:[1]').set('/proc/612/ns/net', 'net:[1]');
    host.links.set('/proc/900/ns/net', 'net:[2]');
    expect(await collectDhcpClients(host)).toEqual({
      installed: ['dhclient'],
      running: [{ name: 'dhclient', link: 'eth0', pid: 612, argv: DHCLIENT.split(' ') }],
    });
  });
});
