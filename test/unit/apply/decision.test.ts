import { describe, expect, it } from 'vitest';
import { awaitConfirmation, decide, decisionOn } from '../../../src/apply/decision.js';
import { FakeHost } from '../support/fake-host.js';

const FOLDER = '/var/lib/bridge-setup/checkpoints/one';
const never = () => new Promise<never>(() => {});
const quiet = new AbortController().signal;
const seconds = 30;

describe('decide', () => {
  it('holds to what was decided first', async () => {
    const host = new FakeHost();
    expect(await decisionOn(host, FOLDER)).toBeNull();
    expect(await decide(host, FOLDER, 'commit')).toBe('commit');
    expect(await decide(host, FOLDER, 'roll-back')).toBe('commit');
    expect(await decisionOn(host, FOLDER)).toBe('commit');
  });
});

describe('awaitConfirmation', () => {
  it('is taken back when nobody confirms in time', async () => {
    const host = new FakeHost();
    const { time } = host;
    expect(await awaitConfirmation(host, FOLDER, { seconds, ask: never }, quiet)).toBe(
      'nobody confirmed it within 30 s',
    );
    expect(host.time - time).toBeGreaterThanOrEqual(30_000);
    expect(host.time - time).toBeLessThan(31_000);
    expect(host.content.get(`${FOLDER}/journal.jsonl`)).toBe('{"state":"awaiting","seconds":30}\n');
  });

  it('stays when the person presses Enter, and goes when they press Ctrl-C', async () => {
    const ask = (keep: boolean) => ({ seconds, ask: async () => keep });
    expect(await awaitConfirmation(new FakeHost(), FOLDER, ask(true), quiet)).toBeNull();
    expect(await awaitConfirmation(new FakeHost(), FOLDER, ask(false), quiet)).toBe('you stopped it');
    const stopped = AbortSignal.abort();
    expect(await awaitConfirmation(new FakeHost(), FOLDER, { seconds, ask: never }, stopped)).toBe(
      'you stopped it',
    );
  });

  it('goes by the word of a new session, also when the terminal of the old one is gone', async () => {
    const host = new FakeHost();
    let asked: AbortSignal | undefined;
    const ask = async (signal: AbortSignal) => {
      asked = signal;
      host.after(29_000, () => void decide(host, FOLDER, 'commit'));
      throw new Error('the terminal is gone');
    };
    expect(await awaitConfirmation(host, FOLDER, { seconds, ask }, quiet)).toBeNull();
    expect(asked?.aborted).toBe(true);
  });

  it('says so when another session took it back, also in the moment of Enter', async () => {
    const host = new FakeHost();
    await decide(host, FOLDER, 'roll-back');
    const ask = async () => true;
    expect(await awaitConfirmation(host, FOLDER, { seconds, ask }, quiet)).toBe(
      'another session took it back',
    );
  });
});
