import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { CommandResult } from '../../src/host/host.js';
import type { RunningCopy } from '../../src/rehearse/copy.js';
import {
  ANSWERS,
  document,
  eventually,
  expectAsBefore,
  HOST_ADDRESS,
  setUp,
  setUpAndBack,
  startHost,
} from './support.js';

const SECONDS = 10;
const ALWAYS = { ...ANSWERS, safety: { confirm: 'always', confirmSeconds: SECONDS } };

let copy: RunningCopy;
let before: string | null;
beforeAll(async () => {
  copy = await startHost();
  await setUpAndBack(copy);
  before = await copy.sandbox.read('/etc/network/interfaces');
});
afterAll(() => copy?.stop());

async function newestJournal(): Promise<string> {
  const script = 'cat "$(ls -d /var/lib/bridge-setup/checkpoints/* | tail -n 1)/journal.jsonl"';
  return (await copy.sandbox.run(['sh', '-c', script], { check: false })).stdout;
}
const lastState = async () =>
  /"state":"([a-z-]+)"/.exec((await newestJournal()).trim().split('\n').at(-1) ?? '')?.[1];

/** A set-up that waits for its confirmation. */
async function pending(answers: unknown = ALWAYS): Promise<{
  ended: Promise<CommandResult>;
  kill: () => Promise<void>;
  /** What it says to paste. */
  command: () => string;
}> {
  const lines: string[] = [];
  const onLine = (line: string) => void lines.push(line);
  const ended = copy.bridgeSetup(['--answers', '-', '--json'], { input: JSON.stringify(answers), onLine });
  await eventually('it waits for its confirmation', async () => (await lastState()) === 'awaiting', 60_000);
  const { stdout } = await copy.sandbox.run(['cat', '/run/bridge-setup/lock']);
  const kill = async () => void (await copy.sandbox.run(['kill', '-KILL', stdout.split(' ')[0] ?? '']));
  const command = () => {
    const said = lines.find((line) => line.includes('"awaiting-confirmation"')) ?? '{}';
    return (JSON.parse(said) as { command?: string }).command ?? 'false';
  };
  return { ended, kill, command };
}

const command = async (...argv: string[]) => {
  const run = await copy.bridgeSetup([...argv, '--json']);
  const { state, error } = document(run.stdout);
  return { exitCode: run.exitCode, word: state ?? error.code };
};

describe('a change that has to be confirmed', () => {
  it('is taken back when nobody confirms it in time', async () => {
    const { ended } = await pending();
    const { exitCode, stdout } = await ended;
    expect(exitCode).toBe(4);
    expect(document(stdout).error.message).toContain(`nobody confirmed it within ${SECONDS} s`);
    await expectAsBefore(copy, before);
    expect(await command('confirm')).toEqual({ exitCode: 3, word: 'nothing-pending' });
  });

  it('keeps other runs away meanwhile, and stays when a new session confirms it', async () => {
    const { ended, command: toPaste } = await pending();
    const other = await setUp(copy);
    expect([other.exitCode, other.document.error.code]).toEqual([3, 'change-pending']);
    // No command of that name is on the PATH here; what is printed works all the same.
    expect((await copy.sandbox.run(['which', 'bridge-setup'], { check: false })).exitCode).not.toBe(0);
    const pasted = await copy.sandbox.run(['sh', '-c', toPaste()], { check: false });
    expect([pasted.exitCode, pasted.stdout], pasted.stderr).toEqual([
      0,
      'Confirmed: the new network stays.\n',
    ]);
    expect((await ended).exitCode).toBe(0);
    expect(await lastState()).toBe('committed');
    expect(await copy.lan.ping(HOST_ADDRESS)).toBe(3);
    expect(await command('rollback')).toEqual({ exitCode: 0, word: 'rolled-back' });
    await expectAsBefore(copy, before);
  });

  it('is taken back at once when a new session says so', async () => {
    const started = Date.now();
    const { ended } = await pending();
    expect(await command('rollback')).toEqual({ exitCode: 0, word: 'rolled-back' });
    const { exitCode, stdout } = await ended;
    expect([exitCode, document(stdout).error.message]).toEqual([
      4,
      expect.stringContaining('another session took it back'),
    ]);
    expect(Date.now() - started).toBeLessThan(20_000);
    await expectAsBefore(copy, before);
  });

  it('is taken back at the deadline, too, when the tool is killed while it waits', async () => {
    const { ended, kill } = await pending();
    await kill();
    expect((await ended).exitCode).toBeNull();
    // The way back is not taken before its time: the person may be about to come back.
    expect(await copy.lan.ping(HOST_ADDRESS)).toBe(3);
    expect(await lastState()).toBe('awaiting');
    await eventually(
      'it is taken back',
      async () => (await lastState()) === 'rolled-back',
      (SECONDS + 5) * 1000,
    );
    await expectAsBefore(copy, before);
  });

  it('stays when a new session confirms it after the tool was killed', async () => {
    const { ended, kill } = await pending();
    await kill();
    await ended;
    expect(await command('confirm')).toEqual({ exitCode: 0, word: 'committed' });
    expect(await lastState()).toBe('committed');
    expect(await copy.lan.ping(HOST_ADDRESS)).toBe(3);
    expect(await command('rollback')).toEqual({ exitCode: 0, word: 'rolled-back' });
    await expectAsBefore(copy, before);
  });
});

