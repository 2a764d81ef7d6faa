// `npm run bench -- doctor`: doctor on a healthy host, once without containers and once with ten, beside `node -e 0`
// in the same copy.
import { startContainer, startSetUpHost } from './attach-hosts.js';
import { median, spread } from './figures.js';
import { UsageError } from './usage.js';

const BIN = new URL('../bin/bridge-setup.js', import.meta.url).pathname;
const RUNS = 21;
const CONTAINERS = 10;

/** Measure, and print. Each command has its turn, so that a machine whose speed drifts slows all. */
export async function doctor({ runs: given }) {
  const runs = Number(given ?? RUNS);
  if (!Number.isInteger(runs) || runs < 1)
    throw new UsageError(`--runs ${given}: expected a number from 1 up.`);
  if (process.getuid?.() !== 0) return console.log('doctor: left out, it needs root\n');

  const copy = await startSetUpHost();
  try {
    const daemon = await copy.startDaemon();
    await report(copy, 'doctor, no container', runs);
    for (let index = 0; index < CONTAINERS; index += 1)
      await startContainer(copy, `c${index}`, 'br0 -i eth0 @CONTAINER_NAME@ dhcp');
    await attached(copy);
    await report(copy, `doctor, ${CONTAINERS} containers by DHCP`, runs);
    daemon.kill();
    await daemon.exited;
  } finally {
    await copy.stop();
  }
}

async function report(copy, title, runs) {
  const commands = {
    doctor: [process.execPath, BIN, 'doctor'],
    'doctor --no-probe': [process.execPath, BIN, 'doctor', '--no-probe'],
    'node -e 0': [process.execPath, '-e', '0'],
  };
  const times = Object.fromEntries(Object.keys(commands).map((name) => [name, []]));
  for (let run = 0; run <= runs; run += 1) {
    for (const [name, argv] of Object.entries(commands)) {
      const ms = await time(copy, argv);
      // The first turn only warms up.
      if (run > 0) times[name].push(ms);
    }
  }
  console.log(title);
  const base = times['node -e 0'];
  for (const [name, values] of Object.entries(times)) {
    const ratio = median(values.map((value, index) => value / base[index])).toFixed(1);
    console.log(`  ${name.padEnd(18)} ${spread(values).padEnd(16)} ms ${ratio} x node -e 0`);
  }
  console.log();
}

/** How long a command takes in the copy, in ms. */
async function time(copy, argv) {
  const started = performance.now();
  const { exitCode, stdout } = await copy.sandbox.run(argv, { check: false });
  if (exitCode !== 0) throw new Error(`${argv.join(' ')} exited ${exitCode}\n${stdout}`);
  return performance.now() - started;
}

/** Wait until all containers have their lease. */
async function attached(copy) {
  const count = 'grep -l \'"attached"\' /run/bridge-setup/endpoints/*.json | wc -l';
  for (let turn = 0; turn < 600; turn += 1) {
    const { stdout } = await copy.sandbox.run(['sh', '-c', count], { check: false });
    if (Number(stdout) === CONTAINERS) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error('not all containers had a lease within 60 s');
}
