#!/usr/bin/env node
// `npm run bench [-- NAME …]`: times as medians and ratios within this one run. Nothing asserts them.
// `npm run bench -- cutover [--runs N] [--only NAME,…] [--json FILE]` takes minutes a run: only when it is named.
// `npm run bench -- attach [--runs N] [--only single,storm,growth]`: the same. PIPEWORK=/path/to/pipework has it run along.
// `npm run bench -- doctor [--runs N]`: a minute.
import { spawn, spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { median } from './figures.js';
import { UsageError } from './usage.js';

const BIN = fileURLToPath(new URL('../bin/bridge-setup.js', import.meta.url));

/** Run a command to its end; the time it took, in ms. */
function time(argv) {
  const [program, ...args] = argv;
  const started = performance.now();
  const { status, stderr } = spawnSync(program, args, { stdio: ['ignore', 'ignore', 'pipe'] });
  if (status !== 0) throw new Error(`${argv.join(' ')} exited ${status}\n${stderr}`);
  return performance.now() - started;
}

/** Until the wizard's first question stands in a terminal, made by script(1), whose own time counts as ours; in ms. */
function firstQuestion() {
  const started = performance.now();
  const argv = ['--quiet', '--command', `'${process.execPath}' '${BIN}'`, '/dev/null'];
  const child = spawn('script', argv, { env: { ...process.env, TERM: 'xterm' } });
  let screen = '';
  return new Promise((resolve, reject) => {
    child.stdout.on('data', (text) => {
      screen += text;
      if (!screen.includes('what shall be done?')) return;
      resolve(performance.now() - started);
      child.stdin.write('\x03');
      screen = '';
    });
    child.on('error', reject).on('close', () => reject(new Error(`no question:\n${screen}`)));
  });
}

const figures = (values) =>
  `${median(values).toFixed(0)} ms  [${Math.min(...values).toFixed(0)} .. ${Math.max(...values).toFixed(0)}]`;

/** Two commands in turn, so that a machine whose speed drifts slows both; ours may be a function that measures. */
async function compare(name, ours, theirs, runs) {
  const [a, b] = [[], []];
  const measure = typeof ours === 'function' ? ours : () => time(ours);
  await measure();
  time(theirs);
  for (let run = 0; run < runs; run++) {
    a.push(await measure());
    b.push(time(theirs));
  }
  console.log(`${name}\n  ours    ${figures(a)}\n  theirs  ${figures(b)}   (${theirs.join(' ')})`);
  console.log(`  ratio   ${median(a.map((value, index) => value / b[index])).toFixed(2)}\n`);
}

const NODE = [process.execPath, '-e', '0'];

const BENCHES = {
  async startup() {
    await compare('start-up: bridge-setup --version', [process.execPath, BIN, '--version'], NODE, 21);
    await compare('start-up: bridge-setup --help', [process.execPath, BIN, '--help'], NODE, 11);
  },
  async 'first-question'() {
    if (process.getuid?.() !== 0) return console.log('first-question: left out, it needs root\n');
    await compare("the wizard's first question", firstQuestion, NODE, 21);
  },
  rehearse() {
    if (process.getuid?.() !== 0) return console.log('rehearse: left out, it needs root\n');
    const rehearse = [process.execPath, BIN, 'rehearse', '--quiet'];
    time(rehearse); // makes the package layer, where there is none
    const warm = [1, 2, 3].map(() => time(rehearse));
    console.log(`rehearse, with its package layer at hand\n  ${figures(warm)}\n`);
  },
  async cutover(options) {
    await (await import('./cutover.js')).cutover(options);
  },
  async attach(options) {
    await (await import('./attach.js')).attach(options);
  },
  async doctor(options) {
    await (await import('./doctor.js')).doctor(options);
  },
};

const OPTIONS = { runs: { type: 'string' }, only: { type: 'string' }, json: { type: 'string' } };

/** The benches that are named, and the options. */
function readArguments() {
  const { positionals, values } = parseArgs({ allowPositionals: true, options: OPTIONS });
  const unknown = positionals.filter((name) => !Object.hasOwn(BENCHES, name));
  if (unknown.length > 0) {
    throw new UsageError(
      `There is no bench ${unknown.join(', ')}. Known: ${Object.keys(BENCHES).join(', ')}.`,
    );
  }
  return { wanted: positionals, options: values };
}

/** The line that tells what was typed wrong; `null` for a fault of the bench itself. */
function usageLine(error) {
  if (error instanceof UsageError) return error.message;
  if (!error?.code?.startsWith('ERR_PARSE_ARGS_')) return null;
  // Behind the first sentence comes Node's advice on positional arguments.
  const [what] = error.message.split('. ');
  return `${what.replace(/\.$/, '')}. Options: ${Object.keys(OPTIONS)
    .map((name) => `--${name}`)
    .join(', ')}; benches: ${Object.keys(BENCHES).join(', ')}.`;
}

try {
  const { wanted, options } = readArguments();
  const usual = Object.keys(BENCHES).filter((name) => !['cutover', 'attach', 'doctor'].includes(name));
  for (const name of wanted.length > 0 ? wanted : usual) await BENCHES[name](options);
} catch (error) {
  const line = usageLine(error);
  if (line === null) throw error;
  console.error(line);
  process.exitCode = 2;
}
