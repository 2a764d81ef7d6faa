#!/usr/bin/env node
// `npm test`: every tier that this machine can run, and which one was left out and why.
// With BRIDGE_SETUP_REQUIRE_ALL=1 (CI) a left-out tier is a failure. Arguments: the tiers to run; none: all.
// What failed, what took longest and what was left out is said at the end: the tiers print thousands of lines, and a
// log often keeps the last only.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const TIERS = ['unit', 'sandbox', 'machine'];
const wanted = process.argv.slice(2).filter((name) => TIERS.includes(name));
const tiers = wanted.length > 0 ? wanted : TIERS;
const requireAll = process.env.BRIDGE_SETUP_REQUIRE_ALL === '1';
const NOTHING = { failures: [], tests: [], files: [] };
/** How the placeholder of tests that need something from outside is named, before what they need. */
const LEFT_OUT = 'left out: ';

/** Why the tiers that need namespaces cannot run here; null when they can. */
function obstacle() {
  if (process.getuid?.() !== 0) return 'it needs root';
  if (!existsSync('/usr/bin/apt-get')) return 'it needs apt-get, to fill its package layer';
  for (const [program, ...args] of [
    ['ip', '-Version'],
    ['mkfs.ext4', '-V'],
    ['unshare', '--mount', '--pid', '--net', '--uts', '--ipc', '--fork', 'true'],
  ]) {
    const { status, stderr, error } = spawnSync(program, args, { encoding: 'utf8' });
    if (status !== 0) return `\`${program}\` failed: ${error?.message ?? stderr.trim()}`;
  }
  return existsSync('/dev/loop-control') ? null : 'it needs loop devices (/dev/loop-control)';
}

const reason = obstacle();
const reports = mkdtempSync(join(tmpdir(), 'bridge-setup-tests-'));
const outcome = tiers.map((tier) =>
  tier !== 'unit' && reason !== null ? { tier, state: 'left out', why: reason, report: NOTHING } : run(tier),
);
rmSync(reports, { recursive: true });

/** One tier, in a process of its own. */
function run(tier) {
  console.log(`\n== tier: ${tier}`);
  const started = Date.now();
  // Through Node, not npx: this works wherever the dependencies are.
  const vitest = new URL('../node_modules/vitest/vitest.mjs', import.meta.url).pathname;
  const file = join(reports, tier);
  const reporters = [
    '--reporter=default',
    `--reporter=${new URL('tier-reporter.js', import.meta.url).pathname}`,
  ];
  const { status } = spawnSync(process.execPath, [vitest, 'run', '--project', tier, ...reporters], {
    stdio: 'inherit',
    env: { ...process.env, TIER_FILE: file },
  });
  return {
    tier,
    state: status === 0 ? 'passed' : 'FAILED',
    why: seconds(Date.now() - started),
    report: existsSync(file)
      ? JSON.parse(readFileSync(file, 'utf8'))
      : { ...NOTHING, failures: ['  the tier itself; see above'] },
  };
}

const tests = outcome.flatMap(({ report }) => report.tests);
const count = (...states) => tests.filter(({ state }) => states.includes(state)).length;

console.log('\nThe ten slowest tests:');
for (const { file, name, ms } of slowest(tests))
  console.log(`  ${seconds(ms).padStart(6)}  ${file}: ${name}`);
console.log('The ten slowest files, with their hosts:');
for (const { file, ms } of slowest(outcome.flatMap(({ report }) => report.files)))
  console.log(`  ${seconds(ms).padStart(6)}  ${file}`);

const missing = leftOut();
if (missing.length > 0)
  console.log(`\nLeft out: what they need from outside is not given.\n${missing.join('\n')}`);

for (const { tier, report } of outcome.filter(({ state }) => state === 'FAILED')) {
  console.log(`\nFailed, ${tier}:\n${report.failures.join('\n')}`);
}

console.log('\nTiers:');
for (const { tier, state, why, report } of outcome)
  console.log(`  ${tier.padEnd(8)} ${state} (${why}; ${report.tests.length} tests)`);
const failed = outcome.filter(({ state }) => state === 'FAILED' || (state === 'left out' && requireAll));
const failures = Math.max(count('failed'), failed.length);
console.log(`${count('passed')} passed, ${failures} failed, ${count('skipped', 'pending')} skipped`);
process.exit(failed.length === 0 ? 0 : 1);

function seconds(ms) {
  return `${Math.round(ms / 1000)} s`;
}

function slowest(timed) {
  return timed.toSorted((a, b) => b.ms - a.ms).slice(0, 10);
}

/** Lines on the tests that were skipped: how many in which file, and what is missing where the file says so. */
function leftOut() {
  const byFile = new Map();
  for (const test of tests.filter(({ state }) => state === 'skipped' || state === 'pending'))
    byFile.set(test.file, [...(byFile.get(test.file) ?? []), test]);
  return [...byFile].map(([file, skipped]) => {
    const said = skipped.find(({ name }) => name.includes(LEFT_OUT));
    const why =
      said === undefined ? '' : `: ${said.name.slice(said.name.indexOf(LEFT_OUT) + LEFT_OUT.length)}`;
    return `  ${String(skipped.length - (said === undefined ? 0 : 1)).padStart(4)}  ${file}${why}`;
  });
}
