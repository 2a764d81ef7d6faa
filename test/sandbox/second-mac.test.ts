import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RunningCopy } from '../../src/rehearse/copy.js';
import { ANSWERS, eventually, HOST_ADDRESS, setUp, setUpAndBack, startHost } from './support.js';

const GATEWAY = '192.168.1.1';
/** The host's own MAC address, the only one that these hypervisors know. */
const OWN_MAC = '02:00:5e:10:00:01';

/** dmidecode(8) of a VMware guest: systeminformation asks it first. */
const DMIDECODE = `#!/bin/sh
cat <<END
System Information
	Manufacturer: VMware, Inc.
	Product Name: VMware Virtual Platform
END
`;

/** What a hypervisor drops, as rules of ebtables(8) on the switch: `far0` is the host's port of it. */
const DROPS = {
  forgedTransmits: [['INPUT', '-i', 'far0', '-s', '!', OWN_MAC, '-j', 'DROP']],
  withoutPromiscuousMode: [
    ['OUTPUT', '-o', 'far0', '-d', 'Broadcast', '-j', 'ACCEPT'],
    ['OUTPUT', '-o', 'far0', '-d', '!', OWN_MAC, '-j', 'DROP'],
  ],
  // No hypervisor: a gateway that leaves ARP probes (RFC 5227) unanswered, and nothing else.
  allProbes: [['INPUT', '-i', 'far0', '-p', 'ARP', '--arp-ip-src', '0.0.0.0', '-j', 'DROP']],
};

let copy: RunningCopy;
let before: string;
beforeAll(async () => {
  copy = await startHost();
  await setUpAndBack(copy);
  await copy.sandbox.write('/usr/local/sbin/dmidecode', DMIDECODE, 0o755);
  before = await state();
});
afterAll(() => copy?.stop());

/** Files and network, without what changes by itself. */
async function state(): Promise<string> {
  const shown = await copy.sandbox.run([
    'sh',
    '-c',
    'find /etc -type f | sort | xargs sha256sum; cat /run/network/ifstate; ip -br link | sed s/@if[0-9]*//; ip -br address show eth0; ip route',
  ]);
  return shown.stdout;
}

async function whileDropping<T>(rules: readonly string[][], work: () => Promise<T>): Promise<T> {
  for (const rule of rules) await copy.lan.run(['ebtables', '-A', ...rule]);
  try {
    return await work();
  } finally {
    await copy.lan.run(['ebtables', '-F']);
  }
}

const events = (stderr: string) =>
  stderr
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line));
const probed = (stderr: string) =>
  events(stderr).filter(({ id, state: at }) => id === 'probe-second-mac' && at !== 'started');

/** The MAC addresses that the gateway has heard of as neighbours. */
async function neighbours(): Promise<string[]> {
  const { stdout } = await copy.lan.run(['ip', '-4', 'neigh', 'show']);
  return [...stdout.matchAll(/lladdr (\S+)/g)].map(([, mac = '']) => mac);
}

/** The set-up is refused by the probe, and has left nothing and cost no packet. */
async function expectRefused(): Promise<void> {
  // Among them may be containers of the proof, which the set-up before the tests launched.
  const known = new Set([OWN_MAC, ...(await neighbours())]);
  const watch = copy.lan.watch(HOST_ADDRESS, 5);
  const run = await setUp(copy);
  const { longestSilenceMs } = await watch.stop();
  expect([run.exitCode, run.document.error?.code], run.stderr).toEqual([4, 'rolled-back']);
  expect(run.document.error.message).toContain(
    `the gateway ${GATEWAY} answers the MAC address of eth0, and not a second one. The LAN (hypervisor) drops frames of a second MAC address, so containers would not be reachable. Set "Forged transmits"`,
  );
  expect(run.document.error.message).toContain('is as before');
  expect(await state()).toBe(before);
  expect(longestSilenceMs).toBeLessThan(500);
  expect((await neighbours()).filter((mac) => !known.has(mac))).toEqual([]);
}

describe('a hypervisor that drops frames of a second MAC address', () => {
  it('is found out: none of them gets out', () => whileDropping(DROPS.forgedTransmits, expectRefused));

  it('is found out: no answer to them gets in', () =>
    whileDropping(DROPS.withoutPromiscuousMode, expectRefused));

  it('is found out, whatever the gateway broadcasts meanwhile', () =>
    whileDropping(DROPS.forgedTransmits, async () => {
      // Stands for its own ARP requests for the hosts of the LAN. These do reach a second MAC address.
      const search = `while sleep 0.2; do busybox arping -q -f -I lan0 -c 1 -w 1 ${HOST_ADDRESS}; done`;
      const child = copy.sandbox.spawn(['sh', '-c', search], { network: { namespace: 'lan' } });
      try {
        await expectRefused();
      } finally {
        child.kill();
        await child.exited;
      }
    }));

  it('is found out, and the tool killed meanwhile: the watchdog removes the link', () =>
    whileDropping(DROPS.forgedTransmits, async () => {
      const hasLink = async () =>
        (await copy.sandbox.run(['ip', 'link', 'show', 'bsprobe0'], { check: false })).exitCode === 0;
      await copy.sandbox.write('/tmp/answers.json', JSON.stringify(ANSWERS));
      const program = copy.bridgeSetup(['--answers', '/tmp/answers.json', '--json']);
      await eventually('the link of the probe', hasLink);
      // Its watchdog, with "watch" as the next word, lives on.
      const find = 'grep -lz -- --answers /proc/[0-9]*/cmdline | cut -d / -f 3';
      const { stdout } = await copy.sandbox.run(['sh', '-c', find]);
      for (const pid of stdout.trim().split('\n')) {
        await copy.sandbox.run(['sh', '-c', 'kill -9 "$1" 2>/dev/null', 'sh', pid], { check: false });
      }
      expect((await program).exitCode).toBeNull();
      await eventually('the host is as before', async () => (await state()) === before);
    }));
});

describe('a network that lets a second MAC address through, or does not tell', () => {
  it('is changed all the same where the gateway answers no probe at all, and that is said', async () => {
    const run = await whileDropping(DROPS.allProbes, () => setUp(copy));
    expect(run.exitCode, run.stderr).toBe(0);
    expect(probed(run.stderr)).toMatchObject([{ state: 'done' }]);
    const notes = events(run.stderr).filter(({ event }) => event === 'note');
    expect(notes).toEqual([{ event: 'note', text: expect.stringContaining('nothing is proved') }]);
    expect((await copy.bridgeSetup(['rollback'])).exitCode).toBe(0);
    expect(await state()).toBe(before);
  });

  it('is changed when the probe is answered, which takes no time', async () => {
    const run = await setUp(copy);
    expect(run.exitCode, run.stderr).toBe(0);
    expect(probed(run.stderr)).toMatchObject([{ state: 'done' }]);
    // At once: an answer is not waited for to the end.
    expect(probed(run.stderr)[0].durationMs).toBeLessThan(1500);
    expect(events(run.stderr).filter(({ event }) => event === 'note')).toEqual([]);
    expect((await copy.bridgeSetup(['rollback'])).exitCode).toBe(0);
    expect(await state()).toBe(before);
  });
});
