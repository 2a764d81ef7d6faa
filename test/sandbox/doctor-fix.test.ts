import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RunningCopy } from '../../src/rehearse/copy.js';
import {
  document,
  HOST_ADDRESS,
  STATIC_INTERFACES,
  setUpForContainers,
  startHost,
  withInterfaces,
} from './support.js';
import { startEcho, watchTcp } from './tcp-watch.js';

/** A person at the other end would notice; a busy machine is no failure. */
const STALL_MS = 3000;
const RULE = '-i br0 -o br0 -j ACCEPT';

/** The network of the host, and what is in the firewall for its containers. */
const NETWORK = `ip -o link show dev eth0 | grep -o '<.*>'; ip -4 address show dev eth0 | grep inet
ip -4 route show dev eth0; ip -o link show type bridge | grep -o br0; cat /sys/class/net/eth0/mtu; iptables -S DOCKER-USER`;

let copy: RunningCopy;
let before: string;
beforeAll(async () => {
  copy = await startHost(withInterfaces(STATIC_INTERFACES));
  before = await shell(NETWORK);
  await setUpForContainers(copy);
  await startEcho(copy);
});
afterAll(() => copy?.stop());

const shell = async (line: string) =>
  (await copy.sandbox.run(['sh', '-c', line], { timeoutMs: 60_000 })).stdout;

async function doctor(...flags: string[]) {
  const { exitCode, stdout } = await copy.bridgeSetup(['doctor', '--json', ...flags]);
  return { exitCode, ...document(stdout) };
}
const names = ({ findings }: { findings: { check: string; severity: string }[] }) =>
  findings.filter(({ severity }) => severity === 'error' || severity === 'warning').map(({ check }) => check);

const STP = 'cat /sys/class/net/br0/bridge/stp_state';
const DOCKER_USER = 'iptables -S DOCKER-USER';
const LINK = 'ip -o link show eth0 | grep -o "master br0"; ip -o link show eth0 | grep -o "[<,]UP"; true';

describe('doctor --fix', () => {
  it.each<[broken: string, name: string, state: string, reachable: boolean]>([
    [`iptables -D DOCKER-USER ${RULE}`, 'accept-rule-missing', DOCKER_USER, true],
    ['iptables -I DOCKER-USER -j DROP', 'accept-rule-too-late', DOCKER_USER, true],
    [
      'iptables -D FORWARD -j DOCKER-USER',
      'docker-user-not-called',
      'iptables -S FORWARD | grep -c DOCKER-USER || true',
      true,
    ],
    ['ip link set dev br0 type bridge stp_state 1; sleep 0.1', 'stp-differs', STP, true],
    ['ip link set dev br0 mtu 1400', 'mtu-mismatch', 'cat /sys/class/net/br0/mtu', true],
    ['ip link set dev eth0 nomaster', 'port-not-in-bridge', LINK, false],
    ['ip link set dev eth0 down', 'port-down', LINK, false],
    [
      'sysctl -qw net.ipv4.conf.br0.rp_filter=1; ip link add eth1 type veth peer name far; ip address add 192.168.1.50/24 dev eth1; ip link set far up; ip link set eth1 up',
      'rp-filter-strict',
      'sysctl -n net.ipv4.conf.br0.rp_filter',
      false,
    ],
  ])('%s: %s is mended, and rollback --last brings it back', async (broken, name, state, reachable) => {
    const well = await shell(state);
    const tcp = await watchTcp(copy, HOST_ADDRESS);
    await shell(broken);
    const before = await shell(state);
    expect(before).not.toBe(well);
    const planned = await doctor('--fix', '--dry-run');
    expect([planned.state, names(planned)]).toEqual(['planned', expect.arrayContaining([name])]);
    expect(await shell(state)).toBe(before);

    const watch = copy.lan.watch(HOST_ADDRESS, 20);
    const since = Date.now();
    const fixed = await doctor('--fix', '--yes');
    expect(fixed.state, JSON.stringify(fixed)).toBe('applied');
    expect(fixed.plan.steps).toEqual(planned.plan.steps);
    expect(names(fixed)).not.toContain(name);
    expect(await copy.lan.ping(HOST_ADDRESS)).toBeGreaterThan(0);
    const silence = (await watch.stop()).longestSilenceMs;
    if (reachable) expect(silence).toBeLessThan(500);

    expect((await copy.bridgeSetup(['rollback', '--last'])).exitCode).toBe(0);
    expect(await shell(state)).toBe(before);
    expect((await doctor('--fix', '--yes')).state).toBe('applied');
    // A connection of before survives all of it: what was broken, the fix, its rollback, and the fix again.
    const { ended, longestStallMs } = await tcp.stop(since);
    expect(ended).toBeNull();
    if (reachable) expect(longestStallMs, 'the longest stall of TCP, in ms').toBeLessThan(STALL_MS);
    if (name === 'accept-rule-too-late') await shell('iptables -D DOCKER-USER -j DROP');
    if (name === 'rp-filter-strict') await shell('ip link del eth1');
  });

  it('leaves a host as it was when a step fails', async () => {
    // From wherever the repairs before have put it.
    for (const chain of ['DOCKER-USER', 'FORWARD']) {
      await shell(`while iptables -D ${chain} ${RULE} 2>/dev/null; do :; done`);
    }
    await shell('ip link set dev br0 mtu 1400');
    await shell(
      `mkdir -p /usr/local/sbin; printf '#!/bin/sh\\ncase "$*" in *-I*) exit 1;; esac; exec /usr/sbin/iptables "$@"\\n' > /usr/local/sbin/iptables-nft; chmod +x /usr/local/sbin/iptables-nft`,
    );
    const failed = await doctor('--fix', '--yes');
    expect([failed.exitCode, failed.error.code]).toEqual([4, 'rolled-back']);
    expect(await shell('cat /sys/class/net/br0/mtu')).toBe('1400\n');
    await shell('rm /usr/local/sbin/iptables-nft');
    const fixed = await doctor('--fix', '--yes');
    expect(fixed.state).toBe('applied');
    expect(names(fixed)).not.toContain('mtu-mismatch');
    expect(names(fixed)).not.toContain('accept-rule-missing');
  });

  it('has nothing to do on a host in order, and does nothing unasked', async () => {
    expect(await doctor('--fix', '--yes')).toMatchObject({ state: 'unchanged', exitCode: 0 });
    await shell('ip link set dev br0 mtu 1400');
    const refused = await doctor('--fix');
    expect([refused.exitCode, refused.error.code], JSON.stringify(refused.error)).toEqual([
      3,
      'not-confirmed',
    ]);
    expect(await shell('cat /sys/class/net/br0/mtu')).toBe('1400\n');
    expect((await doctor('--yes')).exitCode).toBe(2);
  });

  it('is superseded by a whole rollback: the host is as it was before its set-up, and on the LAN', async () => {
    for (const broken of ['eth0 nomaster', 'eth0 down', 'br0 type bridge stp_state 1', 'br0 mtu 1400']) {
      await shell(`ip link set dev ${broken}; sleep 0.1; iptables -D DOCKER-USER ${RULE} || true`);
      expect((await doctor('--fix', '--yes')).state, broken).toBe('applied');
    }
    const back = await copy.bridgeSetup(['rollback', '--json']);
    expect(back.exitCode, back.stdout).toBe(0);
    expect(await shell(NETWORK)).toBe(before);
    expect(await copy.lan.ping(HOST_ADDRESS)).toBe(3);
    expect(document((await copy.bridgeSetup(['rollback', '--json'])).stdout).state).toBe('unchanged');
  });
});
