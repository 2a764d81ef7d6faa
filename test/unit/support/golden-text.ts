import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'vitest';

const PROJECT = fileURLToPath(new URL('../../..', import.meta.url));

/** A text is as the file has it. UPDATE_GOLDENS=1 writes it anew: read the diff. */
export function expectText(file: string, text: string): void {
  const path = join(PROJECT, file);
  if (process.env.UPDATE_GOLDENS === '1') {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  }
  expect(text, `${file}; UPDATE_GOLDENS=1 writes it anew`).toBe(readOrNothing(path));
}

function readOrNothing(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return null;
  }
}
