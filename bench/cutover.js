import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { CASES, hostCopy } from './cutover-hosts.js';
import { METHODS } from './cutover-methods.js';
import { configured, differences, network } from './cutover-network.js';
import { observe, startEcho } from './cutover-probe.js';
import { notes, table } from './cutover-report.js';
import { localHost, RunningCopy } from './kit.js';
import { UsageError } from './usage.js';

const PROJECT = fileURLToPath(new URL('..', import.meta.url)).replace(/\/$/, '');
const ALL = Object.entries(METHODS).flatMap(([method, { cases }]) => cases.map((name) => [method, name]));
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/**
 * The move from eth0 to br0 and back, seen from the LAN. In each run every method has its turn with every kind of
 * host, so that a machine whose speed drifts hits all alike; each turn gets a new copy of the host.
 */
export async function cutover({ runs = '7', only, json }) {
  if (!/^[1-9]\d*$/.test(runs)) throw new UsageError(`--runs ${runs}: expected a number from 1.`);
  const chosen = choose(only?.split(',') ?? []);
  if (process.getuid?.() !== 0) return console.log('cutover: left out, it needs root\n');
  const turns = [];
  for (let run = 1; run <= Number(runs); run++) {
    for (const [method, name] of chosen) {
      const title = `run ${run}: ${method}, ${name}`;
      turns.push({ run, method, case: name, ...(await turn(method, name, title)) });
      if (json) writeFileSync(json, `${JSON.stringify(turns, null, 2)}\n`);
    }
  }
  console.log(`${table(turns)}\n\n${notes(turns)}`);
}

/** Those that are named by method, by case, or as `method/case`; all without names. */
function choose(names) {
  const isNamed = ([method, name], wanted) => [method, name, `${method}/${name}`].includes(wanted);
  const unknown = names.filter((wanted) => !ALL.some((pair) => isNamed(pair, wanted)));
  if (unknown.length > 0)
    throw new UsageError(
      `--only: no ${unknown.join(', ')}. Known: ${ALL.map((pair) => pair.join('/')).join(', ')}.`,
    );
  return names.length === 0 ? ALL : ALL.filter((pair) => names.some((wanted) => isNamed(pair, wanted)));
}

/** Set-up, rollback, and as long as the set-up took of nothing at all. What goes wrong is a result too. */
async function turn(method, name, title) {
  const { prepare, setUp, rollBack } = METHODS[method];
  const words = [];
  let copy;
  try {
    console.error(title);
    copy = await RunningCopy.start({
      host: localHost(),
      copy: hostCopy(method, CASES[name]),
      program: { root: PROJECT, node: process.execPath },
      onLine: (line) => words.push(line),
    });
    await prepare(copy, CASES[name]);
    await startEcho(copy);
    const before = await configured(copy);
    const changes = {};
    for (const [change, work] of [
      ['set-up', setUp],
      ['rollback', rollBack],
    ]) {
      changes[change] = await measure(copy, before, () => work(copy));
    }
    const length = changes['set-up'].workMs;
    changes.nothing = await measure(copy, before, () =>
      sleep(length).then(() => ({ exitCode: 0, said: '' })),
    );
    return { before, changes };
  } catch (error) {
    return { error: `${error.message}\n${words.slice(-5).join('\n')}` };
  } finally {
    await copy?.stop();
  }
}

async function measure(copy, before, work) {
  const now = await network(copy);
  // Where an address was lost before, the probe of it measures nothing and says so.
  const [v4, v6] = ['v4', 'v6'].map((family) => (now[family][0] ?? before[family][0]).split('/')[0]);
  const seen = await observe(copy, { v4, v6 }, work);
  const after = await network(copy);
  return { ...seen, after, differs: differences(before, after) };
}
