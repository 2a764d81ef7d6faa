import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect } from 'vitest';

const FILE = fileURLToPath(new URL('../../../docs/json.md', import.meta.url));
/** What differs by the kind of a step is no part of its documented form. */
const OPEN = /^\.plan\.steps\[\]$/;

const blockOf = (name: string) => new RegExp(`(<!-- ${name} -->\n\`\`\`json\n)([\\s\\S]*?)(\n\`\`\`)`);

/** The example of docs/json.md behind `<!-- name -->`. */
function example(name: string): string {
  const block = blockOf(name).exec(readFileSync(FILE, 'utf8'));
  if (block === null) throw new Error(`docs/json.md has no example "${name}"`);
  return block[2] ?? '';
}

/**
 * A document has the keys that docs/json.md says, all of them and no others; values may be null on either side.
 * UPDATE_GOLDENS=1 writes the example anew: read the diff.
 * @param elsewhere parts that are documented in another example, and words that stand in their place
 */
export function expectDocumented(
  name: string,
  value: object,
  elsewhere: Readonly<Record<string, string>> = {},
) {
  if (process.env.UPDATE_GOLDENS === '1') {
    const fresh = { ...(shortened(value) as object), ...elsewhere };
    write(name, JSON.stringify(kept(fresh, JSON.parse(example(name))), null, 2));
  }
  expectKeys(name, value);
}

/** The same, but never written: what a test on this machine prints is no example for its readers. */
export function expectKeys(name: string, value: object) {
  expect(differences(value, JSON.parse(example(name)), ''), name).toEqual([]);
}

/** The same for the events of a run: each kind is there, as an example in a line. */
export function expectEventsDocumented(lines: readonly string[]): void {
  const events = lines.map((line) => JSON.parse(line) as { event: string });
  if (process.env.UPDATE_GOLDENS === '1') writeEvents(events);
  const documented = new Map(documentedEvents().map((one) => [one.event, one]));
  for (const event of events) {
    expect(differences(event, documented.get(event.event) ?? null, event.event), event.event).toEqual([]);
    expect(documented.has(event.event), event.event).toBe(true);
  }
}

/** The events that docs/json.md has. */
export const documentedEvents = (): { event: string }[] =>
  example('events')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line));

function writeEvents(events: readonly { event: string }[]): void {
  const known = new Map([...documentedEvents(), ...events].map((one) => [one.event, one]));
  for (const one of documentedEvents()) known.set(one.event, one);
  const lines = [...known.values()].map((one) => JSON.stringify(shortened(one)));
  write('events', lines.sort().join('\n'));
}

function write(name: string, text: string): void {
  const before = readFileSync(FILE, 'utf8');
  writeFileSync(
    FILE,
    before.replace(blockOf(name), (_all, head, _body, tail) => `${head}${text}${tail}`),
  );
}

/** Short enough to be read: of a list those elements that have other keys, at most three; the beginning of a long text. */
function shortened(value: unknown): unknown {
  if (typeof value === 'string') return value.length > 140 ? `${value.slice(0, 140)}…` : value;
  if (Array.isArray(value)) return samples(value).map(shortened);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, shortened(inner)]));
}

/** A list that happens to be empty does not replace an example that says more. */
function kept(fresh: unknown, before: unknown): unknown {
  if (Array.isArray(fresh)) return fresh.length === 0 && Array.isArray(before) ? before : fresh;
  if (fresh === null || typeof fresh !== 'object' || before === null || typeof before !== 'object')
    return fresh;
  const old = new Map(Object.entries(before));
  return Object.fromEntries(Object.entries(fresh).map(([key, value]) => [key, kept(value, old.get(key))]));
}

function samples(list: readonly unknown[]): unknown[] {
  const shapes = new Set<string>();
  const differing = list.filter((one) => {
    const shape = typeof one === 'object' && one !== null ? Object.keys(one).sort().join() : String(one);
    if (shapes.has(shape)) return false;
    shapes.add(shape);
    return true;
  });
  return differing.slice(0, 3);
}

function differences(actual: unknown, documented: unknown, path: string): string[] {
  if (actual === null || documented === null || actual === undefined || documented === undefined) return [];
  if (Array.isArray(actual) && Array.isArray(documented)) return ofLists(actual, documented, `${path}[]`);
  if (typeof actual !== 'object' || typeof documented !== 'object') return [];
  const [is, says] = [new Map(Object.entries(actual)), new Map(Object.entries(documented))];
  return [
    ...[...is.keys()].filter((key) => !says.has(key)).map((key) => `not documented: ${path}.${key}`),
    ...[...says.keys()]
      .filter((key) => !is.has(key))
      .map((key) => `documented, but not there: ${path}.${key}`),
    ...[...is].flatMap(([key, value]) => differences(value, says.get(key), `${path}.${key}`)),
  ];
}

/** Elements may differ: a key is documented when one of them has it, and has to be there when all have it. */
function ofLists(actual: readonly unknown[], documented: readonly unknown[], path: string): string[] {
  const keys = (value: unknown) => (value !== null && typeof value === 'object' ? Object.keys(value) : []);
  if (actual.length === 0 || documented.length === 0) return [];
  const known = new Set(documented.flatMap(keys));
  const needed = [...known].filter((key) => documented.every((one) => keys(one).includes(key)));
  return actual.flatMap((one) => [
    ...keys(one)
      .filter((key) => !known.has(key) && !OPEN.test(path))
      .map((key) => `not documented: ${path}.${key}`),
    ...needed
      .filter((key) => typeof one === 'object' && !keys(one).includes(key))
      .map((key) => `documented, but not there: ${path}.${key}`),
  ]);
}
