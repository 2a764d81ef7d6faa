import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Child } from '../../src/host/host.js';
import type { RunningCopy } from '../../src/rehearse/copy.js';
import {
  addressOf,
  docker,
  document,
  eventually,
  expectAsBefore,
  setUpForContainers,
  startHost,
} from './support.js';

// What somebody does by hand, beside a runtime that sees to the rules of containers.

let copy: RunningCopy;
let daemon: Child;
let interfaces: string | null;
beforeAll(async () => {
  copy = await startHost();
  interfaces = await copy.sandbox.read('/etc/network/interfaces');
  await setUpForContainers(copy);
  daemon = await copy.startDaemon();
  const rule = 'pipework_cmd=br0 -i eth0 @CONTAINER_NAME@ dhcp';
  await docker(copy, 'run', '-d', '--name=web', '--net=none', '-e', rule, 'box', 'sleep', '3600');
  await eventually('web has an address', () => addressOf(copy, 'web'));
});
afterAll(() => copy?.stop());

it('attach says that the container has a rule of its own, which the runtime goes back to', async () => {
  const by = await addressOf(copy, 'web');
  const other = await copy.bridgeSetup(['attach', 'br0', '-i', 'eth2', 'web', '192.168.1.51/24']);
  expect([other.exitCode, other.stderr]).toEqual([0, '']);
  const same = await copy.bridgeSetup(['attach', 'br0', '-i', 'eth0', 'web', '192.168.1.52/24']);
  expect(same.exitCode, same.stderr).toBe(0);
  expect(same.stderr).toContain('web has a rule of its own for eth0 (by DHCP on br0)');
  await eventually('the runtime has gone back', async () => (await addressOf(copy, 'web')) === by);
});

it('detach names the interfaces that there are, and says which comes back', async () => {
  const none = await copy.bridgeSetup(['detach', 'web']);
  expect([none.exitCode, none.stdout]).toEqual([
    0,
    'web: there was no eth1 of ours, but eth0, eth2: name it with -i\n',
  ]);
  expect((await copy.bridgeSetup(['detach', '-i', 'eth2', 'web'])).stderr).toBe('');
  const own = await copy.bridgeSetup(['detach', '-i', 'eth0', 'web']);
  expect(own.stderr).toContain('a rule of web asks for eth0');
  await eventually('it is back', () => addressOf(copy, 'web'));
});

it('rollback is refused while a runtime goes on that it does not end', async () => {
  const links = async () => (await copy.sandbox.run(['ip', '-br', 'link', 'show', 'master', 'br0'])).stdout;
  const before = await links();
  const refused = await copy.bridgeSetup(['rollback', '--json']);
  expect([refused.exitCode, document(refused.stdout).error.code]).toEqual([3, 'runtime-goes-on']);
  expect(await links()).toBe(before);

  daemon.kill('SIGTERM');
  await daemon.exited;
  const run = await copy.bridgeSetup(['rollback']);
  expect(run.exitCode, run.stdout + run.stderr).toBe(0);
  await expectAsBefore(copy, interfaces);
});
