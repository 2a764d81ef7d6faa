import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { parsePipework } from '../../src/attach/rule.js';
import { commandWords } from '../../src/cli/completion/words.js';
import { buildProgram } from '../../src/cli/program.js';
import { EXIT } from '../../src/errors.js';

const PROJECT = fileURLToPath(new URL('../..', import.meta.url));
const read = (file: string) => readFileSync(join(PROJECT, file), 'utf8');
const program = () => buildProgram(() => async () => {});
const words = commandWords(program());
const [own, ...commands] = words;

/** The test that runs a command for real; `''` is the program without a command. */
const RUN_BY: Readonly<Record<string, string>> = {
  '': 'test/sandbox/wizard.test.ts',
  '--answers': 'test/sandbox/main-job.test.ts',
  answers: 'test/sandbox/answers.test.ts',
  attach: 'test/sandbox/json.test.ts',
  completion: 'test/unit/cli/completion.test.ts',
  confirm: 'test/sandbox/confirm.test.ts',
  daemon: 'test/sandbox/main-job.test.ts',
  detach: 'test/sandbox/pipework.test.ts',
  doctor: 'test/sandbox/doctor.test.ts',
  import: 'test/sandbox/json.test.ts',
  rehearse: 'test/sandbox/json.test.ts',
  rollback: 'test/sandbox/main-job.test.ts',
  status: 'test/sandbox/status.test.ts',
  verify: 'test/sandbox/json.test.ts',
};

