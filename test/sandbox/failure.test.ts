import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RunningCopy } from '../../src/rehearse/copy.js';
import type { Verification } from '../../src/verify/verify.js';
import {
  ANSWERS,
  document,
  expectAsBefore,
  failingIp,
  HOST_ADDRESS,
  STATIC_INTERFACES,
  setUp,
  startHost,
  withInterfaces,
} from './support.js';

let copy: RunningCopy;
let before: string | null;
let acceptRa: string | null;
const ACCEPT_RA = '/proc/sys/net/ipv6/conf/eth0/accept_ra';
beforeAll(async () => {
  copy = await startHost();
  before = await copy.sandbox.read('/etc/network/interfaces');
  acceptRa = await copy.sandbox.read(ACCEPT_RA);
});
afterAll(() => copy?.stop());

describe('a step that fails', () => {
  it('takes the host back, and says so: `ip` fails where the routes move', async () => {
    await copy.sandbox.write('/usr/local/sbin/ip', failingIp('^route .* dev br0', 'always'), 0o755);
    const watch = copy.lan.watch(HOST_ADDRESS, 5);
    const run = await setUp(copy);
    const { longestSilenceMs } = await watch.stop();
    await copy.sandbox.run(['rm', '/usr/local/sbin/ip']);
    expect([run.exitCode, run.document.error.code], run.document.error.message).toEqual([4, 'rolled-back']);
    expect(run.document.error.message).toContain('is as before');
    await expectAsBefore(copy, before);
    // No stage costs a packet, and neither does the way back. A second would be an address that was gone.
    expect(longestSilenceMs).toBeLessThan(500);
  });

  it('takes the host back: the gateway, which answered before, does not any more', async () => {
    // Stands for a switch that shuts its port when a bridge comes up.
    const rule = ['OUTPUT', '-o', 'br0', '-p', 'icmp', '-j', 'DROP'];
    await copy.sandbox.run(['iptables', '-I', ...rule]);
    const run = await setUp(copy);
    await copy.sandbox.run(['iptables', '-D', ...rule]);
    expect([run.exitCode, run.document.error.code], run.document.error.message).toEqual([4, 'rolled-back']);
    expect(run.document.error.message).toContain('the gateway 192.168.1.1 (ping)');
    await expectAsBefore(copy, before);
  });

  it('takes nothing away that was there: the same host is set up afterwards', async () => {
    const run = await setUp(copy);
    expect(run.exitCode, JSON.stringify(run.document.error)).toBe(0);
  });
});

/** An `ip` that adds a route when the bridge is deleted, as a DHCP client might. */
const ADDING_IP = `#!/bin/sh
case "$*" in *-batch*) ;; *) exec /usr/sbin/ip "$@" ;; esac
lines=$(cat)
printf '%s\\n' "$lines" | /usr/sbin/ip "$@" || exit
case "$lines" in *'link del br0'*) /usr/sbin/ip route add default via 192.168.1.1 dev eth0 metric 500 ;; esac
`;

describe('a rollback after which something is there that was not before', () => {
  it('says so, and has put the settings of the NIC back', async () => {
    const other = acceptRa?.trim() === '0' ? '1' : '0';
    await copy.sandbox.run(['tee', ACCEPT_RA], { input: other });
    await copy.sandbox.write('/usr/local/sbin/ip', ADDING_IP, 0o755);
    const back = await copy.bridgeSetup(['rollback', '--json']);
    await copy.sandbox.run(['rm', '/usr/local/sbin/ip']);
    const { error } = document(back.stdout);
    expect([back.exitCode, error.code], back.stdout).toEqual([5, 'rollback-incomplete']);
    expect(error.problems.map(({ message }: { message: string }) => message)).toEqual([
      'Not so before: the route "default via 192.168.1.1 dev eth0 metric 500".',
    ]);
    expect(await copy.sandbox.read(ACCEPT_RA)).toBe(acceptRa);
    await copy.sandbox.run(['ip', 'route', 'del', 'default', 'metric', '500']);
    await expectAsBefore(copy, before);
    expect((await setUp(copy)).exitCode).toBe(0);
  });
});

describe('a host that changed meanwhile', () => {
  it('is not taken back by half: a file that somebody edited since is named first', async () => {
    const edited = `${await copy.sandbox.read('/etc/network/interfaces')}\n# mine\n`;
    await copy.sandbox.write('/etc/network/interfaces', edited);
    const run = await copy.bridgeSetup(['rollback', '--json']);
    expect([run.exitCode, document(run.stdout).error.code]).toEqual([3, 'file-changed']);
    expect(document(run.stdout).error.problems[0].message).toContain('/etc/network/interfaces was edited');
    expect(await copy.lan.ping(HOST_ADDRESS)).toBe(3);
    expect(await copy.sandbox.read('/etc/network/interfaces')).toBe(edited);
  });
});

describe('the proof', () => {
  let fresh: RunningCopy;
  beforeAll(async () => {
    fresh = await startHost(withInterfaces(STATIC_INTERFACES));
  });
  afterAll(() => fresh?.stop());
  const stateOf = ({ verification }: { verification: Verification }, id: string) =>
    verification.proofs.find((proof) => proof.id === id);

  it('that fails exits 6 and says what was not seen', async () => {
    const run = await setUp(fresh, { ...ANSWERS, verify: { ping: ['192.168.1.77'] } });
    expect([run.exitCode, stateOf(run.document, 'dhcp-lan')?.state]).toEqual([6, 'failed']);
    expect((await fresh.bridgeSetup(['rollback'])).exitCode).toBe(0);
  });

  it('needs no default gateway on the host: the container asks whom it knows', async () => {
    const without = STATIC_INTERFACES.replace(/ *gateway .*\n/, '');
    await fresh.sandbox.write('/etc/network/interfaces', without);
    await fresh.sandbox.run(['ip', 'route', 'del', 'default']);
    const run = await setUp(fresh);
    expect(run.exitCode, JSON.stringify(run.document)).toBe(0);
    expect(stateOf(run.document, 'dhcp-lan')).toMatchObject({
      state: 'proved',
      detail: expect.stringContaining('behind port eth0'),
    });
    expect(stateOf(run.document, 'static-lan')?.state).toBe('proved');
    expect((await fresh.bridgeSetup(['rollback'])).exitCode).toBe(0);
    expect(await fresh.sandbox.read('/etc/network/interfaces')).toBe(without);
  });
});
