import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { temporaryFolder } from './support/temporary.js';

const PROJECT = fileURLToPath(new URL('../..', import.meta.url));

it('what .dockerignore lets into the image is enough to build the program of', async () => {
  const folder = await temporaryFolder();
  const entries = readFileSync(join(PROJECT, '.dockerignore'), 'utf8')
    .split('\n')
    .flatMap((line) => (line.startsWith('!') ? [line.slice(1)] : []));
  for (const name of entries) cpSync(join(PROJECT, name), join(folder, name), { recursive: true });
  symlinkSync(join(PROJECT, 'node_modules'), join(folder, 'node_modules'));
  // What `npm ci` runs, by the script "prepare".
  execFileSync(process.execPath, ['scripts/build.js'], { cwd: folder });
  const program = join(folder, 'bin/bridge-setup.js');
  expect(existsSync(join(folder, 'dist/main.js'))).toBe(true);
  expect(execFileSync(process.execPath, [program, '--help'], { encoding: 'utf8' })).toContain('rollback');
});
