import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RunningCopy } from '../../src/rehearse/copy.js';
import { asNobody, nothingLeft, wrongs } from './doctor-support.js';
import { document, PROJECT, STATIC_INTERFACES, startHost, withInterfaces } from './support.js';

/** dmidecode(8), which is asked for what the firmware says. */
const DMIDECODE = [
  '#!/bin/sh',
  'echo "System Information"',
  'echo "	Manufacturer: VMware, Inc."',
  'echo "	Product Name: VMware Virtual Platform"',
  '',
].join('\n');

/** wpa_supplicant.conf(5) of a wired port with 802.1X. */
const SUPPLICANT = [
  'ap_scan=0',
  'network={',
  'key_mgmt=IEEE8021X',
  'eap=MD5',
  'identity="host"',
  'password="secret"',
  '}',
  '',
].join('\n');

let copy: RunningCopy;
const shell = (line: string) => copy.sandbox.run(['sh', '-c', line], { timeoutMs: 60_000 });

beforeAll(async () => {
  copy = await startHost(withInterfaces(STATIC_INTERFACES), [
    'bridge-utils',
    'busybox-static',
    'udhcpc',
    'wpasupplicant',
  ]);
  await copy.sandbox.write('/tmp/dmidecode', DMIDECODE);
  await copy.sandbox.write('/tmp/wpa.conf', SUPPLICANT);
});
afterAll(() => copy?.stop());

describe('before a set-up, what stands in its way is found by its name, and is not once that was mended', () => {
  it('a host in order fits, which the last line says with the command to go on', async () => {
    expect(await wrongs(copy)).toEqual([]);
    const { stdout, stderr, exitCode } = await copy.bridgeSetup(['doctor']);
    expect([exitCode, stderr]).toEqual([0, '']);
    expect(stdout.trimEnd().split('\n').at(-1)).toBe(
      'This host fits. Next: `npx bridge-setup` sets it up; `npx bridge-setup rehearse` tries it on a copy first.',
    );
    expect(stdout).toContain('note: The init of this host is not systemd');
    const user = (await asNobody(copy, [], 'doctor')).stdout;
    expect(user).toContain(
      'This host fits, as far as can be seen without root. Next: `sudo npx bridge-setup`',
    );
  });

  it('says what it does meanwhile: as events, and in a line of a terminal', async () => {
    const { stdout, stderr } = await copy.bridgeSetup(['doctor', '--json']);
    expect(document(stdout)).toMatchObject({ ok: true, fits: true, fixable: 0 });
    const stages = stderr.split('\n').filter(Boolean).map(document);
    expect(stages.map(({ event, stage }) => [event, stage])).toEqual([
      ['doctor', 'read'],
      ['doctor', 'records'],
    ]);
    const line = `exec ${process.execPath} ${PROJECT}/bin/bridge-setup.js doctor`;
    const shown = await copy.sandbox.run(['script', '--quiet', '--return', '--command', line, '/dev/null'], {
      env: { TERM: 'xterm' },
    });
    expect(shown.stdout).toContain('… Reading the network of this host');
  });

  it.each<[broken: string, name: string, remedy: string]>([
    [
      'install /tmp/dmidecode /usr/local/sbin/dmidecode',
      'foreign-mac',
      // As on a machine of its own.
      'rm /usr/local/sbin/dmidecode',
    ],
    [
      // As the kernel shows a Wi-Fi station (cfg80211).
      'mount -t tmpfs none /sys/class/net/eth0/ && mkdir /sys/class/net/eth0/wireless',
      'uplink-is-wireless',
      'umount /sys/class/net/eth0/',
    ],
    [
      'wpa_supplicant -B -P /tmp/wpa.pid -i eth0 -D wired -c /tmp/wpa.conf',
      'uplink-has-802-1x',
      'kill $(cat /tmp/wpa.pid)',
    ],
    ['ip link add link eth0 name mv0 type macvlan mode bridge', 'uplink-carries-macvlans', 'ip link del mv0'],
    ['ip link add br0 type veth peer name br0far', 'bridge-name-taken', 'ip link del br0'],
    [
      'ip link add br7 type bridge; ip link set dev eth0 master br7',
      'uplink-is-a-port',
      'ip link set dev eth0 nomaster; ip link del br7',
    ],
    [
      'ip link add eth1 type veth peer name eth1far; ip address add 10.9.0.2/24 dev eth1; ip link set eth1 up; ip link set eth1far up; ip route append default via 10.9.0.1 dev eth1',
      'default-routes-clash',
      'ip link del eth1',
    ],
    ['mount -t tmpfs -o size=1M none /var/lib', 'disk-full', 'umount /var/lib'],
    [
      'sed -i s/eth0/eth7/ /etc/network/interfaces',
      'no-backend',
      'sed -i s/eth7/eth0/ /etc/network/interfaces',
    ],
  ])('%s: %s', async (broken, name, remedy) => {
    await shell(broken);
    const { findings, fits } = document((await copy.bridgeSetup(['doctor', '--json'])).stdout);
    const found = findings.find(({ check }: { check: string }) => check === name);
    expect(['warning', 'error']).toContain(found?.severity);
    expect(fits).toBe(found.severity === 'warning');
    await shell(remedy);
    await nothingLeft(copy);
  });
});
