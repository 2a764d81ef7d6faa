import { describe, expect, it } from 'vitest';
import { collectManagers } from '../../../src/facts/managers.js';
import { parseNmcli } from '../../../src/host/nmcli.js';
import { files, link, loopback } from '../support/facts.js';
import { FakeHost } from '../support/fake-host.js';

const INTERFACES = { '/etc/network/interfaces': 'auto lo\niface lo inet loopback\niface eth0 inet dhcp\n' };
const LINKS = [loopback, link(), link({ name: 'eth1', index: 3 })];

describe('parseNmcli', () => {
  it('names the links that NetworkManager has in its hands', () => {
    expect(
      parseNmcli(
        'eth0:connected\nwlan0:disconnected\neth1:unmanaged\nwwan0:unavailable\nlo:connected (externally)\n',
      ),
    ).toEqual(['eth0', 'wlan0', 'lo']);
    expect(parseNmcli('')).toEqual([]);
  });
});

describe('collectManagers', () => {
  const collect = (host: FakeHost, texts: Record<string, string> = {}) =>
    collectManagers(host, files(texts), LINKS);

  it('finds ifupdown with the links of its stanzas, wherever they stand', async () => {
    const host = new FakeHost();
    host.programs.set('ifup', '/usr/sbin/ifup');
    const texts = { ...INTERFACES, '/etc/network/interfaces.d/eth1': 'iface eth1 inet manual\n' };
    expect(await collect(host, texts)).toEqual([
      { name: 'ifupdown', active: true, links: ['lo', 'eth0', 'eth1'] },
    ]);
  });

  it('knows the link of a stanza that has a name of its own', async () => {
    const text = 'auto lo eth0=lan\niface lo inet loopback\niface lan inet dhcp\nauto eth1=none\n';
    expect(await collect(new FakeHost(), { '/etc/network/interfaces': text })).toMatchObject([
      { links: ['lo', 'lan', 'eth0'] },
    ]);
  });

  it('does not take ifupdown for active without ifup, or with nothing but lo', async () => {
    const host = new FakeHost();
    expect(await collect(host, INTERFACES)).toMatchObject([{ name: 'ifupdown', active: false }]);
    host.programs.set('ifup', '/usr/sbin/ifup');
    const onlyLo = { '/etc/network/interfaces': 'iface lo inet loopback\n' };
    expect(await collect(host, onlyLo)).toMatchObject([{ active: false }]);
  });

  it('finds ifcfg files, netplan and cloud-init by their files', async () => {
    const texts = {
      '/etc/sysconfig/network-scripts/ifcfg-eth0': 'DEVICE=eth0\n',
      '/etc/netplan/01-netcfg.yaml': 'network: {}\n',
      '/etc/network/interfaces.d/50-cloud-init': 'iface eth0 inet dhcp\n',
    };
    expect(await collect(new FakeHost(), texts)).toEqual([
      { name: 'ifcfg', active: false, links: ['eth0'] },
      { name: 'netplan', active: true, links: [] },
      { name: 'cloud-init', active: true, links: [] },
    ]);
  });

  it('takes the network scripts for active where they are installed and start at boot', async () => {
    const texts = {
      '/etc/sysconfig/network-scripts/ifcfg-System_eth0': 'DEVICE="eth0" # the office\n',
      '/etc/sysconfig/network-scripts/ifcfg-lan': 'HWADDR=52:54:00:12:34:56\n',
      '/etc/sysconfig/network-scripts/ifcfg-eth1': '# DEVICE=eth7\nONBOOT=no\n',
    };
    const host = new FakeHost();
    const links = ['eth0', 'eth1'];
    host.content.set('/etc/sysconfig/network-scripts/ifup-eth', '');
    expect(await collect(host, texts)).toEqual([{ name: 'ifcfg', active: false, links }]);
    host.content.set('/etc/rc.d/rc3.d/K90network', '');
    expect(await collect(host, texts)).toEqual([{ name: 'ifcfg', active: false, links }]);
    host.content.set('/etc/rc.d/rc3.d/S10network', '');
    expect(await collect(host, texts)).toEqual([{ name: 'ifcfg', active: true, links }]);
    host.content.delete('/etc/sysconfig/network-scripts/ifup-eth');
    expect(await collect(host, texts)).toMatchObject([{ active: false }]);
  });

  it('knows the links that netplan defines, in files that it reads', async () => {
    const texts = {
      '/etc/netplan/01-netcfg.yaml': 'network:\n  ethernets:\n    eth0: {dhcp4: true}\n',
      '/etc/netplan/01-netcfg.yaml.bak': 'network:\n  ethernets:\n    eth1: {dhcp4: true}\n',
    };
    expect(await collect(new FakeHost(), texts)).toEqual([
      { name: 'netplan', active: true, links: ['eth0'] },
    ]);
  });

  it('finds dhcpcd where it was started for all links, with those that it may have', async () => {
    const host = new FakeHost();
    host.content.set('/run/dhcpcd/eth0.pid', '612');
    expect(await collect(host)).toEqual([]);
    host.content.set('/run/dhcpcd/pid', '613');
    expect(await collect(host)).toEqual([{ name: 'dhcpcd', active: true, links: ['eth0', 'eth1'] }]);
    expect(await collect(host, { '/etc/dhcpcd.conf': 'denyinterfaces eth0\n' })).toMatchObject([
      { links: ['eth1'] },
    ]);
  });

  it('asks NetworkManager only where it runs', async () => {
    const host = new FakeHost();
    host.script = (argv) => ({
      stdout: argv.includes('device')
        ? 'eth0:connected\neth1:unmanaged\n'
        : 'eth0:/etc/a\\:b/ifcfg-eth0\ndocker0:\n:/etc/vpn\n',
    });
    expect(await collect(host)).toEqual([]);
    expect(host.commands).toEqual([]);
    host.content.set('/run/NetworkManager/devices', '');
    const profiles = { eth0: '/etc/a:b/ifcfg-eth0', docker0: '' };
    expect(await collect(host)).toEqual([
      { name: 'NetworkManager', active: true, links: ['eth0'], profiles },
    ]);
  });

  it('finds the links of systemd-networkd, without those that it leaves alone', async () => {
    const host = new FakeHost();
    host.content.set('/run/systemd/netif/links', '');
    host.content.set('/run/systemd/netif/links/2', 'ADMIN_STATE=configured\nOPER_STATE=routable\n');
    host.content.set('/run/systemd/netif/links/3', 'ADMIN_STATE=unmanaged\n');
    expect(await collect(host)).toEqual([{ name: 'systemd-networkd', active: true, links: ['eth0'] }]);
  });
});
