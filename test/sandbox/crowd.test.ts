import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Child } from '../../src/host/host.js';
import type { RunningCopy } from '../../src/rehearse/copy.js';
import { docker, document, eventually, setUpForContainers, startHost } from './support.js';

/** CAMPAIGN=full: as many as somebody may have; otherwise enough to see that it works. */
const FULL = process.env.CAMPAIGN === 'full';
const CROWD = FULL ? 200 : 40;
const CYCLES = FULL ? 1000 : 25;
/** Containers that end while they are attached. */
const SHORT_LIVES = FULL ? 100 : 15;
/** What the daemon may need more after all that; without an end to it, it would be far more. */
const GROWTH_MIB = 40;

let copy: RunningCopy;
let daemon: Child;
let idle: State;
beforeAll(async () => {
  copy = await startHost((model) => ({
    ...model,
    lan: { ...model.lan, range: ['192.168.1.240', '192.168.1.250'] },
  }));
  await setUpForContainers(copy);
  daemon = await copy.startDaemon();
  // Once, so that what is made at the first container is there.
  await shell(run('first', 15));
  await answers(['192.168.1.15']);
  await docker(copy, 'rm', '--force', 'first');
  await eventually('the first one is gone', async () => (await state()).ports === 0);
  idle = await state();
});
afterAll(async () => {
  daemon?.kill();
  await copy?.stop();
});

/** What could be left over. */
interface State {
  readonly ports: number;
  readonly endpoints: number;
  readonly clients: number;
  /** All processes of the copy but Docker's own. */
  readonly processes: number;
  readonly descriptors: number;
  readonly memoryMiB: number;
}

const shell = (script: string, ...args: string[]) =>
  copy.sandbox.run(['sh', '-c', script, 'sh', ...args], { timeoutMs: 900_000 });
const count = async (script: string) => Number((await shell(`${script} | wc -l`)).stdout);

async function state(): Promise<State> {
  const { pid } = document((await copy.sandbox.read('/run/bridge-setup/daemon.json')) ?? '{}');
  const status = (await copy.sandbox.read(`/proc/${pid}/status`)) ?? '';
  return {
    ports: await count('ls /sys/class/net/br0/brif | grep ^bs'),
    endpoints: await count('ls /run/bridge-setup/endpoints /run/bridge-setup/leases | grep -v : | grep .'),
    clients: await count('ls /run/bridge-setup/clients | grep json'),
    processes: await count('ps -e -o comm= | grep -E "^(ip|nsenter|udhcpc|tee)$"'),
    descriptors: await count(`ls /proc/${pid}/fd`),
    memoryMiB: Number(/^VmRSS:\s+(\d+)/m.exec(status)?.[1]) / 1024,
  };
}

/** A line for the shell that starts a container, in which `$n` may stand. */
function run(name: string, last: number | string, ...options: string[]): string {
  const rule = `pipework_cmd=br0 -i eth0 @CONTAINER_NAME@ 192.168.1.${last}/24@192.168.1.1`;
  return `docker run --detach --net=none --name=${name} --env "${rule}" ${options.join(' ')} box sleep 86400 >/dev/null`;
}

/** All addresses answer from the LAN; an address that does not is named. */
async function answers(addresses: readonly string[]): Promise<void> {
  const silent = new Set(addresses);
  await eventually(
    () => `an answer from ${[...silent].join(' ')}`,
    async () => {
      for (const address of silent) if ((await copy.lan.ping(address, 1)) > 0) silent.delete(address);
      return silent.size === 0;
    },
    120_000,
  );
}

/** Nothing is left of what was there in between. */
async function expectIdle(): Promise<void> {
  const { memoryMiB: before, descriptors, ...rest } = idle;
  let now = await state();
  await eventually(
    () => `as before (${JSON.stringify(idle)}): ${JSON.stringify(now)}`,
    async () => {
      now = await state();
      // A connection to Docker may be kept or not.
      return (
        Object.entries(rest).every(([key, value]) => now[key as keyof State] === value) &&
        Math.abs(now.descriptors - descriptors) <= 4
      );
    },
    60_000,
  );
  expect(now.memoryMiB - before).toBeLessThan(GROWTH_MIB);
}

describe('many containers', () => {
  it(`are all on the LAN when ${CROWD} start at once, each with its own address`, async () => {
    await shell(`seq ${CROWD} | xargs -P 8 -I {} sh -c 'n={}; ${run('crowd$n', '$((n+19))')}'`);
    await answers(Array.from({ length: CROWD }, (_, index) => `192.168.1.${20 + index}`));
    const states = await shell('cat /run/bridge-setup/endpoints/*.json');
    expect(states.stdout.match(/"state": "attached"/g)).toHaveLength(CROWD);
  });

  it('leave nothing when they are removed at once', async () => {
    await shell('docker rm --force $(docker ps --all --quiet --filter name=crowd) >/dev/null');
    await expectIdle();
  });
});

describe('one container', () => {
  it(`leaves nothing when it starts and stops ${CYCLES} times, with an address and with a lease`, async () => {
    await shell(run('cycle', 30));
    await docker(
      copy,
      ...['run', '--detach', '--net=none', '--name=leased'],
      ...['--env', 'pipework_cmd=br0 -i eth0 @CONTAINER_NAME@ udhcpc', 'box', 'sleep', '86400'],
    );
    await shell(
      `for n in $(seq ${CYCLES}); do docker restart --time=0 cycle leased >/dev/null || exit 1; done`,
    );
    await answers(['192.168.1.30']);
    await eventually('one client for one container', async () => (await state()).clients === 1);
    await docker(copy, 'rm', '--force', 'cycle', 'leased');
    await expectIdle();
  });

  it('leaves nothing when it ends while it is attached', async () => {
    await shell(
      `for n in $(seq ${SHORT_LIVES}); do ${run('brief$n', 40, '--rm').replace('sleep 86400', 'sleep 0.0$((n % 10))')}; done`,
    );
    await eventually('they have ended', async () => (await docker(copy, 'ps', '--all', '--quiet')) === '');
    await expectIdle();
  });
});
