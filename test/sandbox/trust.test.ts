import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Child } from '../../src/host/host.js';
import type { RunningCopy } from '../../src/rehearse/copy.js';
import {
  answersFromLan,
  docker,
  document,
  eventually,
  lastWords,
  setUpForContainers,
  startHost,
} from './support.js';

const RUNTIME = '/etc/bridge-setup/runtime.json';
const rule = (address: string) => `br0 -i eth0 @CONTAINER_NAME@ ${address}/24`;

let copy: RunningCopy;
let daemon: Child;
beforeAll(async () => {
  copy = await startHost();
  await setUpForContainers(copy);
  // An image that brings a rule along, as anybody may publish one.
  const change = `ENV pipework_cmd="${rule('192.168.1.80')}"`;
  await copy.sandbox.run([
    'sh',
    '-c',
    'tar -C /tmp/image -c . | docker import -c "$1" - greedy',
    'sh',
    change,
  ]);
  daemon = await copy.startDaemon();
});
afterAll(() => copy?.stop());

const run = (name: string, image: string, ...options: string[]) =>
  docker(copy, 'run', '-d', `--name=${name}`, '--net=none', ...options, image, 'sleep', '3600');

describe('rules that nobody has given at `docker run`', () => {
  it('are not followed, and it is said why', async () => {
    await run('taker', 'greedy');
    await eventually('it is told', async () => lastWords().includes('it comes with the image greedy'));
    expect(await copy.lan.ping('192.168.1.80', 1)).toBe(0);
    const told = document((await copy.bridgeSetup(['import', '--json'])).stdout);
    expect(JSON.stringify(told)).toContain('rule-from-image');
  });

  it('give way to those that were given', async () => {
    await run('given', 'greedy', '-e', `pipework_cmd=${rule('192.168.1.81')}`);
    await answersFromLan(copy, '192.168.1.81');
  });
});

describe('a rule in a label', () => {
  it('is followed like one in the environment', async () => {
    await run('labelled', 'box', '--label', `bridge-setup.attach=${rule('192.168.1.82')}`);
    await answersFromLan(copy, '192.168.1.82');
  });
});

describe('the files of the runtime', () => {
  it("are root's alone", async () => {
    // Copies in a checkpoint have the modes of their originals, in a folder that is root's.
    const find =
      'find /run/bridge-setup /var/lib/bridge-setup -name checkpoints -prune -o ! -type l -perm /077 -print';
    expect((await copy.sandbox.run(['sh', '-c', find])).stdout).toBe('');
  });
});

describe('networks that are allowed', () => {
  it('are the only ones that a rule may take an address of', async () => {
    const config = JSON.parse((await copy.sandbox.read(RUNTIME)) ?? '{}');
    await copy.sandbox.write(RUNTIME, JSON.stringify({ ...config, addresses: ['192.168.1.64/28'] }));
    daemon.kill();
    await daemon.exited;
    await copy.startDaemon();
    await run('outside', 'box', '-e', `pipework_cmd=${rule('192.168.1.90')}`);
    await run('inside', 'box', '-e', `pipework_cmd=${rule('192.168.1.70')}`);
    await answersFromLan(copy, '192.168.1.70');
    expect(await copy.lan.ping('192.168.1.90', 1)).toBe(0);
  });
});
