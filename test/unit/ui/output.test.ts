import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { refusal } from '../../../src/errors.js';
import { Output, type OutputOptions } from '../../../src/ui/output.js';
import { stepProgress } from '../../../src/ui/steps.js';

let said = { stdout: '', stderr: '' };

beforeEach(() => {
  said = { stdout: '', stderr: '' };
  for (const stream of ['stdout', 'stderr'] as const) {
    vi.spyOn(process[stream], 'write').mockImplementation((text) => {
      said[stream] += text;
      return true;
    });
  }
});
afterEach(() => vi.restoreAllMocks());

const output = (options: Partial<OutputOptions> = {}) =>
  new Output({ json: false, quiet: false, verbose: false, color: false, ...options });

function everything(to: Output): void {
  to.print('result');
  to.progress('working', { event: 'work' });
  to.detail('$ ip link', { event: 'command' });
  to.document({ state: 'done' });
}

describe('Output', () => {
  it('gives a person the result on stdout, and progress on stderr', () => {
    everything(output());
    expect(said).toEqual({ stdout: 'result\n', stderr: 'working\n' });
  });

  it('is without progress when it is to be quiet, and full of detail when asked', () => {
    everything(output({ quiet: true }));
    expect(said).toEqual({ stdout: 'result\n', stderr: '' });
    everything(output({ verbose: true }));
    expect(said.stderr).toBe('working\n$ ip link\n');
  });

  it('gives a program one document on stdout, and lines of JSON on stderr', () => {
    everything(output({ json: true, color: true, verbose: true }));
    expect(JSON.parse(said.stdout)).toEqual({ state: 'done' });
    expect(
      said.stderr
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line)),
    ).toEqual([{ event: 'work' }, { event: 'command' }]);
  });

  it('tells a person an error on stderr, and a program in its document', () => {
    const error = refusal('not-root', 'Only root can.', [{ message: 'no' }]);
    output().error(error);
    expect(said).toEqual({ stdout: '', stderr: 'Error: Only root can. [not-root]\n  - no\n' });
    output({ json: true }).error(error);
    expect(JSON.parse(said.stdout)).toEqual({
      error: {
        code: 'not-root',
        message: 'Only root can.',
        problems: [{ message: 'no' }],
        hint: null,
        exitCode: 3,
      },
    });
  });
});

describe('stepProgress', () => {
  const step = { id: 'ifup-br0', title: 'Bring br0 up', kind: 'await-docker', timeoutSeconds: 1 } as const;

  it('is a line for each step that has ended', () => {
    const progress = stepProgress(output());
    progress.step(step, 'started', 0);
    progress.line('DHCPACK');
    progress.step(step, 'done', 1340);
    progress.step(step, 'failed', 20);
    expect(said.stderr).toBe('  done  Bring br0 up (1.3 s)\n  failed  Bring br0 up (20 ms)\n');
  });

  it('says what a step has to say to a person, but for one who wants quiet', () => {
    stepProgress(output()).note('Nothing is proved.');
    stepProgress(output({ quiet: true })).note('Nothing is proved.');
    expect(said.stderr).toBe('  note  Nothing is proved.\n');
  });

  it('is an event with --json', () => {
    stepProgress(output({ json: true })).step(step, 'done', 12.7);
    expect(JSON.parse(said.stderr)).toEqual({
      event: 'step',
      id: 'ifup-br0',
      title: 'Bring br0 up',
      state: 'done',
      durationMs: 13,
    });
  });
});
