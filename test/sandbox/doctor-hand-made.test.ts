import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RunningCopy } from '../../src/rehearse/copy.js';
import { wrongs } from './doctor-support.js';
import {
  addressOf,
  docker,
  eventually,
  importImage,
  STATIC_INTERFACES,
  startHost,
  withInterfaces,
} from './support.js';

/** br0 is made by a script of somebody's, so no file says how it should be. */
const MAKE = [
  'ip link add br0 type bridge',
  'ip link set dev br0 address $(cat /sys/class/net/eth0/address)',
  'ip link set dev eth0 master br0 up',
  'ip address add 192.168.1.10/24 dev br0',
  'ip link set dev br0 up',
  'ip route add default via 192.168.1.1 dev br0',
].join(' && ');
const ADDRESS_BACK =
  'ip address add 192.168.1.10/24 dev br0; ip route replace default via 192.168.1.1 dev br0';

let copy: RunningCopy;
const shell = (line: string) => copy.sandbox.run(['sh', '-c', line], { timeoutMs: 60_000 });
// To ask the LAN takes seconds, and nothing here is found by its answers.
const found = () => wrongs(copy, '--no-probe');

beforeAll(async () => {
  copy = await startHost(withInterfaces(STATIC_INTERFACES), ['busybox-static', 'udhcpc']);
  await shell("ifdown eth0 && printf 'auto lo\\niface lo inet loopback\\n' >/etc/network/interfaces");
  await shell(MAKE);
  await shell('iptables -I DOCKER-USER -i br0 -o br0 -j ACCEPT');
  await copy.sandbox.write(
    '/etc/bridge-setup/runtime.json',
    JSON.stringify({ version: 1, bridges: ['br0'], dhcpClient: 'udhcpc' }),
  );
  await importImage(copy);
});
afterAll(() => copy?.stop());

describe('a bridge that no file tells of', () => {
  it('in order', async () => expect(await wrongs(copy)).toEqual([]));

  it.each<[broken: string, name: string, remedy: string]>([
    ['ip link set dev eth0 nomaster', 'bridge-without-port', 'ip link set dev eth0 master br0'],
    ['ip address flush dev br0', 'bridge-without-address', ADDRESS_BACK],
    [
      'ip link set dev br0 address 02:00:00:00:00:99',
      'mac-differs-from-port',
      'ip link set dev br0 address $(cat /sys/class/net/eth0/address)',
    ],
    [
      'ip link set dev br0 type bridge stp_state 1 forward_delay 1500',
      'stp-delays',
      'ip link set dev br0 type bridge stp_state 0 forward_delay 200',
    ],
    ['ip route del default', 'no-default-route', 'ip route add default via 192.168.1.1 dev br0'],
    [
      'ip route replace default via 192.168.1.1 dev eth0 onlink',
      'route-through-port',
      'ip route replace default via 192.168.1.1 dev br0',
    ],
    [
      'ip link add eth1 type veth peer name eth1far; ip address add 10.9.0.2/24 dev eth1; ip link set eth1 up; ip link set eth1far up; ip route replace default via 10.9.0.1 dev eth1',
      'route-elsewhere',
      'ip link del eth1; ip route replace default via 192.168.1.1 dev br0',
    ],
  ])('%s: %s', async (broken, name, remedy) => {
    await shell(broken);
    expect(await found()).toContain(name);
    await shell(remedy);
    await eventually(`nothing is left of ${name}`, async () => (await found()).length === 0, 30_000);
  });

  it('a port without a cable', async () => {
    const set = (state: string) => copy.lan.run(['ip', 'link', 'set', 'dev', 'far0', state]);
    await set('down');
    expect(await found()).toContain('port-without-carrier');
    await set('up');
    await eventually('a carrier', async () => (await found()).length === 0, 30_000);
  });

  it('a MAC address that nobody has set', async () => {
    const remake = (mac: string) =>
      shell(
        `ip link del br0; ${MAKE.replace('ip link set dev br0 address $(cat /sys/class/net/eth0/address)', mac)}`,
      );
    await remake('true');
    expect(await found()).toContain('mac-not-pinned');
    await remake('ip link set dev br0 address $(cat /sys/class/net/eth0/address)');
    await eventually('nothing is left', async () => (await found()).length === 0, 30_000);
  });

  it('a container that waits for a lease, where no DHCP server is', async () => {
    const daemon = await copy.startDaemon();
    await copy.lan.stopDhcpServer();
    const rule = 'pipework_cmd=br0 -i eth0 @CONTAINER_NAME@ udhcpc';
    await docker(copy, 'run', '-d', '--name=web', '--net=none', '-e', rule, 'box', 'sleep', '3600');
    await eventually('it is told', async () => (await found()).includes('container-without-address'));
    await copy.lan.startDhcpServer();
    await eventually('a lease', async () => (await addressOf(copy, 'web')) !== null, 60_000);
    await eventually('nothing is left', async () => (await found()).length === 0, 30_000);
    await docker(copy, 'rm', '-f', 'web');
    daemon.kill();
    await daemon.exited;
  });
});
