import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RunningCopy } from '../../src/rehearse/copy.js';
import {
  addressOf,
  answersFromLan,
  docker,
  document,
  eventually,
  importImage,
  STATIC_INTERFACES,
  setUp,
  startHost,
  withInterfaces,
} from './support.js';
import { differing, wholeNetwork } from './whole-network.js';

// A bridge that a script of somebody's made, and no file tells of. Containers join it; it stays theirs.

const EXISTING = {
  version: 1,
  bridge: { name: 'br0', existing: true },
  runtime: { install: 'none' },
};
/** netplan and systemd-networkd give a bridge a MAC address of its own. */
const OWN_MAC = '02:00:00:00:aa:01';
const MAKE = `ip link add br0 address ${OWN_MAC} type bridge stp_state 0
ip link set dev eth0 master br0 up
ip address add 192.168.1.10/24 dev br0
ip link set dev br0 up
ip route add default via 192.168.1.1 dev br0`;
const FILES = 'find /etc/network /etc/systemd /etc/resolv.conf -type f -exec sha256sum {} + | sort -k 2';
const BRIDGE =
  'ip -details -json link show dev br0 | sed "s/\\"[a-z_]*timer[a-z_]*\\":[0-9.]*,*//g; s/\\"\\(topology_change[a-z_]*\\|ageing_time\\)\\":[0-9]*,*//g"; cat /sys/class/net/br0/addr_assign_type; ls /sys/class/net/br0/brif';

let copy: RunningCopy;
const shell = async (line: string) =>
  (await copy.sandbox.run(['sh', '-euc', line], { timeoutMs: 60_000 })).stdout;
const seen = async () => ({
  files: await shell(FILES),
  bridge: await shell(BRIDGE),
  network: await wholeNetwork(copy, { br0: 'br0', eth0: 'eth0' }),
});

beforeAll(async () => {
  copy = await startHost(withInterfaces(STATIC_INTERFACES), ['busybox-static', 'udhcpc']);
  await shell("ifdown eth0; printf 'auto lo\\niface lo inet loopback\\n' >/etc/network/interfaces");
  await shell(MAKE);
  await importImage(copy);
  await eventually('IPv6 is settled', async () => !(await shell('ip -6 address')).includes('tentative'));
});
afterAll(() => copy?.stop());

