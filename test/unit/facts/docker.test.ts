import { describe, expect, it } from 'vitest';
import { collectForwarding } from '../../../src/facts/forwarding.js';
import { collectDockerCli } from '../../../src/facts/packages.js';
import { FakeHost } from '../support/fake-host.js';

const NONE = { installed: false, reachable: false, version: null, error: 'none' };
const section = (name: string, candidate: string) =>
  `${name}:\n  Installed: (none)\n  Candidate: ${candidate}\n  Version table:\n     ${candidate} 500\n`;

describe('the package of the command `docker`', () => {
  const asked = (text: string) => {
    const host = new FakeHost();
    host.programs.set('apt-cache', '/usr/bin/apt-cache');
    host.script = () => ({ stdout: text });
    return collectDockerCli(host, NONE);
  };

  // As apt 2.6 and 3.0 print it.
  it.each([
    ['Debian 13 has one', section('docker.io', '26.1.5') + section('docker-cli', '26.1.5'), true],
    ['Debian 12 knows no such name', section('docker.io', '20.10.24'), false],
    [
      'a name without a version is none',
      section('docker.io', '26.1.5') + section('docker-cli', '(none)'),
      false,
    ],
    ['nothing is known where the lists are empty', '', null],
  ])('%s', async (_, text, expected) => expect(await asked(text)).toBe(expected));

  it('is not asked for where Docker is there', async () => {
    const host = new FakeHost();
    host.programs.set('apt-cache', '/usr/bin/apt-cache');
    expect(await collectDockerCli(host, { ...NONE, installed: true })).toBeNull();
    expect(host.commands).toEqual([]);
  });
});

describe('IP forwarding for Docker', () => {
  const NFT = { '/etc/docker/daemon.json': '{ "firewall-backend": "nftables" }' };
  const DROP_IN = {
    '/etc/systemd/system/docker.service.d/nft.conf':
      '[Service]\nExecStart=\nExecStart=/usr/bin/dockerd -H fd:// --firewall-backend=nftables\n',
  };
  const SYSCTL = '/proc/sys/net/ipv4/ip_forward';
  it.each<[string, Record<string, string>, unknown]>([
    ['is its own matter with iptables', { '/etc/docker/daemon.json': '{}', [SYSCTL]: '0' }, null],
    ['is off', { ...NFT, [SYSCTL]: '0\n' }, { now: false, lasting: false }],
    ['is on by hand', { ...DROP_IN, [SYSCTL]: '1\n' }, { now: true, lasting: false }],
    [
      'is on at each boot',
      { ...NFT, [SYSCTL]: '1\n', '/etc/sysctl.d/99-x.conf': '# forwarding\nnet.ipv4.ip_forward = 1\n' },
      { now: true, lasting: true },
    ],
    [
      'is switched off again by a later file',
      {
        ...NFT,
        [SYSCTL]: '1\n',
        '/etc/sysctl.d/10-a.conf': 'net/ipv4/ip_forward=1',
        '/etc/sysctl.conf': 'net.ipv4.ip_forward=0',
      },
      { now: true, lasting: false },
    ],
    [
      'is what a file of the same name in /etc says',
      {
        ...NFT,
        [SYSCTL]: '1',
        '/etc/sysctl.d/50-a.conf': '',
        '/usr/lib/sysctl.d/50-a.conf': 'net.ipv4.ip_forward=1',
      },
      { now: true, lasting: false },
    ],
  ])('%s', async (_, files, expected) => {
    const host = new FakeHost();
    for (const [path, text] of Object.entries(files)) host.content.set(path, text);
    expect(await collectForwarding(host)).toEqual(expected);
  });
});
