import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Child } from '../../src/host/host.js';
import type { RunningCopy } from '../../src/rehearse/copy.js';
import { arpStation } from './arp-station.js';
import { answersFromLan, docker, document, eventually, setUpForContainers, startHost } from './support.js';

// Which addresses containers have, and that nobody else on the LAN has them.

let copy: RunningCopy;
let daemon: Child;
beforeAll(async () => {
  copy = await startHost((model) => ({
    ...model,
    lan: { ...model.lan, ipv6: { address: 'fd77::1', prefix: 64, ra: true } },
  }));
  await setUpForContainers(copy);
  daemon = await copy.startDaemon();
});
afterAll(async () => {
  daemon?.kill();
  await copy?.stop();
});

/** As Docker from version 26 on leaves a network namespace. */
const IPV6_IS_ON = [
  '--sysctl=net.ipv6.conf.all.disable_ipv6=0',
  '--sysctl=net.ipv6.conf.default.disable_ipv6=0',
];

async function run(name: string, rule: string | null, ...options: string[]): Promise<void> {
  const env = rule === null ? [] : ['--env', `pipework_cmd=br0 -i eth0 @CONTAINER_NAME@ ${rule}`];
  await docker(copy, 'run', '-d', '--net=none', `--name=${name}`, ...env, ...options, 'box', 'sleep', '3600');
}

async function inside(name: string, ...argv: string[]): Promise<string> {
  const pid = await docker(copy, 'inspect', '--format', '{{.State.Pid}}', name);
  const shown = await copy.sandbox.run(['nsenter', `--net=/proc/${pid}/ns/net`, '--', ...argv], {
    check: false,
  });
  return shown.stdout.trim();
}
const ipv6Of = (name: string) => inside(name, 'ip', '-6', '-o', 'address', 'show', 'dev', 'eth0');

// biome-ignore lint/suspicious/noExplicitAny: a document of the command line.
async function port(name: string): Promise<any> {
  const { stdout } = await copy.bridgeSetup(['status', '--json']);
  // biome-ignore lint/suspicious/noExplicitAny: as above.
  return document(stdout).bridges[0].ports.find((one: any) => one.container?.name === name) ?? null;
}

describe('IPv6', () => {
  it('is off unless the rule gives an address, whatever the engine leaves', async () => {
    await run('on4', '192.168.1.61/24@192.168.1.1', ...IPV6_IS_ON);
    await run('off4', '192.168.1.62/24@192.168.1.1');
    await run('lease4', 'dhcp', ...IPV6_IS_ON);
    await run('on6', 'fd77::63/64', ...IPV6_IS_ON);
    await run('off6', 'fd77::64/64');
    await run('slow4', null, ...IPV6_IS_ON);
    const attached = await copy.bridgeSetup(['attach', 'br0', '-i', 'eth0', 'slow4', '192.168.1.65/24']);
    expect(attached.exitCode, attached.stderr).toBe(0);
    // Somebody who takes what the router advertises: from then on all have heard of it.
    await copy.lan.run([
      'sh',
      '-c',
      `ip netns add taker && ip link add taker0 netns taker type veth peer name taker1 &&
       ip link set taker1 master lan0 up && ip -n taker link set taker0 up`,
    ]);
    await eventually('an advertisement', async () => {
      const { stdout } = await copy.lan.run(['ip', '-n', 'taker', '-6', 'address', 'show', 'dev', 'taker0']);
      return stdout.includes('fd77::') && !stdout.includes('tentative');
    });
    for (const address of ['192.168.1.61', '192.168.1.62', 'fd77::63', 'fd77::64', '192.168.1.65'])
      await answersFromLan(copy, address);
    await eventually('a lease', async () => (await port('lease4'))?.address);
    for (const name of ['on4', 'off4', 'slow4', 'lease4']) {
      expect([name, await ipv6Of(name)]).toEqual([name, '']);
      expect([name, await inside(name, 'ip', '-6', 'route', 'show', 'default')]).toEqual([name, '']);
    }
    for (const name of ['on6', 'off6']) {
      expect((await ipv6Of(name)).match(/fd77::\S+/g)).toEqual([`fd77::6${name === 'on6' ? 3 : 4}/64`]);
      expect(await inside(name, 'ip', '-6', 'route', 'show', 'default')).toBe('');
    }
    expect([(await port('on4')).ipv6, (await port('on6')).ipv6]).toEqual(['off', 'static']);
  });

  it('is taken from a container that has it from before', async () => {
    await inside('on4', 'sysctl', '-qw', 'net.ipv6.conf.eth0.accept_ra=1', 'net.ipv6.conf.eth0.autoconf=1');
    await inside('on4', 'sysctl', '-qw', 'net.ipv6.conf.eth0.disable_ipv6=0');
    await eventually('an address of the router', async () => (await ipv6Of('on4')).includes('fd77::'));
    const again = ['attach', 'br0', '-i', 'eth0', 'on4', '192.168.1.61/24@192.168.1.1'];
    expect((await copy.bridgeSetup(again)).exitCode).toBe(0);
    expect(await ipv6Of('on4')).toBe('');
  });
});

