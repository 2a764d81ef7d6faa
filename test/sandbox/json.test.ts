import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RunningCopy } from '../../src/rehearse/copy.js';
import { expectDocumented, expectEventsDocumented } from '../unit/support/json-doc.js';
import { ANSWERS, docker, document, eventually, importImage, PROJECT, setUp, startHost } from './support.js';

let copy: RunningCopy;
beforeAll(async () => {
  copy = await startHost();
});
afterAll(() => copy?.stop());

/** A command with --json and -v: its document, and its events are as documented. */
async function run(...args: string[]) {
  const { exitCode, stdout, stderr } = await copy.bridgeSetup(['--json', '-v', ...args]);
  expectEvents(stderr);
  return { exitCode, document: document(stdout) };
}
const expectEvents = (stderr: string) =>
  expectEventsDocumented(stderr.split('\n').filter((line) => line.startsWith('{"event"')));

describe('docs/json.md has the keys of', () => {
  it('a set-up, a confirmation, and a set-up that has nothing to do', async () => {
    const dry = await setUp(copy, ANSWERS, '--dry-run');
    expectDocumented('planned', dry.document);
    const answers = { ...ANSWERS, safety: { confirm: 'always' } };
    const applying = setUp(copy, answers, '-v');
    const confirmed = await eventually(
      'a change waits for its confirmation',
      async () => {
        const { exitCode, stdout } = await copy.bridgeSetup(['confirm', '--json']);
        if (exitCode !== 0) expectDocumented('error', document(stdout));
        return exitCode === 0 && document(stdout);
      },
      120_000,
    );
    expectDocumented('confirm', confirmed);
    const applied = await applying;
    expect(applied.exitCode, applied.stderr).toBe(0);
    expectDocumented('applied', applied.document, { plan: 'as in a dry run' });
    expectEvents(applied.stderr);
    expectDocumented('unchanged', (await setUp(copy)).document);
  });

  it('verify, doctor', async () => {
    expectDocumented('verify', (await run('verify')).document);
    expectDocumented('doctor', (await run('doctor')).document);
  });

  it('attach, import, status, detach', async () => {
    await importImage(copy);
    const rule = 'pipework_cmd=br0 -i eth0 @CONTAINER_NAME@ dhcp';
    const bad = 'pipework_cmd_2=br9 -i eth1 @CONTAINER_NAME@ dhcp';
    const options = ['-d', '--name=web', '--net=none', '-e', rule, '-e', bad, '-e', 'pipework_key=blue'];
    await docker(copy, 'run', ...options, 'box', 'sleep', '3600');
    const attached = await run('attach', 'br0', '-i', 'eth0', 'web', '192.168.1.70/24');
    expect(attached.exitCode).toBe(0);
    expectDocumented('attach', attached.document);
    expectDocumented('import', (await run('import')).document);
    expectDocumented('status', (await run('status')).document);
    expectDocumented('detach', (await run('detach', '-i', 'eth0', 'web')).document);
    await docker(copy, 'rm', '-f', 'web');
  });

  it('rollback', async () => {
    expectDocumented('rollback', (await run('rollback')).document);
    expect((await run('rollback')).document).toEqual({ state: 'unchanged' });
  });

  it('rehearse', async () => {
    const argv = [`${PROJECT}/bin/bridge-setup.js`, 'rehearse', '--json', '-v'];
    const options = { maxBuffer: 2 ** 28, timeout: 280_000 };
    const { stdout, stderr } = await promisify(execFile)(process.execPath, argv, options);
    expectDocumented('rehearse', document(stdout));
    expectEvents(stderr);
  });
});
