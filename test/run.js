#!/usr/bin/env node
// `npm test`: every tier that this machine can run, and which one was left out and why.
// With BRIDGE_SETUP_REQUIRE_ALL=1 (CI) a left-out tier is a failure. Arguments: the tiers to run; none: all.
// What failed is said once more at the end: the tiers print thousands of lines, and a log often keeps the last only.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const TIERS = ['unit', 'sandbox', 'machine'];
const wanted = process.argv.slice(2).filter((name) => TIERS.includes(name));
const tiers = wanted.length > 0 ? wanted : TIERS;
const requireAll = process.env.BRIDGE_SETUP_REQUIRE_ALL === '1';

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
const outcome = [];
const reports = mkdtempSync(join(tmpdir(), 'bridge-setup-tests-'));
for (const tier of tiers) {
  if (tier !== 'unit' && reason !== null) {
    outcome.push({ tier, state: 'left out', why: reason });
    continue;
  }
  console.log(`\n== tier: ${tier}`);
  const started = Date.now();
  // Through Node, not npx: this works wherever the dependencies are.
  const vitest = new URL('../node_modules/vitest/vitest.mjs', import.meta.url).pathname;
  const failures = join(reports, tier);
  const reporters = [
    '--reporter=default',
    `--reporter=${new URL('failures-reporter.js', import.meta.url).pathname}`,
  ];
  const { status } = spawnSync(process.execPath, [vitest, 'run', '--project', tier, ...reporters], {
    stdio: 'inherit',
    env: { ...process.env, FAILURES_FILE: failures },
  });
  outcome.push({
    tier,
    state: status === 0 ? 'passed' : 'FAILED',
    why: `${Math.round((Date.now() - started) / 1000)} s`,
    failures: existsSync(failures) ? readFileSync(failures, 'utf8') : '  the tier itself; see above',
  });
}
rmSync(reports, { recursive: true });

for (const { tier, failures } of outcome.filter(({ state }) => state === 'FAILED')) {
  console.log(`\nFailed, ${tier}:\n${failures}`);
}

console.log('\nTiers:');
for (const { tier, state, why } of outcome) console.log(`  ${tier.padEnd(8)} ${state} (${why})`);
const failed = outcome.filter(({ state }) => state === 'FAILED' || (state === 'left out' && requireAll));
const passed = outcome.filter(({ state }) => state === 'passed');
console.log(
  `${passed.length} passed, ${failed.length} failed, ${outcome.length - passed.length - failed.length} skipped`,
);
process.exit(failed.length === 0 ? 0 : 1);
