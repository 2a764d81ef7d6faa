import { chmod, mkdir, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { collectFiles as collect } from '../../../src/facts/files.js';
import type { Host } from '../../../src/host/host.js';
import { HIDDEN_SECRET } from '../../../src/model/secret.js';
import { RootedHost } from '../support/rooted-host.js';
import { temporaryFolder } from '../support/temporary.js';
import { writeTree } from '../support/tree.js';

async function hostWith(contents: Record<string, string>) {
  const root = await temporaryFolder();
  writeTree(
    root,
    Object.fromEntries(Object.entries(contents).map(([path, content]) => [path, { content, mode: 0o644 }])),
  );
  return new RootedHost(root);
}

const collectFiles = async (host: Host) => (await collect(host)).files;

describe('collectFiles', () => {
  it('finds nothing on a host without any', async () => {
    expect(await collectFiles(await hostWith({}))).toEqual({});
  });

  it('reads the files of the network and its own, with their modes, and no others', async () => {
    const host = await hostWith({
      '/etc/network/interfaces': 'auto lo\n',
      '/etc/network/interfaces.d/eth0': 'iface eth0 inet dhcp\n',
      '/etc/bridge-setup/runtime.json': '{}\n',
      '/etc/passwd': 'root\n',
    });
    await chmod(join(host.root, '/etc/network/interfaces.d/eth0'), 0o600);
    expect(await collectFiles(host)).toEqual({
      '/etc/network/interfaces': { content: 'auto lo\n', mode: 0o644 },
      '/etc/network/interfaces.d/eth0': { content: 'iface eth0 inet dhcp\n', mode: 0o600 },
      '/etc/bridge-setup/runtime.json': { content: '{}\n', mode: 0o644 },
    });
  });

  it('reads what cloud-init reads, and the configuration of dhcpcd', async () => {
    const host = await hostWith({
      '/etc/cloud/cloud.cfg': 'users: []\nnetwork:\n  config: disabled\n',
      '/etc/cloud/cloud.cfg.d/90_dpkg_maas.cfg': 'reporting:\n  token_secret: not to be read\n',
      '/etc/cloud/cloud.cfg.d/99-off.cfg': 'network: {config: disabled}\n',
      '/etc/cloud/cloud.cfg.d/README': 'no\n',
      '/etc/cloud/templates/hosts.tmpl': 'no\n',
      '/etc/cloud/cloud-init.disabled': '',
      '/etc/dhcpcd.conf': 'hostname\n',
    });
    expect(Object.keys(await collectFiles(host)).sort()).toEqual([
      '/etc/cloud/cloud-init.disabled',
      '/etc/cloud/cloud.cfg',
      '/etc/cloud/cloud.cfg.d/99-off.cfg',
      '/etc/dhcpcd.conf',
    ]);
  });

  it('follows files that are sourced by sourced files, globs in folder names, and no circle', async () => {
    const host = await hostWith({
      '/etc/network/interfaces': 'source sites/*/main.cfg\n',
      '/etc/network/sites/berlin/main.cfg': 'source \\\n  nics/*\nsource ../../interfaces\n',
      '/etc/network/sites/berlin/nics/eth0': 'source-directory /srv/l?n\n',
      '/etc/network/sites/berlin/other.cfg': 'no\n',
      '/srv/lan/eth1': 'iface eth1 inet manual\n',
    });
    expect(Object.keys(await collectFiles(host)).sort()).toEqual([
      '/etc/network/interfaces',
      '/etc/network/sites/berlin/main.cfg',
      '/etc/network/sites/berlin/nics/eth0',
      '/srv/lan/eth1',
    ]);
  });

  it('reads nothing beside the one file that a source line names', async () => {
    const host = await hostWith({
      '/etc/network/interfaces': 'source /etc/lan.cfg\n',
      '/etc/lan.cfg': 'iface eth0 inet dhcp\n',
      '/etc/shadow': 'secret\n',
    });
    expect(Object.keys(await collectFiles(host))).toEqual(['/etc/network/interfaces', '/etc/lan.cfg']);
  });

  it('reads what the network scripts read, but none of their programs, and no password', async () => {
    const folder = '/etc/sysconfig/network-scripts';
    const config = [
      'ifcfg-eth0',
      'ifcfg-eth0:0',
      'route-eth0',
      'route6-eth0',
      'rule-eth0',
      'rule6-eth0',
      'eth0.route',
    ];
    const read = [
      ...config.map((name) => `${folder}/${name}`),
      ...['/etc/sysconfig/network', '/etc/sysconfig/static-routes', '/etc/dhcp/dhclient-eth0.conf'],
    ];
    const others = [`${folder}/ifup-eth`, `${folder}/network-functions`, '/etc/dhcp/dhclient-script'];
    const keys = { [`${folder}/keys-eth0`]: 'KEY=secret\n' };
    const texts = Object.fromEntries([...read, ...others].map((path) => [path, 'A=1\n']));
    const found = await collectFiles(await hostWith({ ...texts, ...keys }));
    expect(Object.keys(found).sort()).toEqual([...read, ...Object.keys(keys)].sort());
    expect(found[`${folder}/keys-eth0`]?.content).toBe('');
  });

  it('reads what dhclient and dhcpcd read, what is included, and none of their secrets', async () => {
    const key = (secret: string) => `key k { algorithm hmac-md5; secret ${secret}; }\n`;
    const found = await collectFiles(
      await hostWith({
        '/etc/dhcp/dhclient.conf': `${key('"c2Vj cmV0"')}# secret c2VjcmV0\ninclude "/etc/dhcp/key";\n`,
        '/etc/dhcp/key': `include "/etc/dhcp/dhclient.conf";\n${key('c2VjcmV0+/==')}`,
        '/etc/dhcp/dhclient-eth0.conf': key('c2VjcmV0'),
        '/etc/dhcpcd.conf': 'authtoken 1 "" forever "c2VjcmV0"\nauthtoken 0x2 realm 0 c2VjcmV0\nhostname\n',
      }),
    );
    expect(Object.keys(found).sort()).toEqual([
      '/etc/dhcp/dhclient-eth0.conf',
      '/etc/dhcp/dhclient.conf',
      '/etc/dhcp/key',
      '/etc/dhcpcd.conf',
    ]);
    const all = Object.values(found)
      .map(({ content }) => content)
      .join('');
    expect(all).not.toMatch(/c2Vj|cmV0/);
    expect(all).toContain(`secret ${HIDDEN_SECRET}; }`);
    expect(all).toContain(`authtoken 0x2 realm 0 ${HIDDEN_SECRET}\nhostname`);
  });

  it('follows source lines: absolute and relative, several to a line, folders too', async () => {
    const host = await hostWith({
      '/etc/network/interfaces': [
        'source /etc/lan/*.cfg more/*',
        'source-directory /etc/folder',
        '# source /etc/comment/*',
      ].join('\n'),
      '/etc/lan/a.cfg': 'a',
      '/etc/network/more/b': 'b',
      '/etc/folder/c': 'c',
      '/etc/comment/d': 'd',
    });
    expect(Object.keys(await collectFiles(host)).sort()).toEqual([
      '/etc/folder/c',
      '/etc/lan/a.cfg',
      '/etc/network/interfaces',
      '/etc/network/more/b',
    ]);
  });

  it('follows a symbolic link to a file, and passes over folders and what is far too long', async () => {
    const host = await hostWith({
      '/etc/network/interfaces': 'auto lo\n',
      '/etc/network/real': 'iface eth0 inet dhcp\n',
      '/etc/network/interfaces.d/long': 'x'.repeat(300_000),
    });
    await mkdir(join(host.root, '/etc/network/interfaces.d/folder'));
    await symlink('../real', join(host.root, '/etc/network/interfaces.d/link'));
    await symlink('../nowhere', join(host.root, '/etc/network/interfaces.d/broken'));
    const found = await collectFiles(host);
    expect(Object.keys(found).sort()).toEqual(['/etc/network/interfaces', '/etc/network/interfaces.d/link']);
    expect(found['/etc/network/interfaces.d/link']?.content).toBe('iface eth0 inet dhcp\n');
  });

  it('notes what it could not read, of what has a say in the network', async () => {
    const sourced = { '/etc/network/interfaces': 'source interfaces.d/*.cfg\nsource /srv/binary\n' };
    const host = await hostWith({
      ...sourced,
      '/etc/network/interfaces.d/long.cfg': `mapping eth0\n${'#\n'.repeat(150_000)}`,
      '/etc/network/interfaces.d/.a.swp': 'b0VIM\0',
      '/etc/network/interfaces.d/long': 'x'.repeat(300_000),
      '/srv/binary': 'iface\0',
      '/etc/netplan/backup.tar': '\0',
      '/etc/sysconfig/network-scripts/ifcfg-eth0': 'DEVICE=eth0\0\n',
    });
    const read = host.files.read;
    host.files.read = async (path) => {
      if (path === '/etc/netplan/50.yaml') throw new Error('EIO: i/o error');
      return read(path);
    };
    await host.files.write('/etc/netplan/50.yaml', 'network: {}\n');
    const { files, unread } = await collect(host);
    expect(Object.keys(files)).toEqual(['/etc/network/interfaces']);
    expect(unread).toEqual([
      { path: '/etc/network/interfaces.d/long.cfg', reason: 'too-large', detail: '300013 bytes' },
      { path: '/srv/binary', reason: 'binary', detail: 'a NUL byte' },
      { path: '/etc/netplan/50.yaml', reason: 'unreadable', detail: 'EIO: i/o error' },
      { path: '/etc/sysconfig/network-scripts/ifcfg-eth0', reason: 'binary', detail: 'a NUL byte' },
    ]);
  });
});
