import { describe, expect, it } from 'vitest';
import { applyPlan } from '../../src/apply/apply.js';
import { rollBack } from '../../src/apply/rollback.js';
import { SetupError } from '../../src/errors.js';
import type { Plan } from '../../src/model/plan.js';
import { invert } from '../../src/plan/invert.js';
import { planText } from '../../src/ui/report.js';
import { style } from '../../src/ui/style.js';
import { PROGRAM_FILES } from './support/answers.js';
import { door, journalOf, network, networkAsExpected } from './support/applied.js';
import { RootedHost } from './support/rooted-host.js';
import { expectGolden, expectNoGolden, outcome, recordedFacts, scenarios } from './support/scenario.js';
import { temporaryFolder } from './support/temporary.js';
import { readTree, writeTree } from './support/tree.js';

/** A recorded host, its files in a folder of their own. */
async function hostOf(name: string): Promise<RootedHost> {
  const host = new RootedHost(await temporaryFolder());
  await host.files.mkdir('/usr/local/bin');
  writeTree(host.root, { ...(await recordedFacts(name)).files, ...PROGRAM_FILES });
  return host;
}

/** The network follows the plan as soon as the plan waits for it. */
function followingNetwork(host: RootedHost, { steps }: Plan) {
  const expected = steps.find((step) => step.kind === 'expect-network');
  // The live change itself is the sandbox's to show.
  const isUp = async () => {
    const plan = steps.find(
      (step) => step.kind === 'write-file' && /^\/etc\/(network|sysconfig)\//.test(step.path),
    );
    return plan?.kind === 'write-file' && (await host.files.read(plan.path)) === plan.content;
  };
  return async () => (expected !== undefined && (await isUp()) ? networkAsExpected(expected) : network());
}

const LIVE = new Set([
  ...['create-bridge', 'copy-addresses', 'add-port', 'move-routes', 'drop-addresses', 'source-check'],
  ...['retire-addresses', 'configure-name-servers', 'stop-dhcp-client', 'start-dhcp-client'],
  'mark-interfaces',
  ...['expect-bridge', 'probe-second-mac', 'network-manager-state', 'await-profiles'],
]);

/** A plan without the stages of the live change and the probe, for a host that only has files. */
const onFiles = (plan: Plan): Plan => ({ ...plan, steps: plan.steps.filter(({ kind }) => !LIVE.has(kind)) });

/** The runtime, as it looks once it is ready. */
async function withRuntime(host: RootedHost): Promise<void> {
  host.script = (argv) => (argv[1] === 'show' ? { stdout: 'ActiveState=active\nMainPID=77\n' } : undefined);
  await host.files.mkdir('/run/bridge-setup');
  await host.files.write('/run/bridge-setup/daemon.json', '{"pid":77,"ready":true}');
}

describe.each(scenarios)('%s', (name) => {
  it('is planned, or refused, as recorded', async () => {
    const result = await outcome(name);
    if (result instanceof SetupError) {
      const { code, exitCode, message, problems, hint } = result;
      expect(exitCode).toBe(3);
      expectGolden(name, 'refusal.json', { code, message, problems, hint: hint ?? null });
      expectNoGolden(name, 'plan.json');
      expectNoGolden(name, 'revert.json');
      return;
    }
    const { files } = await recordedFacts(name);
    expectGolden(name, 'plan.json', result);
    expectGolden(
      name,
      'revert.json',
      invert(journalOf(result.steps, files)).map(({ step }) => step),
    );
    expectNoGolden(name, 'refusal.json');
  });

  it('is applied and rolled back to the very bytes of before', async () => {
    const plan = await outcome(name);
    if (plan instanceof SetupError) return;
    const host = await hostOf(name);
    await withRuntime(host);
    const original = readTree(host.root);

    const through = door(host, followingNetwork(host, plan));
    expect(await applyPlan(onFiles(plan), through)).toEqual({
      state: 'applied',
      folder: expect.stringMatching(/^\/var\/lib\/bridge-setup\/checkpoints\/2026-/),
    });
    for (const { path, change } of plan.files) {
      expect(await host.files.exists(path), `${change} ${path}`).toBe(change !== 'remove');
    }
    expect((await rollBack(through))?.leftovers ?? []).toEqual([]);
    expect(readTree(host.root, ['/var/lib/bridge-setup'])).toEqual(original);
  });

  it('has steps that fit into 80 columns', async () => {
    const plan = await outcome(name);
    if (plan instanceof SetupError) return;
    // How many packages there are is the host's affair.
    const steps = plan.steps.filter(({ kind }) => kind !== 'install-packages');
    const lines = planText({ ...plan, steps }, style(false)).split('\n');
    expect(lines.filter((line) => /^ +\d+\. /.test(line) && line.length > 80)).toEqual([]);
  });
});

it('there is a scenario for each of the usual hosts', () => {
  expect(scenarios.length).toBeGreaterThanOrEqual(40);
});
