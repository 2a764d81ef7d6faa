import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const path = (name: string) => fileURLToPath(new URL(`../../${name}`, import.meta.url));

/** Rows of the tables: the situation, and what the last column names. */
const rows = readFileSync(path('docs/corner-cases.md'), 'utf8')
  .split('\n')
  .filter((line) => /^\| (?!situation)/.test(line))
  .map((line) => {
    const cells = line.slice(2, -2).split(' | ');
    return [
      cells[0] ?? '',
      [...(cells.at(-1) ?? '').matchAll(/`([^`]+)`/g)].map((found) => found[1] ?? ''),
    ] as const;
  });

/** A scenario, or a test within a file: `unit/x.test.ts > its title`. */
function exists(name: string): boolean {
  const [file = '', title] = name.split(' > ');
  if (title === undefined) return existsSync(path(`test/scenarios/${file}/facts.json`));
  return existsSync(path(`test/${file}`)) && readFileSync(path(`test/${file}`), 'utf8').includes(title);
}

describe('docs/corner-cases.md', () => {
  it.each(rows)('%s: names tests that exist', (_, names) => {
    expect(names).not.toEqual([]);
    expect(names.filter((name) => !exists(name))).toEqual([]);
  });

  it('has rows', () => expect(rows.length).toBeGreaterThan(30));
});
