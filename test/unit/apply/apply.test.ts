import { createHash } from 'node:crypto';
import { chmodSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { applyPlan } from '../../../src/apply/apply.js';
import { listCheckpoints, unfinishedRun } from '../../../src/apply/checkpoint.js';
import type { ExpectNetwork } from '../../../src/model/expect-steps.js';
import type { Step } from '../../../src/model/plan.js';
import { door, network, networkAsExpected, planOf } from '../support/applied.js';
import { refusedBy } from '../support/refused.js';
import { RootedHost } from '../support/rooted-host.js';
import { temporaryFolder } from '../support/temporary.js';

const FILE = '/etc/network/interfaces';
const write = (content: string, before: string | null, path = FILE): Step => ({
  id: `write-${path}`,
  title: `Write ${path}`,
  kind: 'write-file',
  path,
  content,
  mode: 0o644,
  before,
});
const EXPECTED: ExpectNetwork = {
  kind: 'expect-network',
  bridge: 'br0',
  port: 'eth0',
  mac: '52:54:00:12:34:56',
  address: '192.168.1.10/24',
  gateway: '192.168.1.1',
  probes: [],
  timeoutSeconds: 3,
};
const run = (...argv: string[]): Step => ({
  id: argv.join('-'),
  title: argv.join(' '),
  kind: 'run',
  argv,
  undo: null,
  timeoutSeconds: 3,
});

async function hostWith(content: string | null) {
  const host = new RootedHost(await temporaryFolder());
  await host.files.mkdir('/etc/network');
  if (content !== null) await host.files.write(FILE, content, 0o640);
  return host;
}

const journalOf = async (host: RootedHost, folder: string) =>
  ((await host.files.read(`${folder}/journal.jsonl`)) ?? '')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));

