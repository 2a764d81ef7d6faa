import { readFileSync } from 'node:fs';
import { addressOf, docker, startContainer, startContainers } from './attach-hosts.js';
import { allAnswer, firstAnswer } from './attach-probe.js';

const ORIGINAL = '/tmp/original/pipework';
const PLUGIN = '/usr/lib/cni/bridge';

const pidOf = (copy, name) => docker(copy, 'inspect', '--format', '{{.State.Pid}}', name);

/** The CNI bridge plugin, as a container runtime calls it. */
async function cni(copy, name, pid, address) {
  const conf = {
    cniVersion: '0.4.0',
    name: 'lan',
    type: 'bridge',
    bridge: 'br0',
    ipam: {
      type: 'static',
      addresses: [{ address: `${address}/24`, gateway: '192.168.1.1' }],
      routes: [{ dst: '0.0.0.0/0' }],
    },
  };
  await copy.sandbox.run([PLUGIN], {
    input: JSON.stringify(conf),
    env: {
      CNI_COMMAND: 'ADD',
      CNI_CONTAINERID: name,
      CNI_NETNS: `/proc/${pid}/ns/net`,
      CNI_IFNAME: 'eth0',
      CNI_PATH: '/usr/lib/cni',
    },
  });
}

/** One container at a time, by the CNI bridge plugin, from its start on. */
export function cniSingle(copy, runs, first, periodMs) {
  const act = async (name, address) => {
    const pid = await pidOf(copy, name);
    const started = Date.now();
    await cni(copy, name, pid, address);
    return started;
  };
  return singly(copy, runs, act, { first, periodMs });
}

/** Running containers, one after the other by the CNI plugin. */
export async function cniAtOnce(copy, count) {
  const pids = new Map();
  return oneAfterTheOther(copy, count, {
    before: async (name) => pids.set(name, await pidOf(copy, name)),
    act: (name, address) => cni(copy, name, pids.get(name), address),
  });
}

/** Running containers, one after the other by the original, where the user has it; `null` without. */
export async function pipeworkAtOnce(copy, count) {
  if (!(await givenPipework(copy))) return null;
  return oneAfterTheOther(copy, count, { act: (name, address) => pipework(copy, name, address) });
}

async function oneAfterTheOther(copy, count, { before, act }) {
  const names = Array.from({ length: count }, (_, index) => `third${index}`);
  await startContainers(copy, names);
  for (const name of names) await before?.(name);
  const answers = await allAnswer(
    copy,
    names.map((_, index) => addressOf(index)),
  );
  const started = Date.now();
  for (const [index, name] of names.entries()) await act(name, addressOf(index));
  const ms = (await answers.at) - started;
  await docker(copy, 'rm', '--force', ...names);
  return ms;
}

/** `docker network connect` to a macvlan network on br0. */
export async function dockerSingle(copy, runs) {
  const range = ['--subnet=192.168.1.0/24', '--gateway=192.168.1.1'];
  await docker(copy, 'network', 'create', '--driver=macvlan', ...range, '--opt=parent=br0', 'lan');
  const times = await singly(
    copy,
    runs,
    async (name, address) => {
      const started = Date.now();
      await docker(copy, 'network', 'connect', `--ip=${address}`, 'lan', name);
      return started;
    },
    // A container without a network takes no other one.
    { networks: ['other'] },
  );
  await docker(copy, 'network', 'rm', 'lan');
  return times;
}

/** One container at a time, by the original, where the user has it; `null` without. */
export async function pipeworkSingle(copy, runs) {
  if (!(await givenPipework(copy))) return null;
  return singly(copy, runs, async (name, address) => {
    const started = Date.now();
    await pipework(copy, name, address);
    return started;
  });
}

async function givenPipework(copy) {
  const { PIPEWORK } = process.env;
  if (PIPEWORK === undefined) return false;
  await copy.sandbox.write(ORIGINAL, readFileSync(PIPEWORK, 'utf8'), 0o755);
  return true;
}

async function pipework(copy, name, address) {
  // It leaves with an error after a success.
  await copy.sandbox.run([ORIGINAL, 'br0', '-i', 'eth0', name, `${address}/24@192.168.1.1`], {
    check: false,
  });
}

async function singly(copy, runs, act, { networks = [], first = 100, periodMs } = {}) {
  const times = [];
  for (const network of networks) await docker(copy, 'network', 'create', '--internal', network);
  for (let run = 0; run < runs; run += 1) {
    const address = addressOf(first + run);
    if (networks.length === 0) await startContainer(copy, 'third', null);
    else
      await docker(copy, 'run', '--detach', `--net=${networks[0]}`, '--name=third', 'box', 'sleep', '86400');
    const answer = await firstAnswer(copy, address, periodMs);
    const started = await act('third', address);
    times.push((await answer.at) - started);
    await docker(copy, 'rm', '--force', 'third');
  }
  for (const network of networks) await docker(copy, 'network', 'rm', network);
  return times;
}
