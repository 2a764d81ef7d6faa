import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CONTAINER_COMMAND } from '../../src/host/container-host.js';
import { RUNTIME_CONFIG_FILE } from '../../src/model/paths.js';
import type { RunningCopy } from '../../src/rehearse/copy.js';
import { containerTools, startHostWithImage } from './runtime-container.js';
import { addressOf, answersFromLan, docker, eventually, PROJECT } from './support.js';

const DOCS = readFileSync(join(PROJECT, 'docs/docker-pipework.md'), 'utf8');
/** What the documentation gives instead of --privileged. */
const CAPABILITIES = /`(--cap-add=[^`]*)`/.exec(DOCS)?.[1]?.split(' ') ?? [];

let copy: RunningCopy;
const { run, leased, runtime, once, ready, clients } = containerTools(() => copy);
const state = (name: string, what: string) => docker(copy, 'inspect', '--format', `{{.State.${what}}}`, name);

beforeAll(async () => {
  copy = await startHostWithImage();
});
afterAll(() => copy?.stop());

describe('the documented line', () => {
  it('is the one that is run here', () => expect(DOCS).toContain(`\n${CONTAINER_COMMAND}\n`));

  let dhcp = '';
  const answer = async () => {
    await answersFromLan(copy, '192.168.1.60');
    await answersFromLan(copy, dhcp);
    expect([await addressOf(copy, 'static'), await addressOf(copy, 'dhcp')]).toEqual([
      '192.168.1.60/24',
      `${dhcp}/24`,
    ]);
  };

  it('puts containers on the LAN, by a static address and by DHCP', async () => {
    await runtime();
    await ready();
    await run('static', '192.168.1.60/24');
    await run('dhcp', 'dhcp');
    await answersFromLan(copy, '192.168.1.60');
    dhcp = await leased('dhcp');
    await answer();
  });

  it('ends in time when it is stopped, and leaves the addresses', async () => {
    const started = Date.now();
    await docker(copy, 'stop', 'bridge-setup');
    const took = Date.now() - started;
    expect(took).toBeLessThan(9000);
    expect(await state('bridge-setup', 'ExitCode')).toBe('0');
    expect(await clients()).toEqual([]);
    await answer();
    await docker(copy, 'start', 'bridge-setup');
    await eventually('a DHCP client again', async () => (await clients()).length === 1);
    await ready();
    await answer();
  });

  it('comes back when it is killed, and the DHCP client has not noticed', async () => {
    const before = await clients();
    const pid = await state('bridge-setup', 'Pid');
    // 0, for a container that does not run, would be this very process group.
    expect(Number(pid)).toBeGreaterThan(1);
    await copy.sandbox.run(['kill', '-KILL', pid]);
    await eventually('another process', async () => !['0', pid].includes(await state('bridge-setup', 'Pid')));
    await ready();
    expect(await clients()).toEqual(before);
    await answer();
  });

  it('is there again after a restart of Docker, which makes its socket anew', async () => {
    await copy.stopDocker();
    await copy.startDocker();
    await eventually(
      'the same address',
      async () => (await addressOf(copy, 'dhcp').catch(() => null)) !== null,
    );
    await answer();
    await run('later', '192.168.1.61/24');
    await answersFromLan(copy, '192.168.1.61');
  });

  it('runs commands in it, too', async () => {
    await docker(copy, 'run', '-d', '--name=by-hand', '--net=none', 'box', 'sleep', '3600');
    await docker(copy, 'exec', 'bridge-setup', 'pipework', 'br0', 'by-hand', '192.168.1.62/24');
    await answersFromLan(copy, '192.168.1.62');
    await docker(copy, 'exec', 'bridge-setup', 'bridge-setup', 'detach', 'by-hand');
    expect(await copy.lan.ping('192.168.1.62', 1)).toBe(0);
  });

  it('needs no more than the documented capabilities, and no file where br0 was made by hand', async () => {
    expect(CAPABILITIES).toHaveLength(4);
    await docker(copy, 'rm', '-f', 'bridge-setup');
    await copy.sandbox.run(['mv', RUNTIME_CONFIG_FILE, '/tmp/runtime.json']);
    const words = CONTAINER_COMMAND.split(' ').slice(1);
    await docker(copy, ...words.flatMap((word) => (word === '--privileged' ? CAPABILITIES : word)));
    await ready();
    await run('static-2', '192.168.1.63/24');
    await run('dhcp-2', 'dhcp');
    await answersFromLan(copy, '192.168.1.63');
    await answersFromLan(copy, await leased('dhcp-2'));
    await copy.sandbox.run(['mv', '/tmp/runtime.json', RUNTIME_CONFIG_FILE]);
  });

  it('brings a DHCP client along for a host that has none, and that one outlives it, too', async () => {
    const own = ['/usr/bin/udhcpc', '/sbin/udhcpc', '/bin/busybox', '/usr/bin/busybox'];
    const hide = 'for file; do [ ! -e "$file" ] || mv "$file" "$file.hidden"; done';
    await copy.sandbox.run(['sh', '-c', hide, 'sh', ...own]);
    const before = await clients();
    await run('dhcp-3', 'dhcp');
    const address = await leased('dhcp-3');
    await answersFromLan(copy, address);
    const [pid = ''] = (await clients()).filter((one) => !before.includes(one));
    const program = (await copy.sandbox.run(['readlink', `/proc/${pid}/exe`])).stdout;
    expect(program).toContain('/usr/local/libexec/bridge-setup/busybox');
    await docker(copy, 'rm', '-f', 'bridge-setup');
    expect(await clients()).toContain(pid);
    const show = 'for file; do [ ! -e "$file.hidden" ] || mv "$file.hidden" "$file"; done';
    await copy.sandbox.run(['sh', '-c', show, 'sh', ...own]);
    await runtime();
    await ready();
    expect(await clients()).toContain(pid);
    await docker(copy, 'rm', '-f', 'dhcp-3');
    await eventually('the client has ended', async () => !(await clients()).includes(pid));
    await docker(copy, 'rm', '-f', 'bridge-setup');
  });

  it.each(['--pid=host', '--net=host', '--privileged'])(
    'is refused without %s, which is named',
    async (flag) => {
      const { exitCode, said } = await once([], [], flag);
      const told = expect.stringContaining(`started without ${flag} [container-without-host]`);
      expect([exitCode, said]).toEqual([3, told]);
    },
  );

  it('leaves to the host what is for the host', async () => {
    expect(await once([], ['rehearse'])).toEqual({
      exitCode: 3,
      said: expect.stringContaining('in-container'),
    });
  });
});