describe('a bridge that is there', () => {
  let before: Awaited<ReturnType<typeof seen>>;

  it('is named by the refusal to convert it, by doctor and by status, with a command that works', async () => {
    before = await seen();
    const { exitCode, document: refused } = await setUp(copy, {
      version: 1,
      bridge: { uplink: 'auto' },
      runtime: { install: 'none' },
    });
    expect([exitCode, refused.error.code]).toEqual([3, 'no-backend']);
    expect(JSON.stringify(refused.error)).toContain('existing');
    const doctor = await copy.bridgeSetup(['doctor', '--no-probe']);
    expect(doctor.stdout).toContain('"existing":true');
    const status = await copy.bridgeSetup(['status']);
    expect(status.stdout).toContain('br0');
    expect(status.stdout).not.toContain('No bridge is set up here');
    expect(await seen()).toEqual(before);
  });

  it('gets containers, and is proved, without a change of its own', async () => {
    const { exitCode, document: done, stderr } = await setUp(copy, EXISTING);
    expect(exitCode, JSON.stringify(done) + stderr).toBe(0);
    expect(done.state).toBe('applied');
    expect(done.plan.existing).toBe(true);
    const proved = done.verification.proofs.filter(({ state }: { state: string }) => state === 'proved');
    expect(proved.map(({ id }: { id: string }) => id)).toEqual(
      expect.arrayContaining(['dhcp-lan', 'dhcp-restarted-lan', 'static-lan', 'static-restarted-lan']),
    );
    expect(await seen()).toEqual(before);
  });

  it('has nothing to be changed by a second run, and dumps the answers for that', async () => {
    const { document: again } = await setUp(copy, EXISTING);
    expect([again.state, again.plan.steps]).toEqual(['unchanged', []]);
    const dumped = document((await copy.bridgeSetup(['answers', '--dump'])).stdout);
    expect(dumped.bridge).toMatchObject({ name: 'br0', existing: true });
    expect((await setUp(copy, dumped)).document.state).toBe('unchanged');
  });

  it('has containers by DHCP and with a static address, as the LAN sees it, and is rolled back', async () => {
    const daemon = await copy.startDaemon();
    const run = (name: string, address: string) =>
      docker(
        copy,
        ...['run', '-d', `--name=${name}`, '--net=none', '--stop-signal=SIGKILL'],
        ...['-e', `pipework_cmd=br0 -i eth0 @CONTAINER_NAME@ ${address}`, 'box', 'sleep', '3600'],
      );
    await run('static', '192.168.1.70/24@192.168.1.1');
    await run('leased', 'dhcp');
    const leased = await eventually('a lease', () => addressOf(copy, 'leased'));
    await answersFromLan(copy, '192.168.1.70');
    await answersFromLan(copy, leased.replace(/\/.*/, ''));
    const doctor = await copy.bridgeSetup(['doctor', '--json'], { timeoutMs: 60_000 });
    const wrong = document(doctor.stdout).findings.filter(({ severity }: { severity: string }) =>
      ['error', 'warning'].includes(severity),
    );
    expect(
      wrong
        .map(({ check }: { check: string }) => check)
        .filter((check: string) => check !== 'runtime-not-installed'),
    ).toEqual([]);
    const status = document((await copy.bridgeSetup(['status', '--json'])).stdout);
    expect(status.bridges[0]).toMatchObject({ name: 'br0', existing: true, uplinks: [{ name: 'eth0' }] });

    daemon.kill('SIGTERM');
    await daemon.exited;
    const back = await copy.bridgeSetup(['rollback']);
    expect(back.exitCode, back.stdout + back.stderr).toBe(0);
    expect(await copy.lan.ping('192.168.1.10')).toBe(3);
    expect(await copy.lan.ping('192.168.1.70', 1)).toBe(0);
    const after = await seen();
    expect(differing(before.network, after.network)).toEqual([]);
    expect(after).toEqual(before);
    expect(await copy.sandbox.read('/etc/bridge-setup/runtime.json')).toBeNull();
    expect((await copy.sandbox.run(['iptables', '-S', 'DOCKER-USER'])).stdout).not.toContain('br0');
    await docker(copy, 'rm', '-f', 'static', 'leased');
  });

  it('with STP is said to be slow, and proved all the same', async () => {
    await shell('ip link set dev br0 type bridge stp_state 1 forward_delay 200');
    await eventually('it forwards', async () => (await copy.lan.ping('192.168.1.10', 1)) === 1, 30_000);
    before = await seen();
    const { exitCode, document: done } = await setUp(copy, EXISTING);
    expect(exitCode, JSON.stringify(done)).toBe(0);
    expect(done.plan.risks.map(({ check }: { check: string }) => check)).toContain('existing-stp');
    expect((await copy.bridgeSetup(['rollback'])).exitCode).toBe(0);
    expect(await seen()).toEqual(before);
  });

  it.each<[name: string, make: string, code: string]>([
    ['docker0', 'true', 'existing-bridge-is-dockers'],
    [
      'ours',
      'docker network create -o com.docker.network.bridge.name=ours net1',
      'existing-bridge-is-dockers',
    ],
    ['br7', 'ip link add br7 type bridge; ip link set br7 up', 'existing-bridge-without-uplink'],
    ['eth0', 'true', 'existing-not-a-bridge'],
    ['br8', 'true', 'existing-bridge-not-found'],
  ])('%s is refused', async (name, make, code) => {
    await shell(make);
    const { exitCode, document: refused } = await setUp(copy, {
      ...EXISTING,
      bridge: { name, existing: true },
    });
    expect([exitCode, refused.error?.code]).toEqual([3, code]);
  });
});
