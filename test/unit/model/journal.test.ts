import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type JournalLine, readJournal } from '../../../src/model/journal.js';
import type { Step } from '../../../src/model/plan.js';

const step = (id: string): Step => ({ id, title: id, kind: 'accept-rule', bridge: 'br0' });
const intent = (n: number): JournalLine => ({ state: 'intent', n, step: step(`step-${n}`), before: null });
const done = (n: number): JournalLine => ({ state: 'done', n });
const undone = (n: number): JournalLine => ({ state: 'undone', n });
const text = (...lines: JournalLine[]) => lines.map((line) => `${JSON.stringify(line)}\n`).join('');
const states = (journal: string) => readJournal(journal).entries.map(({ n, state }) => `${n} ${state}`);

describe('readJournal', () => {
  it('is empty for an empty journal', () => {
    expect(readJournal('')).toEqual({ kind: 'set-up', entries: [], phase: 'open', confirmSeconds: 0 });
  });

  it('tells how far each step came, and how the run ended', () => {
    const journal = text(intent(0), done(0), intent(1), done(1), undone(1), { state: 'committed' });
    expect(states(journal)).toEqual(['0 done', '1 undone']);
    expect(readJournal(journal).phase).toBe('committed');
    expect(readJournal(journal + text({ state: 'rolled-back' })).phase).toBe('rolled-back');
  });

  it('tells how long a confirmation is waited for', () => {
    const journal = text(intent(0), done(0), { state: 'awaiting', seconds: 120 });
    expect(readJournal(journal)).toMatchObject({ phase: 'awaiting', confirmSeconds: 120 });
  });

  it('keeps an intent that nothing followed: its effect may have happened', () => {
    expect(states(text(intent(0), done(0), intent(1)))).toEqual(['0 done', '1 intent']);
  });

  it('passes over the line that a crash cut short, wherever it was cut', () => {
    const whole = text(intent(0), done(0), intent(1), done(1), { state: 'committed' });
    fc.assert(
      fc.property(fc.integer({ min: 0, max: whole.length }), (at) => {
        const cut = whole.slice(0, at);
        const complete = whole.slice(0, cut.lastIndexOf('\n') + 1);
        // A last line that only lacks its line break is complete.
        const expected = whole[at] === '\n' ? readJournal(`${cut}\n`) : readJournal(complete);
        expect(readJournal(cut)).toEqual(expected);
      }),
    );
  });

  it('passes over lines about steps that it has never heard of', () => {
    expect(states(text(done(7), undone(8), intent(0)))).toEqual(['0 intent']);
  });

  it('reads a line that follows a broken one', () => {
    expect(states(`${text(intent(0))}{"state":"do\n${text(done(0))}`)).toEqual(['0 done']);
  });
});