describe('a change to another address', () => {
  const NEW = '192.168.1.77';
  const answers = { ...ALWAYS, address: { method: 'static', address: `${NEW}/24`, gateway: '192.168.1.1' } };
  const answering = async () => [await copy.lan.ping(HOST_ADDRESS), await copy.lan.ping(NEW)];

  it('keeps the old one until it is confirmed, and then removes it', async () => {
    const { ended } = await pending(answers);
    expect(await answering()).toEqual([3, 3]);
    expect(await command('confirm')).toEqual({ exitCode: 0, word: 'committed' });
    expect((await ended).exitCode).toBe(0);
    expect(await answering()).toEqual([0, 3]);
    expect(await command('rollback')).toEqual({ exitCode: 0, word: 'rolled-back' });
    await expectAsBefore(copy, before);
  });

  it('also when the tool was killed while it waited', async () => {
    const { ended, kill } = await pending(answers);
    await kill();
    await ended;
    expect(await answering()).toEqual([3, 3]);
    expect(await command('confirm')).toEqual({ exitCode: 0, word: 'committed' });
    expect(await answering()).toEqual([0, 3]);
    expect(await command('rollback')).toEqual({ exitCode: 0, word: 'rolled-back' });
    await expectAsBefore(copy, before);
  });

  it('has cost nothing when nobody confirms it: the old one is alone again', async () => {
    const { ended } = await pending(answers);
    expect(await command('rollback')).toEqual({ exitCode: 0, word: 'rolled-back' });
    await ended;
    expect(await answering()).toEqual([3, 0]);
    await expectAsBefore(copy, before);
  });
});

describe('a run that was lost together with its watchdog', () => {
  it('is recognised, and taken back before anything else', async () => {
    const { ended, kill } = await pending();
    await kill();
    await ended;
    const folder = 'cat "$(ls -d /var/lib/bridge-setup/checkpoints/* | tail -n 1)/watchdog"';
    const watchdog = (await copy.sandbox.run(['sh', '-c', folder])).stdout.trim();
    await copy.sandbox.run(['kill', '-KILL', watchdog]);
    const other = await setUp(copy);
    expect([other.exitCode, other.document.error.code]).toEqual([3, 'change-pending']);
    expect(await command('rollback')).toEqual({ exitCode: 0, word: 'rolled-back' });
    await expectAsBefore(copy, before);
    expect((await setUp(copy)).exitCode).toBe(0);
  });
});