describe('the manual page', () => {
  const manual = read('man/bridge-setup.8')
    .replace(/\\f[BIR]/g, '')
    .replaceAll('\\-', '-');
  const section = (name: string) =>
    new RegExp(`^\\.SH "?${name}"?\n([\\s\\S]*?)(?=^\\.SH |$(?![\\s\\S]))`, 'm').exec(manual)?.[1] ?? '';
  /** What stands behind each `.TP`, without the macros of fonts. */
  const entries = (text: string) =>
    [...text.matchAll(/^\.TP\n(?:\.[A-Z]+ )?(.*)$/gm)].map(([, head = '']) =>
      head.replace(/"/g, '').replace(/ +/g, ' '),
    );

  it('has every command, and no other', () => {
    const described = entries(section('COMMANDS')).map((head) => head.split(' ')[0]);
    expect(described.sort()).toEqual(commands.map(({ name }) => name).sort());
  });

  it('has every flag, and no other', () => {
    const flags = words
      .flatMap(({ options }) => options.flatMap(({ short, long }) => [short, long]))
      .filter(Boolean);
    const named: string[] = manual.match(/(?<![\w-])--?[A-Za-z][a-z-]*/g) ?? [];
    const without = [...new Set(flags)].filter((flag) => !named.includes(flag ?? ''));
    expect(without).toEqual([]);
    expect(named.filter((flag) => !flags.includes(flag))).toEqual([]);
  });

  it('has every exit code, and no other', () => {
    const codes = [...section('EXIT STATUS').matchAll(/^\.B (\d+)$/gm)].map(([, code]) => Number(code));
    expect(codes).toEqual(Object.values(EXIT));
  });

  it('is of this version', () => {
    expect(manual).toContain(`"bridge-setup ${JSON.parse(read('package.json')).version}"`);
  });
});

const documents = [
  'README.md',
  ...readdirSync(join(PROJECT, 'docs'))
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/${name}`),
];

/** Every command line of this program in a document: lines of a shell's block, and code within a sentence. */
function commandLines(file: string): string[] {
  const text = read(file);
  const blocks = [...text.matchAll(/^```(?:sh|shell)\n([\s\S]*?)^```/gm)].map(([, block = '']) => block);
  const prose = text.replace(/^```[\s\S]*?^```/gm, '');
  const lines = blocks.flatMap((block) => block.replace(/\\\n/g, ' ').split('\n'));
  const spans = [...prose.matchAll(/`([^`\n]+)`/g)].map(([, span = '']) => span.replaceAll('\\|', '|'));
  return [...lines, ...spans].flatMap((line) =>
    line
      .replace(/\s#\s.*$/, '')
      .split(/&&|;|(?<=\s)\|(?=\s)|<\(|\)/)
      .map((one) => one.trim().replace(/^((sudo|npx|then|source|[A-Z_]+=\S*) )*/, ''))
      .filter((one) => /^(bridge-setup|pipework)( |$)/.test(one)),
  );
}

/** `[--force]` and `FILE|-`: with what may be left out, and the first of each choice. */
const settled = (line: string) =>
  line
    .replace(/[[\]…]/g, '')
    .replace(/(\S+?)\|\S+/g, '$1')
    .trim()
    .split(/\s+/)
    .slice(1)
    .map((word) => word.replace(/^['"]|['"]$/g, ''));

const OWN = /^bridge-setup/;
const RULE = /^pipework (?!.*[A-Z]{4}).*\d/;
const having = (pattern: RegExp) =>
  documents.filter((file) => commandLines(file).some((line) => pattern.test(line)));

/** What the parser says to a command line; `null`: it is one. */
async function usageProblem(argv: readonly string[]): Promise<string | null> {
  const quiet = program();
  for (const one of [quiet, ...quiet.commands])
    one.configureOutput({ writeErr: () => {}, writeOut: () => {} });
  const isHelp = argv.includes('--help') || argv.includes('--version');
  return quiet.parseAsync([...argv], { from: 'user' }).then(
    () => null,
    (error: Error) => (isHelp ? null : error.message),
  );
}

/** The command of a command line: its name, `--answers`, or `''` for the wizard. */
function commandOf([first = '', ...rest]: readonly string[]): string {
  if (commands.some(({ name }) => name === first)) return first;
  return first === '--answers' || rest.includes('--answers') ? '--answers' : '';
}

describe('the command lines of', () => {
  it.each(having(OWN))('%s can be parsed, and a test runs each command', async (file) => {
    for (const line of commandLines(file).filter((one) => OWN.test(one))) {
      const argv = settled(line);
      // A command that is only named may be without its arguments.
      if (argv.length > 1) expect(await usageProblem(argv), line).toBeNull();
      const [first = ''] = argv;
      const name = commandOf(argv);
      expect(/^(-|$)/.test(first) || name === first, `${line}: no such command`).toBe(true);
      expect(read(RUN_BY[name] ?? ''), `${line}: not in ${RUN_BY[name]}`).toContain(name.replace(/^--/, ''));
    }
  });

  it.each(having(RULE))('%s have rules that can be parsed', (file) => {
    for (const line of commandLines(file).filter((one) => RULE.test(one))) {
      expect(() => parsePipework(settled(line), 'udhcpc'), line).not.toThrow();
    }
  });
});

describe('the README', () => {
  it('names every command, and every exit code', () => {
    const named = commandLines('README.md').map((line) => line.split(' ')[1] ?? '');
    expect(commands.map(({ name }) => name).filter((name) => !named.includes(name))).toEqual([]);
    const codes = [
      ...(/### Exit codes\n\n(.*)/.exec(read('README.md'))?.[1] ?? '').matchAll(/(?:^|· )(\d+) /g),
    ];
    expect(codes.map(([, code]) => Number(code))).toEqual(Object.values(EXIT));
  });

  it('and every document link to files that are there', () => {
    for (const file of documents) {
      const folder = file.includes('/') ? 'docs' : '.';
      for (const [, target = ''] of read(file).matchAll(/\]\(([^)#\s]+)[^)]*\)/g)) {
        if (!/^https?:/.test(target))
          expect(existsSync(join(PROJECT, folder, target)), `${file}: ${target}`).toBe(true);
      }
    }
  });
});

it('the program has what is said of it', () => {
  expect(own.options.map(({ long }) => long)).toContain('--dry-run');
  expect(
    Object.keys(RUN_BY)
      .filter((name) => /^[a-z]/.test(name))
      .sort(),
  ).toEqual(commands.map(({ name }) => name).sort());
});
