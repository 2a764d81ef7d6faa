import { execFileSync } from 'node:child_process';
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const PROJECT = fileURLToPath(new URL('../../..', import.meta.url));

/** When the newest file of a folder was written, in ms. */
function newest(folder: string): number {
  return Math.max(
    ...readdirSync(folder, { recursive: true, encoding: 'utf8' }).map(
      (name) => statSync(join(folder, name)).mtimeMs,
    ),
  );
}

/** When dist/ was built; 0 when it was not. */
function builtAt(): number {
  return statSync(join(PROJECT, 'dist/main.js'), { throwIfNoEntry: false })?.mtimeMs ?? 0;
}

/**
 * Before the first unit test: some of them run the program itself, as built. What is older than its source is built
 * anew, in place; a build that fails stops the tests.
 */
export default function setup(): void {
  if (builtAt() >= newest(join(PROJECT, 'src'))) return;
  execFileSync(process.execPath, ['scripts/build.js'], { cwd: PROJECT, stdio: 'inherit' });
}
