import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';

/** A folder that lasts until the test has ended. Not for concurrent tests: vitest would take another one for it. */
export async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'bridge-setup-test-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}
