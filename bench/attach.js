import { growth } from './attach-growth.js';
import { startSetUpHost } from './attach-hosts.js';
import { cniAtOnce, cniSingle, dockerSingle, pipeworkAtOnce, pipeworkSingle } from './attach-others.js';
import { oursAtOnce, oursSingle } from './attach-ours.js';
import { median, spread } from './figures.js';
import { UsageError } from './usage.js';

const PARTS = ['single', 'storm', 'growth'];

/**
 * How long until a container answers ARP on the LAN, and what the daemon needs for many of them, beside the CNI bridge
 * plugin, `docker network connect` and pipework (`PIPEWORK=/path/to/pipework`), in one run on one host.
 */
export async function attach({ runs: given, only }) {
  const runs = Number(given ?? 15);
  if (!Number.isInteger(runs) || runs < 1)
    throw new UsageError(`--runs ${given}: expected a number from 1 up.`);
  const parts = only?.split(',') ?? PARTS;
  const unknown = parts.filter((name) => !PARTS.includes(name));
  if (unknown.length > 0)
    throw new UsageError(`--only: no ${unknown.join(', ')}. Known: ${PARTS.join(', ')}.`);
  if (process.getuid?.() !== 0) return console.log('attach: left out, it needs root\n');

  const copy = await startSetUpHost();
  try {
    if (parts.includes('single')) await single(copy, runs);
    if (parts.includes('storm')) await storm(copy);
    if (parts.includes('growth')) await growth(copy);
  } finally {
    await copy.stop();
  }
}

async function single(copy, runs) {
  console.log('attach one container: until it answers ARP on the LAN');
  const ours = await oursSingle(copy, runs);
  const rows = { 'ours, static': ours.static, 'ours, DHCP': ours.dhcp, CNI: await cniSingle(copy, runs) };
  rows['docker network connect'] = await dockerSingle(copy, runs);
  const pipework = await pipeworkSingle(copy, Math.min(runs, 5));
  if (pipework !== null) rows.pipework = pipework;
  const base = median(rows.CNI);
  for (const [name, values] of Object.entries(rows)) {
    console.log(
      `  ${name.padEnd(24)} ${spread(values).padEnd(16)} ms ${(median(values) / base).toFixed(2)} x CNI`,
    );
  }
  console.log();
}

async function storm(copy) {
  console.log('attach 50 running containers at once: until the last one answers');
  const ours = await oursAtOnce(copy, 50);
  console.log(`  ours      ${ours.ms.toFixed(0)} ms; daemon ${ours.rssMiB.toFixed(0)} MiB`);
  const others = { CNI: await cniAtOnce(copy, 50), pipework: await pipeworkAtOnce(copy, 50) };
  for (const [name, ms] of Object.entries(others)) {
    if (ms === null) continue;
    console.log(
      `  ${name.padEnd(9)} ${ms.toFixed(0)} ms, one after the other; ours ${(ours.ms / ms).toFixed(3)} x`,
    );
  }
  console.log();
}
