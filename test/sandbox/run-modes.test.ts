import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { RunningCopy } from '../../src/rehearse/copy.js';
import { containerTools, startHostWithImage } from './runtime-container.js';
import { addressOf, answersFromLan, docker } from './support.js';

/** As users of docker-pipework have it; it is not needed. */
const SOCKET = ['-v', '/var/run/docker.sock:/var/run/docker.sock'];

let copy: RunningCopy;
const { run, leased, runtime, once, clients } = containerTools(() => copy);

beforeAll(async () => {
  copy = await startHostWithImage();
  await docker(copy, 'run', '-d', '--name=plain', '--net=none', 'box', 'sleep', '3600');
});
afterEach(async () => {
  const names = (await docker(copy, 'ps', '--all', '--format={{.Names}}')).split('\n');
  for (const name of names.filter((one) => one !== 'plain')) await docker(copy, 'rm', '-f', name);
});
afterAll(() => copy?.stop());

describe('the run mode', () => {
  it('manual follows the rules of its own environment, and DHCP clients stay', async () => {
    const before = await clients();
    const { exitCode } = await once([
      ...SOCKET,
      ...['-e', 'run_mode=manual'],
      ...['-e', 'pipework_cmd=br0 -i eth0 plain 192.168.1.64/24'],
      ...['-e', 'pipework_cmd_2=pipework br0 -i eth1 plain dhcp'],
    ]);
    expect(exitCode).toBe(0);
    await answersFromLan(copy, '192.168.1.64');
    expect(await addressOf(copy, 'plain', 'eth1')).toMatch(/^192\.168\.1\./);
    expect((await clients()).length).toBe(before.length + 1);
  });

  it('manual tries again after retry_delay', async () => {
    const options = ['-e', 'run_mode=manual', '-e', 'pipework_cmd=br0 -i eth0 late 192.168.1.65/24'];
    expect((await once(options)).exitCode).toBe(6);
    const trying = once([...options, '-e', 'retry_delay=2']);
    await new Promise((resolve) => setTimeout(resolve, 1500));
    await docker(copy, 'run', '-d', '--name=late', '--net=none', 'box', 'sleep', '3600');
    expect((await trying).exitCode).toBe(0);
    await answersFromLan(copy, '192.168.1.65');
  });

  it('batch follows the rules of the containers that run, and not those of its own', async () => {
    await run('batch-1', '192.168.1.66/24');
    await run('batch-2', 'dhcp');
    const own = ['-e', 'run_mode=batch', '-e', 'pipework_cmd=br0 -i eth0 plain 192.168.1.67/24'];
    const { exitCode, said } = await once([...SOCKET, ...own]);
    expect([exitCode, said]).toEqual([0, expect.stringContaining('batch-1: eth0 on br0')]);
    await answersFromLan(copy, '192.168.1.66');
    await answersFromLan(copy, await leased('batch-2'));
    expect(await copy.lan.ping('192.168.1.67', 1)).toBe(0);
  });

  it.each(['daemon', 'both', 'batch,daemon', 'all', 'manual,batch,daemon'])('%s stays', async (mode) => {
    await run('early', '192.168.1.68/24');
    const rule = 'pipework_cmd=br0 -i eth2 plain 192.168.1.69/24';
    await runtime(...SOCKET, '-e', `run_mode=${mode}`, '-e', rule);
    await answersFromLan(copy, '192.168.1.68');
    await run('new', '192.168.1.70/24');
    await answersFromLan(copy, '192.168.1.70');
    expect((await addressOf(copy, 'plain', 'eth2')) !== null).toBe(/all|manual/.test(mode));
    // A mode that ends would be started again and again, and seem to stay.
    expect(await docker(copy, 'inspect', '--format={{.RestartCount}}', 'bridge-setup')).toBe('0');
  });

  it('daemon keeps to event_filters and key', async () => {
    await runtime('-e', 'pipework_event_filters=container=chosen,label=wanted', '-e', 'key=blue');
    await run('chosen', '192.168.1.71/24', '--label=wanted', '-e', 'pipework_key=blue');
    await run('other', '192.168.1.72/24', '--label=wanted', '-e', 'pipework_key=blue');
    await run('chosen-too', '192.168.1.73/24', '--label=wanted', '-e', 'pipework_key=red');
    await answersFromLan(copy, '192.168.1.71');
    await run('chosen-last', '192.168.1.74/24', '--label=wanted', '--label=bridge-setup.key=blue');
    await answersFromLan(copy, '192.168.1.74');
    expect([await copy.lan.ping('192.168.1.72', 1), await copy.lan.ping('192.168.1.73', 1)]).toEqual([0, 0]);
  });

  it('daemon ends after up_time', async () => {
    const started = Date.now();
    expect((await once(['-e', 'up_time=2', '-e', 'sleep=1'])).exitCode).toBe(0);
    expect(Date.now() - started).toBeGreaterThan(3000);
  });

  it('is refused with all that is wrong about the settings', async () => {
    const { exitCode, said } = await once(['-e', 'run_mode=deamon', '-e', 'event_filters=type=volume']);
    expect(exitCode).toBe(2);
    expect(said).toContain('deamon');
    expect(said).toContain('type=volume');
  });
});