describe('an IPv6 address that another host has', () => {
  it('is refused, and its host keeps it', async () => {
    await run('taken6', 'fd77::1/64', ...IPV6_IS_ON);
    const trouble = await eventually('a refusal', async () => (await port('taken6'))?.trouble);
    expect(trouble).toMatch(/^fd77::1 is in use on br0 already, by the MAC address [0-9a-f:]{17}$/);
    // Between two attempts nothing is left of it.
    const link = () => inside('taken6', 'ip', 'link', 'show', 'dev', 'eth0');
    await eventually('nothing is left', async () => (await link()) === '');
    await docker(copy, 'rm', '-f', 'taken6');
  });
});

describe('an IPv4 address that another host has', () => {
  it.each([1, 5, 20, 50])('is refused each time, also when it answers after %i ms', async (delayMs) => {
    const address = `192.168.1.${100 + delayMs}`;
    const mac = '02:00:00:00:00:99';
    const away = await arpStation(copy, address, mac, delayMs);
    const refusal = `${address} is in use on br0 already, by the MAC address ${mac}`;
    for (const name of ['late1', 'late2']) {
      await run(name, `${address}/24`);
      const record = await eventually('a verdict', () => port(name));
      expect([record.state, record.trouble]).toEqual(['failed', refusal]);
      await docker(copy, 'rm', '-f', name);
    }
    if (delayMs === 50) await refusedByHand(address, refusal);
    await away();
  });

  /** The long way. */
  async function refusedByHand(address: string, refusal: string): Promise<void> {
    await run('late', null);
    const attached = await copy.bridgeSetup(['attach', 'br0', '-i', 'eth0', 'late', `${address}/24`]);
    expect(attached.stderr).toContain(refusal);
    expect(attached.exitCode).toBe(4);
    await docker(copy, 'rm', '-f', 'late');
  }
});

describe('a MAC address', () => {
  const verdict = (name: string) =>
    eventually('a verdict', async () => {
      const one = await port(name);
      return one?.state === 'attached' || one?.state === 'failed' ? [one.state, one.trouble, one.mac] : null;
    });

  it('that another host on the LAN has, with the address, is refused', async () => {
    expect(document((await copy.sandbox.read('/etc/bridge-setup/runtime.json')) ?? '').macs).toBe('host');
    await run('twin', '192.168.1.81/24');
    const [state, , mac] = await verdict('twin');
    expect(state).toBe('attached');
    await docker(copy, 'rm', '-f', 'twin');
    // A host that was cloned with its /etc/machine-id, and has a container of this name.
    const away = await arpStation(copy, '192.168.1.81', mac, 0);
    await run('twin', '192.168.1.81/24');
    expect(await verdict('twin')).toEqual([
      'failed',
      `the MAC address ${mac} is also that of another station on the LAN, which has 192.168.1.81`,
      mac,
    ]);
    await away();
    await docker(copy, 'rm', '-f', 'twin');
  });

  it('of a container that was renamed is not given to the next one of its name', async () => {
    await run('app', '192.168.1.82/24');
    const [, , mac] = await verdict('app');
    await docker(copy, 'rename', 'app', 'app-old');
    await run('app', 'dhcp');
    const trouble = `the MAC address ${mac} is that of eth0 of container app-old`;
    expect(await verdict('app')).toEqual(['failed', trouble, mac]);
    await docker(copy, 'rm', '-f', 'app-old');
    await eventually('the next attempt', async () => (await port('app'))?.address);
    await docker(copy, 'rm', '-f', 'app');
    // At once, as `compose up` does it.
    await run('app', '192.168.1.83/24');
    await answersFromLan(copy, '192.168.1.83');
    expect(await copy.lan.ping('192.168.1.10', 1)).toBe(1);
  });

  it('in a rule may not be that of the gateway, the host or another container', async () => {
    const macIn = ({ stdout }: { stdout: string }) => /[0-9a-f:]{17}/.exec(stdout)?.[0] ?? '';
    const gateway = macIn(await copy.lan.run(['ip', '-br', 'link', 'show', 'dev', 'lan0']));
    const own = macIn(await copy.sandbox.run(['ip', '-br', 'link', 'show', 'dev', 'eth0']));
    const [, , app] = await verdict('app');
    for (const [name, mac, whose] of [
      ['thief1', gateway, 'that of the gateway 192.168.1.1'],
      ['thief2', own, 'that of '],
      ['thief3', app, 'that of eth0 of container app'],
    ]) {
      await run(name, `192.168.1.84/24 ${mac}`);
      const [state, trouble] = await verdict(name);
      expect([state, trouble]).toEqual(['failed', expect.stringContaining(`${mac} is ${whose}`)]);
      await docker(copy, 'rm', '-f', name);
    }
  });
});
