import { chmod } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { collectMentions, mentionsIn } from '../../../src/facts/scripts.js';
import { link, loopback } from '../support/facts.js';
import { onlyFinding } from '../support/findings.js';
import { RootedHost } from '../support/rooted-host.js';
import { temporaryFolder } from '../support/temporary.js';
import { writeTree } from '../support/tree.js';

describe('a line that names a link', () => {
  it.each([
    'ip route add 10.0.0.0/8 dev eth0',
    '[ "$1" = "eth0" ] || exit 0',
    'case $IFACE in eth0|eth1) ;; esac',
    'ifup eth0:1',
    'net.ipv4.conf.eth0.rp_filter = 2',
    'echo 1 > /proc/sys/net/ipv4/conf/eth0/proxy_arp',
  ])('%s', (text) => expect(mentionsIn('/x', text, ['eth0'])).toHaveLength(1));

  it.each(['# eth0', '  # ip route add dev eth0', 'eth00', 'eth0.10', 'myeth0', 'eth0-backup', '$eth0', ''])(
    'is not %j',
    (text) => expect(mentionsIn('/x', text, ['eth0'])).toEqual([]),
  );

  it('has its number, and is there for each link', () => {
    expect(mentionsIn('/x', '#!/bin/sh\n\n  tell eth0 eth1\n', ['eth0', 'eth1'])).toEqual([
      { path: '/x', line: 3, text: 'tell eth0 eth1', link: 'eth0' },
      { path: '/x', line: 3, text: 'tell eth0 eth1', link: 'eth1' },
    ]);
  });
});

describe('collectMentions', () => {
  it('reads scripts that can run, and what is sourced, for NICs only', async () => {
    const root = await temporaryFolder();
    const texts = {
      '/etc/network/if-up.d/firewall': '#!/bin/sh\niptables -A INPUT -i eth0 -j ACCEPT\nPASSWORD=secret\n',
      '/etc/network/if-up.d/disabled': 'tell eth0\n',
      '/etc/dhcp/dhclient-exit-hooks.d/routes': 'ip route add 10.0.0.0/8 dev eth0\n',
      '/etc/dhcp/dhclient-exit-hooks': 'tell lo veth1\n',
      '/sbin/ifup-local': '[ "$1" = eth0 ] && tell\n',
      '/etc/NetworkManager/dispatcher.d/50-x': '[ "$1" = eth0 ] && tell\n',
      '/etc/sysctl.d/50.conf': 'net.ipv4.conf.eth0.arp_ignore=1\n',
      '/etc/rc.local': 'ethtool -K eth0 gro off\n',
    };
    const files = Object.entries(texts).map(([path, content]) => [path, { content, mode: 0o644 }] as const);
    writeTree(root, Object.fromEntries(files));
    const runs = [
      '/etc/network/if-up.d/firewall',
      '/sbin/ifup-local',
      '/etc/NetworkManager/dispatcher.d/50-x',
    ];
    for (const path of [...runs, '/etc/rc.local']) await chmod(join(root, path), 0o755);
    const links = [link(), loopback, link({ name: 'veth1', kind: 'veth', addresses: [] })];
    const found = await collectMentions(new RootedHost(root), links);
    expect(found.map(({ path, line }) => `${path}:${line}`)).toEqual([
      '/etc/network/if-up.d/firewall:2',
      '/etc/NetworkManager/dispatcher.d/50-x:1',
      '/sbin/ifup-local:1',
      '/etc/rc.local:1',
      '/etc/dhcp/dhclient-exit-hooks.d/routes:1',
      '/etc/sysctl.d/50.conf:1',
    ]);
    expect(JSON.stringify(found)).not.toContain('secret');
  });
});

it('a script that names the uplink is a risk, with its first line', () => {
  const line = (path: string, number: number, name = 'eth0') => ({
    path,
    line: number,
    text: 'tell',
    link: name,
  });
  const mentions = [line('/etc/rc.local', 4), line('/etc/rc.local', 6), line('/sbin/ifup-local', 2, 'eth1')];
  expect(onlyFinding({ mentions })).toEqual({
    check: 'script-names-uplink',
    severity: 'warning',
    message: '/etc/rc.local:4 names eth0 ("tell", and 1 more), and is not changed.',
    remedy: 'Check whether it should name br0, which has the addresses of eth0 from now on.',
  });
});
