import { rm } from 'node:fs/promises';
import { rolldown } from 'rolldown';
import { expect, it } from 'vitest';
import { localHost } from '../../src/host/local-host.js';
import { Sandbox } from '../../src/rehearse/sandbox.js';
import { PROJECT } from './support.js';

/** Inside of the package, where the sandbox sees it. */
const FOLDER = `${PROJECT}/node_modules/.live-runner`;
/** For a longer run: `LIVE_RUNS=2000`. */
const RUNS = process.env.LIVE_RUNS ?? '60';
/** The same networks at each run of CI, whose verdict is about the change; a longer run finds its own. */
const SEED = process.env.LIVE_SEED ?? (process.env.LIVE_RUNS === undefined ? '135314' : '');
/** What a run in CI may take; it says how far it came. */
const SECONDS = process.env.LIVE_SECONDS ?? (process.env.LIVE_RUNS === undefined ? '60' : '7200');

it('random networks are the same after the move to a bridge and back', { timeout: 7_500_000 }, async () => {
  const build = await rolldown({
    cwd: PROJECT,
    input: { 'live-runner': 'test/sandbox/live-runner.ts' },
    platform: 'node',
    external: [/^dockerode$/, /^systeminformation$/],
    logLevel: 'warn',
  });
  await build.write({ dir: FOLDER, format: 'esm', entryFileNames: '[name].js' });
  await build.close();
  const sandbox = new Sandbox(localHost(), { layer: null });
  await sandbox.start();
  try {
    const { stdout, stderr } = await sandbox.run([process.execPath, `${FOLDER}/live-runner.js`], {
      check: false,
      timeoutMs: 7_500_000,
      env: {
        LIVE_RUNS: RUNS,
        LIVE_SECONDS: SECONDS,
        LIVE_SEED: SEED,
        LIVE_SHRINK: process.env.LIVE_SHRINK ?? '1',
      },
    });
    const result = JSON.parse(stdout === '' ? '{}' : stdout);
    console.log(`live change: ${JSON.stringify(result)}`);
    expect(result.error ?? null, `${stderr}${JSON.stringify(result)}`).toBeNull();
    expect(result.counts['there and back']).toBeGreaterThan(0);
  } finally {
    await sandbox.stop();
    await rm(FOLDER, { recursive: true, force: true });
  }
});
