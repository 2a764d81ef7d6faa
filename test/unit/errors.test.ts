import { describe, expect, it } from 'vitest';
import { EXIT, refusal, SetupError, truthful, usageError } from '../../src/errors.js';

const NOTHING = { done: [], undone: false, kept: false };

describe('the exit code of an error', () => {
  const refused = refusal('nothing-to-ping', 'Refused for 2 reasons; nothing was changed.', [], 'Do this.');

  it('stays, where nothing was changed', () => {
    expect(truthful(refused, NOTHING)).toBe(refused);
  });

  it.each([
    ['rolled back', { ...NOTHING, undone: true }, EXIT.rolledBack, 'was undone'],
    [
      'left half way',
      { ...NOTHING, done: ['ip link set dev eth0 down'] },
      EXIT.rollbackIncomplete,
      'eth0 down',
    ],
    [
      'half undone',
      { ...NOTHING, done: ['write /etc/hosts'], undone: true },
      EXIT.rollbackIncomplete,
      'hosts',
    ],
    ['kept', { ...NOTHING, done: ['write /etc/hosts'], kept: true }, EXIT.checkFailed, 'stays'],
  ])('is never 2 or 3 where something was changed and %s', (_, effects, exitCode, words) => {
    for (const error of [refused, usageError('answers-invalid', 'The answers are not valid.')]) {
      const told = truthful(error, effects);
      expect([told.code, told.exitCode, told.hint]).toEqual([error.code, exitCode, error.hint]);
      expect(told.message).not.toContain('nothing was changed');
      expect(told.problems.at(-1)?.message).toContain(words);
    }
  });

  it('that says itself what became of the host stays', () => {
    for (const exitCode of [EXIT.rolledBack, EXIT.rollbackIncomplete, EXIT.checkFailed]) {
      const error = new SetupError('x', 'x', { exitCode });
      expect(truthful(error, { done: ['something'], undone: true, kept: true })).toBe(error);
    }
  });
});
