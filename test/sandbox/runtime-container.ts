import { CONTAINER_COMMAND } from '../../src/host/container-host.js';
import { DAEMON_FILE } from '../../src/model/paths.js';
import type { RunningCopy } from '../../src/rehearse/copy.js';
import { allowPrivileged, buildRuntimeImage, onCopy } from './runtime-image.js';
import { addressOf, docker, eventually, setUpForContainers, startHost } from './support.js';

/** A host that is set up, with bridge-setup as an image beside the one that tests run containers of. */
export async function startHostWithImage(): Promise<RunningCopy> {
  const copy = await startHost();
  await restartPrivileged(copy);
  await setUpForContainers(copy);
  await buildRuntimeImage(onCopy(copy));
  return copy;
}

/** Make `docker run --privileged` possible in a copy. */
export async function restartPrivileged(copy: RunningCopy): Promise<void> {
  await allowPrivileged(onCopy(copy));
  await copy.stopDocker();
  await copy.startDocker();
}

/** What tests of bridge-setup as a container do again and again, on one host. */
export function containerTools(host: () => RunningCopy) {
  const words = CONTAINER_COMMAND.split(' ');
  const hidden = /^(-d|--restart.*|--name.*)$/;
  return {
    /** Start a container with a rule of its own. */
    run: (name: string, address: string, ...options: string[]) => {
      const own = ['-d', `--name=${name}`, '--restart=always', '--net=none'];
      const rule = ['-e', `pipework_cmd=br0 -i eth0 @CONTAINER_NAME@ ${address}`];
      return docker(host(), 'run', ...own, ...rule, ...options, 'box', 'sleep', '3600');
    },
    /** The address that a container has by DHCP. */
    leased: async (name: string) =>
      (await eventually(`a lease of ${name}`, () => addressOf(host(), name), 60_000)).split('/')[0] ?? '',
    /** The documented line, with more options. */
    runtime: (...options: string[]) => docker(host(), ...words.slice(1, -1), ...options, ...words.slice(-1)),
    /** The same in the foreground, for what ends; `without` one of its options. */
    once: async (options: readonly string[], command: readonly string[] = [], without = '') => {
      const flags = words.slice(0, -1).filter((word) => !hidden.test(word) && word !== without);
      const argv = [...flags, '--rm', ...options, ...words.slice(-1), ...command];
      const { exitCode, stdout, stderr } = await host().sandbox.run(argv, { check: false });
      return { exitCode, said: `${stdout}${stderr}` };
    },
    ready: () =>
      eventually('the runtime is ready', async () =>
        (await host().sandbox.read(DAEMON_FILE))?.includes('"ready": true'),
      ),
    /** PIDs of the DHCP clients that run on the host. */
    clients: async () => {
      const { stdout } = await host().sandbox.run(['pgrep', '-x', 'udhcpc'], { check: false });
      return stdout.trim().split('\n').filter(Boolean);
    },
  };
}
