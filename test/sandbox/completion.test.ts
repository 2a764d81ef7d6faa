import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RunningCopy } from '../../src/rehearse/copy.js';
import { eventually, MORE_PROGRAMS, PROJECT, startHost } from './support.js';

// bash is everywhere, so test/unit/cli/completion.test.ts has it. These shells are installed in the copy.
let copy: RunningCopy;
beforeAll(async () => {
  copy = await startHost(undefined, MORE_PROGRAMS);
  const own = `${process.execPath} ${PROJECT}/bin/bridge-setup.js`;
  for (const shell of ['zsh', 'fish']) {
    await copy.sandbox.run(['sh', '-c', `${own} completion ${shell} > /tmp/completion.${shell}`]);
  }
});
afterAll(() => copy?.stop());

describe('fish', () => {
  /** What fish offers at the end of a line, without the descriptions. */
  const offered = async (line: string) => {
    const script = `source /tmp/completion.fish; complete --do-complete '${line}'`;
    const { stdout, stderr } = await copy.sandbox.run(['fish', '--no-config', '--command', script]);
    expect(stderr).toBe('');
    return stdout
      .split('\n')
      .map((one) => one.split('\t')[0])
      .filter(Boolean);
  };

  it('offers commands, flags, shells and files', async () => {
    expect(await offered('bridge-setup re')).toEqual(['rehearse']);
    expect(await offered('bridge-setup rollback --f')).toEqual(['--force']);
    expect(await offered('bridge-setup answers --d')).toEqual(['--dump']);
    expect(await offered('bridge-setup completion ')).toEqual(
      expect.arrayContaining(['bash', 'fish', 'zsh']),
    );
    expect(await offered('bridge-setup --answers /etc/hostn')).toEqual(['/etc/hostname']);
    expect(await offered('bridge-setup rehearse --dry')).toEqual([]);
  });
});

describe('zsh', () => {
  it('offers commands and flags on a terminal', async () => {
    let screen = '';
    const shell = copy.sandbox.spawn(['script', '--quiet', '--command', 'zsh -f', '/dev/null'], {
      onLine: (line) => (screen += `${line}\n`),
      env: { TERM: 'dumb' },
    });
    const type = (line: string) => shell.write(`${line}\n`);
    type('autoload -U compinit && compinit -u -D && source /tmp/completion.zsh && echo rea""dy');
    await eventually(
      () => screen,
      async () => screen.includes('ready'),
    );
    // A command of that name that says what it was given.
    type('bridge-setup() { print -l -- "given: $*" }');
    type('bridge-setup reh\t');
    await eventually(
      () => screen,
      async () => /^given: rehearse\s*$/m.test(screen),
    );
    type('bridge-setup rollback --fo\t');
    await eventually(
      () => screen,
      async () => /^given: rollback --force\s*$/m.test(screen),
    );
    type('exit');
    await shell.exited;
  });
});
