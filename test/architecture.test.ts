import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const SRC = fileURLToPath(new URL('../src', import.meta.url));

/** Which folder of src/ may import which others (docs/architecture.md, "Who may import whom"). */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  model: [],
  host: ['model'],
  iproute: ['model', 'host'],
  facts: ['model', 'host', 'iproute', 'firewall'],
  firewall: ['model', 'host'],
  backends: ['model'],
  plan: ['model', 'firewall', 'backends'],
  apply: ['model', 'host', 'iproute', 'firewall', 'plan'],
  attach: ['model', 'host', 'firewall'],
  verify: ['model', 'host'],
  rehearse: ['model', 'host'],
  checks: ['model', 'host', 'facts', 'firewall'],
  ui: ['model'],
  cli: [
    'model',
    'host',
    'facts',
    'firewall',
    'backends',
    'plan',
    'apply',
    'attach',
    'verify',
    'rehearse',
    'checks',
    'ui',
  ],
};
/** Files directly in src/ that every folder may import. */
const OPEN_TO_ALL = ['errors', 'suggest', 'templates', 'package-root'];

/** Libraries and Node's modules that only these places may import. */
const ONLY_IN: readonly { readonly module: RegExp; readonly places: readonly string[] }[] = [
  { module: /^execa$/, places: ['host/'] },
  { module: /^dockerode$/, places: ['host/'] },
  {
    module: /^(node:)?(fs|fs\/promises|child_process|net|dgram|http|dns|dns\/promises)$/,
    places: ['host/', 'templates.ts'],
  },
  { module: /^systeminformation$/, places: ['host/', 'facts/'] },
  { module: /^(inquirer|@inquirer\/.*)$/, places: ['ui/'] },
  { module: /^ejs$/, places: ['templates.ts'] },
  { module: /^commander$/, places: ['cli/'] },
];
const MAX_LINES = 270;

const files = readdirSync(SRC, { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.ts'))
  .map((name) => name.split(sep).join('/'));
const text = (file: string) => readFileSync(join(SRC, file), 'utf8');

/** Every module that a file imports, statically, as a type, or when it is needed. */
function imports(file: string): string[] {
  return [...text(file).matchAll(/(?:from|import\()\s*'([^']+)'/g)].flatMap(([, name]) => name ?? []);
}

function importProblems(file: string): string[] {
  const folder = file.includes('/') ? (file.split('/')[0] ?? '') : '';
  return imports(file).flatMap((name) => {
    if (!name.startsWith('.')) {
      const rule = ONLY_IN.find(({ module }) => module.test(name));
      return rule === undefined || rule.places.some((place) => file.startsWith(place))
        ? []
        : [`${file} imports ${name}`];
    }
    const target = relative(SRC, join(SRC, dirname(file), name))
      .split(sep)
      .join('/');
    const other = target.includes('/') ? (target.split('/')[0] ?? '') : '';
    if (folder === '' || other === folder) return [];
    if (other === '')
      return OPEN_TO_ALL.includes(target.replace(/\.js$/, '')) ? [] : [`${file} imports ${target}`];
    return (MAY_IMPORT[folder] ?? []).includes(other) ? [] : [`${file} imports ${target}`];
  });
}

describe('the house', () => {
  it('has files to look at', () => {
    expect(files.length).toBeGreaterThan(50);
  });

  it('lets imports go in one direction only', () => {
    expect(files.flatMap(importProblems)).toEqual([]);
  });

  it('knows every folder', () => {
    const folders = new Set(files.filter((file) => file.includes('/')).map((file) => file.split('/')[0]));
    expect([...folders].sort()).toEqual(Object.keys(MAY_IMPORT).sort());
  });

  it('ends this process in main.ts only, and others through the host', () => {
    const own = files.filter((file) => /(?<!sub)process\.exit\b/.test(text(file)));
    const others = files.filter((file) => /(?<!sub)process\.kill\b/.test(text(file)));
    expect([own, others]).toEqual([['main.ts'], ['host/local-host.ts']]);
  });

  it('never evaluates text', () => {
    expect(files.filter((file) => /\beval\(|new Function\(|shell:\s*true/.test(text(file)))).toEqual([]);
  });

  it('has small files', () => {
    expect(files.filter((file) => text(file).split('\n').length > MAX_LINES)).toEqual([]);
  });

  it('says what each exported function is', () => {
    const undocumented = files.flatMap((file) => {
      const lines = text(file).split('\n');
      return lines.flatMap((line, index) =>
        /^export (async )?(function|class|interface)/.test(line) && !/\*\/$/.test(lines[index - 1] ?? '')
          ? [`${file}:${index + 1}`]
          : [],
      );
    });
    expect(undocumented).toEqual([]);
  });
});
