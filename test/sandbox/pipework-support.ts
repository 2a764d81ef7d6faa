import type { RunningCopy } from '../../src/rehearse/copy.js';
import type { HostCopy } from '../../src/rehearse/host-copy.js';
import { docker, PROJECT, setUp, startHost } from './support.js';

export const SECOND = { name: 'eth1', mac: '02:00:5e:10:00:02', mtu: 1500 };
export const THIRD = { name: 'eth2', mac: '02:00:5e:10:00:03', mtu: 1400 };

const withMoreNics = (model: HostCopy): HostCopy => ({
  ...model,
  cables: [...model.cables, SECOND, THIRD],
  lan: { ...model.lan, ipv6: { address: '2001:db8::1', prefix: 64, ra: false } },
});

/** A host with br0, and two more NICs on the same LAN. */
export async function startPipeworkHost(packages: readonly string[] = []): Promise<RunningCopy> {
  const copy = await startHost(withMoreNics, packages);
  const { exitCode, document } = await setUp(copy);
  if (exitCode !== 0) throw new Error(JSON.stringify(document));
  for (const far of ['far1', 'far2']) await copy.lan.run(['ip', 'link', 'set', far, 'master', 'lan0']);
  for (const { name } of [SECOND, THIRD]) await copy.sandbox.run(['ip', 'link', 'set', name, 'up']);
  return copy;
}

/** `pipework …`, as a person types it. */
export const pipework = (copy: RunningCopy, ...args: string[]) =>
  copy.sandbox.run([process.execPath, `${PROJECT}/bin/pipework.js`, ...args], { check: false });

/** A container without a network. */
export const startContainer = (copy: RunningCopy, name: string) =>
  docker(copy, 'run', '-d', `--name=${name}`, '--net=none', 'box', 'sleep', '3600');

/** A command in a container's network namespace; what it printed. */
export async function inside(copy: RunningCopy, container: string, ...argv: string[]): Promise<string> {
  const pid = await docker(copy, 'inspect', '--format', '{{.State.Pid}}', container);
  const run = await copy.sandbox.run(['nsenter', `--net=/proc/${pid}/ns/net`, '--', ...argv], {
    check: false,
  });
  return run.stdout + run.stderr;
}
