import { addressOf, docker, startContainer, startContainers } from './attach-hosts.js';
import { allAnswer, firstAnswer } from './attach-probe.js';
import { DAEMON_ENVIRONMENT, DAEMON_NODE_FLAGS } from './kit.js';

/** One container at a time, static and by DHCP, from Docker's `start` event on. */
export async function oursSingle(copy, runs) {
  const daemon = await copy.startDaemon();
  const times = { static: [], dhcp: [] };
  try {
    times.static.push(...(await oursSingleWith(copy, runs, 0)));
    for (let run = 0; run < runs; run += 1) times.dhcp.push(await dhcpOnce(copy));
  } finally {
    daemon.kill();
    await daemon.exited;
  }
  return times;
}

/** One static container at a time beside what runs already, with addresses from the n-th on. */
export async function oursSingleWith(copy, runs, first, periodMs) {
  const times = [];
  for (let run = 0; run < runs; run += 1) times.push(await staticOnce(copy, first + run, periodMs));
  return times;
}

async function staticOnce(copy, run, periodMs) {
  const address = addressOf(run);
  const answer = await firstAnswer(copy, address, periodMs);
  await startContainer(copy, 'one', `br0 -i eth0 @CONTAINER_NAME@ ${address}/24@192.168.1.1`);
  const at = await answer.at;
  const event = await startOf(copy, 'one');
  await docker(copy, 'rm', '--force', 'one');
  return at - event;
}

async function dhcpOnce(copy) {
  // The first start finds out which address the DHCP server gives.
  await startContainer(copy, 'two', 'br0 -i eth0 @CONTAINER_NAME@ udhcpc');
  const address = await leased(copy);
  await docker(copy, 'stop', '--time=0', 'two');
  // The daemon keeps the client of a container that may be about to be removed, and with it the link, which answers.
  await copy.sandbox.run(['sh', '-c', 'while ls /sys/class/net | grep -q ^bs; do sleep 0.1; done']);
  const answer = await firstAnswer(copy, address);
  await docker(copy, 'start', 'two');
  const at = await answer.at;
  const event = await startOf(copy, 'two');
  await docker(copy, 'rm', '--force', 'two');
  return at - event;
}

async function leased(copy) {
  for (let turn = 0; turn < 400; turn += 1) {
    const { stdout } = await copy.sandbox.run(['sh', '-c', 'cat /run/bridge-setup/endpoints/*.json'], {
      check: false,
    });
    const address = /"address": "([\d.]+)\//.exec(stdout)?.[1];
    if (address !== undefined) return address;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error('no lease within 20 s');
}

/** When Docker told that the container started, in ms since the epoch. */
async function startOf(copy, name) {
  const now = Math.ceil(Date.now() / 1000) + 1;
  const filters = ['--filter', `container=${name}`, '--filter', 'event=start'];
  const text = await docker(
    copy,
    'events',
    '--since',
    '10m',
    '--until',
    String(now - 1),
    ...filters,
    '--format',
    '{{.TimeNano}}',
  );
  const last = text.split('\n').at(-1);
  return Number(BigInt(last) / 1000n) / 1000;
}

/** Containers that run already, all at once: a daemon that has just found Docker. */
export async function oursAtOnce(copy, count) {
  const names = Array.from({ length: count }, (_, index) => `many${index}`);
  await startContainers(
    copy,
    names,
    (index) => `br0 -i eth0 @CONTAINER_NAME@ ${addressOf(index)}/24@192.168.1.1`,
  );
  const answers = await allAnswer(
    copy,
    names.map((_, index) => addressOf(index)),
  );
  const daemon = await startDaemonNow(copy);
  const ms = (await answers.at) - daemon.connectedAt;
  const rssMiB = await rssOf(copy, daemon);
  daemon.child.kill();
  await daemon.child.exited;
  await docker(copy, 'rm', '--force', ...names);
  await copy.sandbox.run(['sh', '-c', 'for l in $(ls /sys/class/net | grep ^bs); do ip link del $l; done'], {
    check: false,
  });
  return { ms, rssMiB };
}

/** Start the daemon; when it had found Docker. */
export async function startDaemonNow(copy) {
  let connected;
  const connectedAt = new Promise((resolve) => (connected = resolve));
  const node = process.execPath;
  const bin = new URL('../bin/bridge-setup.js', import.meta.url).pathname;
  const child = copy.sandbox.spawn([node, ...DAEMON_NODE_FLAGS, bin, 'daemon', '--json'], {
    env: DAEMON_ENVIRONMENT,
    onLine: (line) => {
      if (line.includes('connected to Docker')) connected(Date.now());
    },
  });
  return { child, connectedAt: await connectedAt };
}

/** Memory of the daemon, MiB. */
export async function rssOf(copy) {
  const state = JSON.parse(await copy.sandbox.read('/run/bridge-setup/daemon.json'));
  const status = await copy.sandbox.read(`/proc/${state.pid}/status`);
  return Number(/^VmRSS:\s+(\d+)/m.exec(status)[1]) / 1024;
}