describe('applyPlan', () => {
  it('carries out each step in turn, and says that it is done', async () => {
    const host = await hostWith('before\n');
    const through = door(host);
    const outcome = await applyPlan(planOf(run('ifdown', 'eth0'), write('after\n', 'before\n')), through);
    expect(outcome.state).toBe('applied');
    expect(await host.files.read(FILE)).toBe('after\n');
    expect(host.commands.map(({ argv }) => argv[0])).toEqual(['ifdown', 'cp', 'cp', 'cp']);
    expect(through.log).toEqual(['done ifdown-eth0', `done write-${FILE}`]);
  });

  it('keeps plan, network, files and journal, for its owner only', async () => {
    const host = await hostWith('before\n');
    const plan = planOf(write('after\n', 'before\n'));
    const { folder } = await applyPlan(plan, door(host));
    expect((await host.files.stat(folder))?.mode).toBe(0o700);
    expect(JSON.parse((await host.files.read(`${folder}/plan.json`)) ?? '')).toEqual(plan);
    expect(await host.files.read(`${folder}/files${FILE}`)).toBe('before\n');
    expect(await listCheckpoints(host)).toMatchObject([
      { folder, phase: 'committed', before: { ...network(), passed: [] } },
    ]);
    expect(await journalOf(host, folder)).toEqual([
      {
        state: 'intent',
        n: 0,
        step: plan.steps[0],
        before: {
          path: FILE,
          content: 'before\n',
          mode: 0o640,
          copy: `${folder}/files${FILE}`,
          sha256: createHash('sha256').update('before\n').digest('hex'),
        },
      },
      { state: 'done', n: 0 },
      { state: 'committed' },
    ]);
  });

  it('writes its intent before the effect', async () => {
    const host = await hostWith(null);
    const seen: string[] = [];
    const plan = planOf(run('ifdown', 'eth0'));
    const folders = '/var/lib/bridge-setup/checkpoints';
    host.onRun = async () => {
      const [folder = ''] = await host.files.list(folders);
      seen.push(...(await journalOf(host, `${folders}/${folder}`)).map(({ state }) => state));
    };
    await applyPlan(plan, door(host));
    expect(seen).toEqual(['intent']);
  });

  it('stops at the step that fails, with its reason, and does not roll back', async () => {
    const host = await hostWith('before\n');
    host.script = ([program]) => (program === 'ifup' ? { exitCode: 1, stderr: 'no lease' } : undefined);
    const through = door(host);
    const steps = [write('after\n', 'before\n'), run('ifup', 'br0'), run('never')];
    const outcome = await applyPlan(planOf(...steps), through);
    expect(outcome).toMatchObject({
      state: 'failed',
      step: { id: 'ifup-br0' },
      reason: '`ifup br0` exited 1:\nno lease',
    });
    expect(await host.files.read(FILE)).toBe('after\n');
    expect(through.log).toEqual([`done write-${FILE}`, 'failed ifup-br0']);
    expect((await journalOf(host, outcome.folder)).map(({ state, n }) => [state, n])).toEqual([
      ['intent', 0],
      ['done', 0],
      ['intent', 1],
    ]);
  });

  it('does not write over what somebody else wrote since the plan was made', async () => {
    const host = await hostWith('their own\n');
    const outcome = await applyPlan(planOf(write('after\n', 'before\n')), door(host));
    expect(outcome).toMatchObject({
      state: 'failed',
      reason: `${FILE} was changed by someone else; it is left as it is`,
    });
    expect(await host.files.read(FILE)).toBe('their own\n');
  });

  it('does not write where a file came or went since', async () => {
    const appeared = await applyPlan(planOf(write('after\n', null)), door(await hostWith('theirs\n')));
    expect(appeared.state).toBe('failed');
    const gone = await hostWith(null);
    expect((await applyPlan(planOf(write('after\n', 'before\n')), door(gone))).state).toBe('failed');
    expect(await gone.files.exists(FILE)).toBe(false);
  });

  it('refuses, with nothing changed, when the checkpoint cannot be written', async () => {
    const host = await hostWith('before\n');
    await host.files.mkdir('/var/lib');
    await host.files.write('/var/lib/bridge-setup', 'in the way\n');
    const error = await refusedBy(() => applyPlan(planOf(write('after\n', 'before\n')), door(host)));
    expect([error.code, error.exitCode]).toEqual(['no-checkpoint', 3]);
    expect(await host.files.read(FILE)).toBe('before\n');
  });

  it('leaves no unfinished run behind where there is no watchdog', async () => {
    const host = await hostWith('before\n');
    const guard = () => Promise.reject(new Error('no watchdog'));
    await expect(applyPlan(planOf(write('after\n', 'before\n')), { ...door(host), guard })).rejects.toThrow();
    expect(await listCheckpoints(host)).toMatchObject([{ phase: 'rolled-back', entries: [] }]);
    expect(await unfinishedRun(host)).toBeNull();
  });

  it('takes only what is confirmed for applied, where the network changes', async () => {
    const wait: Step = { id: 'wait', title: 'wait', ...EXPECTED };
    const ask = (keep: boolean) => ({ confirmation: { seconds: 30, ask: async () => keep } });
    const through = async (...steps: Step[]) => {
      const host = await hostWith(null);
      const outcome = await applyPlan(planOf(...steps), {
        ...door(host, () => networkAsExpected(EXPECTED)),
        ...ask(false),
      });
      return [outcome.state, (await listCheckpoints(host))[0]?.phase];
    };
    expect(await through(wait)).toEqual(['unconfirmed', 'awaiting']);
    expect(await through(run('no', 'network'))).toEqual(['applied', 'committed']);
  });

  it('stops between steps when it is told to', async () => {
    const controller = new AbortController();
    const host = await hostWith(null);
    host.onRun = async () => controller.abort();
    const plan = planOf(run('first'), run('second'));
    const outcome = await applyPlan(plan, { ...door(host), signal: controller.signal });
    expect(outcome).toMatchObject({ state: 'failed', step: { id: 'second' }, reason: 'you stopped it' });
    expect(host.commands.map(({ argv }) => argv[0])).toEqual(['first']);
  });

  it('knows the mode of the file behind a symbolic link', async () => {
    const host = await hostWith('before\n');
    await host.files.mkdir('/etc/link');
    symlinkSync(join(host.root, FILE), join(host.root, '/etc/link/interfaces'));
    chmodSync(join(host.root, FILE), 0o600);
    const plan = planOf(write('after\n', 'before\n', '/etc/link/interfaces'));
    const { folder } = await applyPlan(plan, door(host));
    expect((await journalOf(host, folder))[0].before).toMatchObject({ mode: 0o600, content: 'before\n' });
    expect(await host.files.read(FILE)).toBe('after\n');
  });
});
