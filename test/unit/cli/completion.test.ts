import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { bashCompletion } from '../../../src/cli/completion/bash.js';
import { fishCompletion } from '../../../src/cli/completion/fish.js';
import { commandWords } from '../../../src/cli/completion/words.js';
import { zshCompletion } from '../../../src/cli/completion/zsh.js';
import { buildProgram } from '../../../src/cli/program.js';
import { bridgeSetup } from '../support/cli.js';
import { temporaryFolder } from '../support/temporary.js';

const words = commandWords(buildProgram(() => async () => {}));
const [program, ...commands] = words;
const hasShell = (shell: string) => spawnSync(shell, ['-c', 'true']).status === 0;

describe('a completion', () => {
  it('knows every command that the help shows, and no hidden one', () => {
    const names = commands.map(({ name }) => name);
    expect(names).toEqual(expect.arrayContaining(['rehearse', 'verify', 'answers', 'completion', 'detach']));
    expect(names).not.toEqual(expect.arrayContaining(['watch']));
    for (const text of [bashCompletion(words), zshCompletion(words), fishCompletion(words)]) {
      for (const { name, options } of words.filter((one) => one !== program)) {
        expect(text).toContain(name);
        for (const { long } of options) expect(text, `${name} ${long}`).toContain(long.slice(2));
      }
    }
  });

  it('is printed for each shell, and for no other', async () => {
    for (const shell of ['bash', 'zsh', 'fish']) {
      expect(await bridgeSetup(['completion', shell])).toMatchObject({
        exitCode: 0,
        stdout: expect.stringMatching(new RegExp(`^#.*${shell}|^#compdef`)),
      });
    }
    expect((await bridgeSetup(['completion', 'tcsh'])).exitCode).toBe(2);
    expect((await bridgeSetup(['completion'])).exitCode).toBe(2);
  });
});

describe('bash', () => {
  /** What bash offers at the end of these words, in a folder with some files, and with a `docker` of ours. */
  async function offered(...typed: string[]): Promise<string[]> {
    const folder = await temporaryFolder();
    for (const name of ['answers.json', 'other.txt']) writeFileSync(join(folder, name), '');
    mkdirSync(join(folder, 'rootfs'));
    const script = `${bashCompletion(words)}
docker() { [ "$*" = "ps --format {{.Names}}" ] && printf 'web\\ndb\\n'; }
COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
"_\${1//-/_}" 2>/dev/null || "_bridge_setup_$1"
printf '%s\\n' "\${COMPREPLY[@]}"`;
    const { stdout, stderr, status } = spawnSync('bash', ['--norc', '-c', script, 'bash', ...typed], {
      cwd: folder,
      encoding: 'utf8',
    });
    expect([status, stderr]).toEqual([0, '']);
    return stdout
      .split('\n')
      .filter((line) => line !== '')
      .sort();
  }

  it('offers the commands', async () => {
    expect(await offered('bridge-setup', '')).toEqual(commands.map(({ name }) => name).sort());
    expect(await offered('bridge-setup', 're')).toEqual(['rehearse']);
    expect(await offered('bridge-setup', '--json', 'ro')).toEqual(['rollback']);
  });

  it('offers the flags of the command that is there', async () => {
    expect(await offered('bridge-setup', '--d')).toEqual(['--dry-run']);
    expect(await offered('bridge-setup', 'rollback', '--f')).toEqual(['--force']);
    expect(await offered('bridge-setup', 'answers', '--')).toEqual(
      expect.arrayContaining(['--schema', '--dump', '--json']),
    );
    expect(await offered('bridge-setup', 'rollback', '--du')).toEqual([]);
    // What a flag takes is no command.
    expect(await offered('bridge-setup', '--answers', 'rollback', '--f')).toEqual(['--facts']);
  });

  it('offers files and folders where a flag takes one', async () => {
    expect(await offered('bridge-setup', '--answers', 'a')).toEqual(['answers.json']);
    expect(await offered('bridge-setup', 'rehearse', '--answers', '')).toEqual([
      'answers.json',
      'other.txt',
      'rootfs',
    ]);
    expect(await offered('bridge-setup', '--dry-run', '--root', '')).toEqual(['rootfs']);
    expect(await offered('bridge-setup', 'detach', '-i', '')).toEqual([]);
  });

  it('offers shells, and the containers that run', async () => {
    expect(await offered('bridge-setup', 'completion', '')).toEqual(['bash', 'fish', 'zsh']);
    expect(await offered('bridge-setup', 'detach', 'w')).toEqual(['web']);
    expect(await offered('pipework', 'br0', '')).toEqual(['db', 'web']);
  });
});

// Where these shells are installed: that they read it without a complaint.
describe.each([
  ['zsh', zshCompletion(words), ['zsh', '-f', '-n']],
  ['fish', fishCompletion(words), ['fish', '--no-config', '--no-execute']],
] as const)('%s', (shell, text, argv) => {
  it.skipIf(!hasShell(shell))('reads it', async () => {
    const file = join(await temporaryFolder(), 'completion');
    writeFileSync(file, text);
    const [command, ...args] = argv;
    expect(spawnSync(command, [...args, file], { encoding: 'utf8' })).toMatchObject({
      status: 0,
      stderr: '',
    });
  });
});
