import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RunningCopy } from '../../src/rehearse/copy.js';
import { ANSWERS, MORE_PROGRAMS, setUp, startHost } from './support.js';

let copy: RunningCopy;
const file = '/etc/network/interfaces';

beforeAll(async () => {
  copy = await startHost((model) => model, MORE_PROGRAMS);
  const { sandbox } = copy;
  await sandbox.run(['ip', 'link', 'add', 'eth1', 'type', 'veth', 'peer', 'name', 'far1']);
  await sandbox.run(['ip', 'link', 'set', 'far1', 'up']);
});
afterAll(() => copy?.stop());

/** All that the kernel tells of the host's network, without what changes by itself. */
async function network(): Promise<string> {
  const script =
    'ip address show eth0; ip address show eth1; ip -4 -d route show table all; ip -6 -d route show table all; ip rule; ip -6 rule';
  const { stdout } = await copy.sandbox.run(['sh', '-c', script]);
  return stdout.replace(/^.*docker0.*\n/gm, '').replace(/\d+sec/g, 'N');
}

/** Mode, owner, access list and extended attributes of the network file. */
async function attributes(): Promise<string> {
  const xattrs = `import os; print(sorted((name, os.getxattr('${file}', name)) for name in os.listxattr('${file}')))`;
  const access = await copy.sandbox.run(['getfacl', '--absolute-names', file]);
  return access.stdout + (await copy.sandbox.run(['python3', '-c', xattrs])).stdout;
}

/** Set up and roll back a host with this file; `after`: what is so on the bridge. */
async function thereAndBack(interfaces: string, commands: string[], after: () => Promise<void>) {
  const { sandbox } = copy;
  await sandbox.run(['sh', '-c', 'ifdown eth0; ip address flush dev eth0; ip route flush default'], {
    check: false,
  });
  await sandbox.write(file, interfaces);
  await sandbox.run([
    'sh',
    '-c',
    'ip link set eth1 up; ip address flush dev eth1 scope global; ip address add 10.5.0.2/24 dev eth1; ifup eth0',
  ]);
  for (const command of commands) await sandbox.run(['sh', '-c', command]);
  // Duplicate address detection.
  await sandbox.run(['sleep', '3']);
  const before = await network();
  const attributesBefore = await attributes();
  // Whether containers are reached from such an uplink is the proof's business; without DHCP it does not wait long.
  const run = await setUp(copy, { ...ANSWERS, verify: { container: { address: '192.168.1.77/24' } } });
  expect(run.document.state, JSON.stringify(run.document)).toBe('applied');
  expect(await attributes()).toBe(attributesBefore);
  await after();
  const back = await copy.bridgeSetup(['rollback', '--json']);
  expect(back.exitCode, back.stdout + back.stderr).toBe(0);
  expect(await network()).toBe(before);
  expect(await sandbox.read(file)).toBe(interfaces);
  expect(await attributes()).toBe(attributesBefore);
}

const shown = async (...argv: string[]) => (await copy.sandbox.run(['ip', ...argv])).stdout;

describe('an uplink', () => {
  it('with an address that has a peer moves and comes back', async () => {
    const interfaces =
      'auto eth0\niface eth0 inet static\n    address 192.168.1.10\n    netmask 255.255.255.255\n    pointopoint 192.168.1.1\n    gateway 192.168.1.1\n';
    await thereAndBack(interfaces, [], async () => {
      expect(await shown('address', 'show', 'br0')).toContain('inet 192.168.1.10 peer 192.168.1.1/32');
      expect(await copy.sandbox.read(file)).toContain('pointopoint 192.168.1.1');
      expect(await copy.lan.ping('192.168.1.10')).toBe(3);
    });
  });

  it('whose gateway is not the way out leaves the way out alone', async () => {
    const interfaces =
      'auto eth0\niface eth0 inet static\n    address 192.168.1.10/24\n    gateway 192.168.1.1\n';
    const commands = ['ip route del default', 'ip route add default via 10.5.0.1 dev eth1'];
    await thereAndBack(interfaces, commands, async () => {
      expect(await shown('route', 'show', 'default')).toBe('default via 10.5.0.1 dev eth1 \n');
    });
  });

  it('with a default route over two gateways keeps both', async () => {
    const interfaces = 'auto eth0\niface eth0 inet static\n    address 192.168.1.10/24\n';
    const route =
      'ip route add default metric 5 nexthop via 192.168.1.1 dev eth0 weight 2 nexthop via 192.168.1.2 dev eth0';
    await thereAndBack(interfaces, [route], async () => {
      const text = await shown('route', 'show', 'default');
      expect(text).toMatch(/via 192\.168\.1\.1 dev br0 weight 2[\s\S]*via 192\.168\.1\.2 dev br0 weight 1/);
    });
  });

  it('whose file has an access list and attributes of its own keeps them', async () => {
    const interfaces =
      'auto eth0\niface eth0 inet static\n    address 192.168.1.10/24\n    gateway 192.168.1.1\n';
    const commands = [
      `chown daemon:adm ${file}; chmod 640 ${file}; setfacl --modify user:nobody:rw,group:games:r ${file}`,
      `python3 -c "import os; os.setxattr('${file}', 'user.from', b'ansible')"`,
    ];
    await thereAndBack(interfaces, commands, async () => {
      expect(await attributes()).toMatch(/user:nobody:rw-[\s\S]*group::r--[\s\S]*mask::rw-[\s\S]*ansible/);
    });
  });

  it('that was down is down again', async () => {
    const down = ['ifdown eth0; ip link set eth0 down; ! ip link show eth0 up | grep -q eth0'];
    await thereAndBack('iface eth0 inet manual\n', down, async () => {
      expect(await shown('link', 'show', 'br0', 'up')).toContain('br0');
    });
  });

  it('without an address of IPv4 is set up: a NIC for containers only', async () => {
    await thereAndBack('auto eth0\niface eth0 inet manual\n', [], async () => {
      expect(await shown('-4', 'address', 'show', 'br0')).toBe('');
    });
  });
});
