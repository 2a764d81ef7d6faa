import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { hostError } from '../../../src/cli/host-error.js';
import { EXIT, refusal, truthful } from '../../../src/errors.js';
import { CommandError } from '../../../src/host/command.js';

const failed = new CommandError({
  argv: ['ip', 'link'],
  exitCode: 126,
  stdout: '',
  stderr: 'ip: cannot be run: spawn ip EAGAIN',
  durationMs: 1,
});

describe('hostError', () => {
  it('is a problem of the host, where a command or a file of it failed', async () => {
    const unread = await readFile('/').catch((error: unknown) => error);
    for (const thrown of [failed, unread]) {
      const error = hostError(thrown);
      expect([error?.code, error?.exitCode]).toEqual(['host-error', EXIT.refused]);
    }
    expect(hostError(failed)?.problems[0]?.message).toContain('EAGAIN');
  });

  it('does not say that nothing was changed where something was', () => {
    const error = truthful(hostError(failed) ?? refusal('none', ''), {
      done: ['ip link set eth0 down'],
      undone: false,
      kept: false,
    });
    expect(error.exitCode).toBe(EXIT.rollbackIncomplete);
    expect(error.message).not.toContain('nothing was changed');
  });

  it('leaves an error of the program to whoever reports it as a bug', () => {
    const own = refusal('not-root', 'Only root can do that.');
    expect(hostError(own)).toBe(own);
    expect(hostError(new TypeError('undefined is no function'))).toBeNull();
    expect(hostError(Object.assign(new Error('of Node.js'), { code: 'ERR_INVALID_ARG_TYPE' }))).toBeNull();
    expect(hostError('text')).toBeNull();
  });
});
