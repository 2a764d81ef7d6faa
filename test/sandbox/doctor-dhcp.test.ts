import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RunningCopy } from '../../src/rehearse/copy.js';
import type { HostCopy } from '../../src/rehearse/host-copy.js';
import { findings, nothingLeft, wrongs } from './doctor-support.js';
import { addressOf, docker, eventually, importImage, setUp, startHost } from './support.js';

let copy: RunningCopy;
beforeAll(async () => {
  const ipv6 = { address: 'fd00:1::1', prefix: 64, ra: true };
  copy = await startHost((model: HostCopy) => ({ ...model, lan: { ...model.lan, ipv6 } }));
});
afterAll(() => copy?.stop());

const shell = (line: string) => copy.sandbox.run(['sh', '-c', line], { timeoutMs: 60_000 });
// To ask the LAN takes seconds, and nothing here is found by its answers.
const found = () => wrongs(copy, '--no-probe');

type Case = [broken: string, name: string, remedy: string];
const seeItGo = async (broken: string, name: string, remedy: string) => {
  await shell(broken);
  expect(await found()).toContain(name);
  await shell(remedy);
  await nothingLeft(copy, '--no-probe');
};

describe('on a host with DHCP, before its set-up', () => {
  it('nothing', async () => expect(await wrongs(copy)).toEqual([]));

  it.each<Case>([
    [
      'mkdir -p /run/systemd/netif/links; : > /run/systemd/netif/links/$(cat /sys/class/net/eth0/ifindex)',
      'two-managers',
      'echo ADMIN_STATE=unmanaged > /run/systemd/netif/links/$(cat /sys/class/net/eth0/ifindex)',
    ],
    [
      'mkdir -p /run/dhcpcd; echo 1 > /run/dhcpcd/pid',
      'two-managers',
      'echo "denyinterfaces eth0 br0" > /etc/dhcpcd.conf',
    ],
  ])('%s: %s', seeItGo);
});

describe('on a host with DHCP that is set up', () => {
  beforeAll(async () => {
    expect((await setUp(copy)).exitCode).toBe(0);
    await importImage(copy);
  });

  it('nothing', async () => expect(await wrongs(copy)).toEqual([]));

  it.each<Case>([
    [
      'ip address change 192.168.1.10/24 dev br0 valid_lft 60 preferred_lft 60',
      'lease-near-its-end',
      'ifdown br0 && ifup br0',
    ],
    ['kill -9 $(pidof dhclient)', 'no-client-on-bridge', 'ifdown br0; ifup br0'],
    [
      'kill -9 $(pidof dhclient); mkdir /tmp/gone; for one in udhcpc dhclient dhcpcd; do at=$(command -v $one) && mv $at /tmp/gone; done; true',
      'no-client-installed',
      'mv /tmp/gone/* /usr/sbin; ifdown br0; ifup br0',
    ],
    [
      // The router is heard some time after the bridge is up again.
      'for i in $(seq 150); do ip -6 address show dev br0 | grep -q dynamic && break; sleep 0.2; done; sysctl -qw net.ipv6.conf.br0.accept_ra=1 net.ipv6.conf.all.forwarding=1',
      'ra-ignored',
      'sysctl -qw net.ipv6.conf.br0.accept_ra=2',
    ],
  ])('%s: %s', seeItGo);

  it('a container whose lease was not renewed in time, until its client has renewed it', async () => {
    const daemon = await copy.startDaemon();
    const rule = 'pipework_cmd=br0 -i eth0 @CONTAINER_NAME@ dhcp';
    await docker(copy, 'run', '-d', '--name=tv', '--net=none', '-e', rule, 'box', 'sleep', '3600');
    await eventually('tv has its lease', () => addressOf(copy, 'tv'));
    await nothingLeft(copy, '--no-probe');
    // The LAN leases for an hour.
    const renewedAgo = (seconds: number) =>
      shell(`sed -i "s/^time=.*/time=$(($(date +%s) - ${seconds}))/" /run/bridge-setup/leases/*.lease`);
    const said = async (name: string) =>
      (await findings(copy)).flatMap(({ check, message }) => (check === name ? [message] : []));
    await renewedAgo(2800);
    expect(await said('container-lease-overdue')).toEqual([
      expect.stringMatching(
        /^tv, eth0 on br0: .* 3600 s .* 28\d\d s ago, and has 7\d\d s left: .* overdue\.$/,
      ),
    ]);
    await renewedAgo(3300);
    expect(await said('container-trouble')).toEqual(['tv, eth0 on br0: its lease was not renewed in time.']);
    // It asks the server now.
    await shell('kill -USR1 $(pidof udhcpc)');
    await nothingLeft(copy, '--no-probe');
    daemon.kill();
    await daemon.exited;
  });
});
