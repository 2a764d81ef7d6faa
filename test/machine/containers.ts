import { STATIC_CONTAINER } from './hosts.js';
import type { Machine } from './machine.js';

const IMAGE = 'lan-test';
const LAN_TIMEOUT_MS = 60_000;
const POLL_MS = 100;

/** A container, as it was seen from the LAN. */
export interface Seen {
  readonly name: string;
  readonly address: string;
  /** Who answered for the address. */
  readonly mac: string;
}

/** No image can be pulled here: one of the static busybox that bridge-setup has installed. */
const MAKE_IMAGE = `root=$(mktemp --directory)
mkdir "$root/bin"
cp /bin/busybox "$root/bin/busybox"
for name in sh sleep ip; do ln -s busybox "$root/bin/$name"; done
tar --create --directory="$root" . | docker import - "$1"`;

/** Launch the two containers of the guide, with its commands; one has a static address, one asks the LAN's DHCP server. */
export async function launchContainers(machine: Machine, staticRule: string): Promise<void> {
  await machine.shell(MAKE_IMAGE, IMAGE);
  await launchContainer(machine, 'test1', `pipework_cmd_ip=${staticRule}`);
  await launchContainer(machine, 'test2', 'pipework_cmd=br0 -i eth0 @CONTAINER_NAME@ udhcpc');
}

/** Launch one more container. The image is there since `launchContainers`. */
export async function launchContainer(machine: Machine, name: string, variable: string): Promise<void> {
  const run = ['docker', 'run', '-d', '--restart=always', `--name=${name}`, '--net=none', '-e', variable];
  // As PID 1, sleep(1) does not end at a SIGTERM, and Docker would wait for ten seconds at each shutdown.
  await machine.run([...run, '--stop-signal=SIGKILL', IMAGE, 'sleep', '1000000']);
}

/** Wait until both containers answer on the LAN. Throws when one does not in time. */
export async function seeContainers(machine: Machine): Promise<Seen[]> {
  return [await seeContainer(machine, 'test1', STATIC_CONTAINER), await seeContainer(machine, 'test2')];
}

/**
 * Look for a container from the LAN. That somebody answers is not enough: it has to be the container's own NIC.
 * @param expected its address; `null`: whatever it has got
 */
export async function seeContainer(
  machine: Machine,
  name: string,
  expected: string | null = null,
): Promise<Seen> {
  const deadline = Date.now() + LAN_TIMEOUT_MS;
  let objection: string;
  do {
    const nic = await nicOf(machine, name);
    const address = expected ?? nic.address;
    if (address === null) objection = `${name} has no address`;
    else if ((await machine.lan.ping(address, 1)) === 0) objection = `${name} does not answer at ${address}`;
    else {
      const neighbour = (await machine.lan.run(['ip', 'neighbour', 'show', address])).stdout;
      const mac = / lladdr (\S+)/.exec(neighbour)?.[1] ?? '';
      if (mac === nic.mac) return { name, address, mac };
      objection = `${mac} answers for ${address}, which ${name} has on ${nic.mac}`;
    }
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  } while (Date.now() < deadline);
  const log = await machine.run(['journalctl', '--unit=bridge-setup', '--lines=20', '--no-pager'], {
    check: false,
  });
  throw new Error(`${objection} (waited ${LAN_TIMEOUT_MS / 1000} s)\n${log.stdout}`);
}

/** The container's eth0, from inside of it. */
async function nicOf(
  machine: Machine,
  name: string,
): Promise<{ address: string | null; mac: string | null }> {
  const command = ['docker', 'exec', name, 'ip', 'address', 'show', 'eth0'];
  const { stdout } = await machine.run(command, { check: false });
  return {
    address: /inet (\d+\.\d+\.\d+\.\d+)/.exec(stdout)?.[1] ?? null,
    mac: /link\/ether (\S+)/.exec(stdout)?.[1] ?? null,
  };
}
