import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { EXIT, truthful } from '../../src/errors.js';
import { effectsOn } from '../../src/host/effects.js';
import { bench, type Provoke } from './refusals/bench.js';
import { OF_APPLY } from './refusals/of-apply.js';
import { OF_ATTACH, UNDONE } from './refusals/of-attach.js';
import { NOT_ROOT, OF_CLI } from './refusals/of-cli.js';
import { refusedBy } from './support/refused.js';

const SRC = fileURLToPath(new URL('../../src/', import.meta.url));
const files = readdirSync(SRC, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.ts'));
const text = (file: string) => readFileSync(join(SRC, file), 'utf8');

/** Folders that have no host in hand (test/architecture.test.ts): whatever is refused there, nothing was done there. */
const PURE = /^((backends|checks|model|plan|attach\/rule)\/|attach\/(rule|rules-of-container)\.ts$)/;
const TOUCHES = /\bhost\.(run|spawn|signal|files|docker)\b|runIpBatch|ipBatch/;

/**
 * Codes without an entry, each with the reason. Of the rest, those of pure folders need none: `prepare` and `parseRule`
 * have no host either, and what calls them does so first.
 */
const WITHOUT: Readonly<Record<string, string>> = {
  usage: 'of the command line, before there is a host',
  'unknown-command': 'of the command line, before there is a host',
  'host-error': 'made of whatever the host threw; test/unit/cli/host-error.test.ts',
  'setting-invalid': 'of the environment, which is parsed first',
  stopped: 'Ctrl-C at a question, or in a rehearsal, whose effects are those of the copy',
  'container-without-host': 'there is no host to act on',
  'sandbox-not-allowed': 'a rehearsal acts in namespaces of its own',
  'not-confirmed': 'test/sandbox/doctor-fix.test.ts: doctor has to have found something that it can fix',
  'svg-not-written': 'nothing but that file is written',
  'no-uplink': 'the wizard only starts on a terminal; it has read facts, and nothing else',
};

/** Every code that is given with exit code 2 or 3, and where. */
function codes(): Map<string, string[]> {
  const found = new Map<string, string[]>();
  for (const file of files) {
    const source = text(file);
    const direct = [...source.matchAll(/\b(?:refusal|usageError|new RuleError)\(\s*'([a-z0-9-]+)'/g)];
    const explicit = [
      ...source.matchAll(/new SetupError\(\s*'([a-z0-9-]+)',[\s\S]{0,400}?exitCode: EXIT\.(\w+)/g),
    ].filter(([, , exitCode]) => exitCode === 'refused' || exitCode === 'usage');
    for (const [, code = ''] of [...direct, ...explicit]) {
      found.set(code, [...new Set([...(found.get(code) ?? []), file])]);
    }
  }
  return found;
}

const ENTRIES: Readonly<Record<string, Provoke>> = { ...OF_APPLY, ...OF_ATTACH, ...OF_CLI };

describe('exit codes 2 and 3: nothing was changed', () => {
  it('the table has every code of the program, and no other', () => {
    const all = codes();
    expect(all.size).toBeGreaterThan(100);
    const missing = [...all.entries()].filter(
      ([code, where]) =>
        !Object.hasOwn(ENTRIES, code) &&
        !Object.hasOwn(UNDONE, code) &&
        !Object.hasOwn(WITHOUT, code) &&
        !where.every((file) => PURE.test(file)),
    );
    expect(missing).toEqual([]);
    const named = [...Object.keys(ENTRIES), ...Object.keys(WITHOUT)];
    expect(named.filter((code) => !all.has(code))).toEqual([]);
  });

  it('the folders that need no entry do not touch a host', () => {
    expect(files.filter((file) => PURE.test(file) && TOUCHES.test(text(file)))).toEqual([]);
  });

  it.each(Object.keys(ENTRIES))('%s', async (code) => {
    const one = bench();
    const error = await refusedBy(() => ENTRIES[code]?.(one));
    expect([error.code, effectsOn(one.host).done]).toEqual([code, []]);
    expect([EXIT.usage, EXIT.refused]).toContain(truthful(error, effectsOn(one.host)).exitCode);
  });

  it.each(Object.keys(NOT_ROOT))('not-root: %s', async (command) => {
    const one = bench();
    const error = await refusedBy(() => NOT_ROOT[command]?.(one));
    expect([error.code, error.exitCode, effectsOn(one.host).done]).toEqual(['not-root', EXIT.refused, []]);
  });
});

describe('what is refused half way is undone, and has exit code 4', () => {
  it.each(Object.keys(UNDONE))('%s', async (code) => {
    const one = bench();
    const error = await refusedBy(() => UNDONE[code]?.(one));
    const effects = effectsOn(one.host);
    expect([error.code, effects.undone, effects.done]).toEqual([code, true, []]);
    expect(truthful(error, effects).exitCode).toBe(EXIT.rolledBack);
  });
});
