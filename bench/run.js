#!/usr/bin/env node
// `npm run bench [-- NAME …]`: times as medians and ratios within this one run. Nothing asserts them.
// `npm run bench -- cutover [--runs N] [--only NAME,…] [--json FILE]` takes minutes a run: only when it is named.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { median } from './figures.js';

const BIN = fileURLToPath(new URL('../bin/bridge-setup.js', import.meta.url));

/** Run a command to its end; the time it took, in ms. */
function time(argv) {
  const [program, ...args] = argv;
  const started = performance.now();
  const { status, stderr } = spawnSync(program, args, { stdio: ['ignore', 'ignore', 'pipe'] });
  if (status !== 0) throw new Error(`${argv.join(' ')} exited ${status}\n${stderr}`);
  return performance.now() - started;
}

const figures = (values) =>
  `${median(values).toFixed(0)} ms  [${Math.min(...values).toFixed(0)} .. ${Math.max(...values).toFixed(0)}]`;

/** Two commands in turn, so that a machine whose speed drifts slows both. */
function compare(name, ours, theirs, runs) {
  const [a, b] = [[], []];
  time(ours);
  time(theirs);
  for (let run = 0; run < runs; run++) {
    a.push(time(ours));
    b.push(time(theirs));
  }
  console.log(`${name}\n  ours    ${figures(a)}\n  theirs  ${figures(b)}   (${theirs.join(' ')})`);
  console.log(`  ratio   ${median(a.map((value, index) => value / b[index])).toFixed(2)}\n`);
}

const BENCHES = {
  startup() {
    compare(
      'start-up: bridge-setup --version',
      [process.execPath, BIN, '--version'],
      [process.execPath, '-e', '0'],
      21,
    );
    compare(
      'start-up: bridge-setup --help',
      [process.execPath, BIN, '--help'],
      [process.execPath, '-e', '0'],
      11,
    );
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
};

const { positionals: wanted, values: options } = parseArgs({
  allowPositionals: true,
  options: { runs: { type: 'string' }, only: { type: 'string' }, json: { type: 'string' } },
});
const unknown = wanted.filter((name) => !(name in BENCHES));
if (unknown.length > 0) {
  console.error(`There is no bench ${unknown.join(', ')}. Known: ${Object.keys(BENCHES).join(', ')}.`);
  process.exit(2);
}
const usual = Object.keys(BENCHES).filter((name) => name !== 'cutover');
for (const name of wanted.length > 0 ? wanted : usual) await BENCHES[name](options);
