import { localHost, modelHost, RunningCopy } from './kit.js';

const ROOT = new URL('..', import.meta.url).pathname.replace(/\/$/, '');
const ANSWERS = { version: 1, bridge: { uplink: 'eth0' }, runtime: { install: 'none' } };
const IMAGE =
  'mkdir -p /tmp/image/bin && cp /bin/busybox /tmp/image/bin/ && ln -sf busybox /tmp/image/bin/sleep && tar -C /tmp/image -c . | docker import - box';

/** A copy of the model host that is set up: br0, Docker, an image, and what else people attach containers with. */
export async function startSetUpHost() {
  const model = modelHost('a model host, for the bench');
  const copy = await RunningCopy.start({
    host: localHost(),
    // 200 static addresses have to be out of the way of the DHCP server.
    copy: { ...model, lan: { ...model.lan, range: ['192.168.1.240', '192.168.1.250'] } },
    program: { root: ROOT, node: process.execPath },
    onLine: () => {},
    packages: ['arping', 'fping', 'containernetworking-plugins'],
  });
  const run = await copy.bridgeSetup(['--answers', '-', '--json'], { input: JSON.stringify(ANSWERS) });
  if (run.exitCode !== 0) throw new Error(`bridge-setup exited ${run.exitCode}: ${run.stdout}`);
  await copy.sandbox.run(['sh', '-c', IMAGE]);
  return copy;
}

/** Address of the n-th container, without prefix. */
export const addressOf = (index) => `192.168.1.${20 + index}`;

/** Create and start containers; `rule` gives the environment of the n-th, if any. */
export async function startContainers(copy, names, rule = () => null) {
  for (const [index, name] of names.entries()) await startContainer(copy, name, rule(index));
}

/** Create and start a container without a network. */
export async function startContainer(copy, name, rule) {
  const env = rule === null ? [] : ['--env', `pipework_cmd=${rule}`];
  await docker(copy, 'run', '--detach', '--net=none', `--name=${name}`, ...env, 'box', 'sleep', '86400');
}

/** `docker …` in the copy. */
export async function docker(copy, ...args) {
  return (await copy.sandbox.run(['docker', ...args], { timeoutMs: 120_000 })).stdout.trim();
}
