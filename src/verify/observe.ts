import type { Host } from '../host/host.js';

/** What a container has on its interface, seen in its own network namespace. */
export interface ContainerAddress {
  readonly address: string;
  /** With prefix length. */
  readonly cidr: string;
  readonly mac: string;
}

const enter = (pid: number): string[] => ['nsenter', `--net=/proc/${pid}/ns/net`, '--'];

/** The first IPv4 address of a container's interface; `null` while it has none. */
export async function containerAddress(
  host: Host,
  pid: number,
  link: string,
): Promise<ContainerAddress | null> {
  const shown = await host.run([...enter(pid), 'ip', '-json', 'address', 'show', 'dev', link], {
    check: false,
  });
  if (shown.exitCode !== 0) return null;
  const [entry] = JSON.parse(shown.stdout || '[]') as {
    address?: string;
    operstate?: string;
    addr_info?: { family: string; local: string; prefixlen: number }[];
  }[];
  const info = entry?.addr_info?.find(({ family }) => family === 'inet');
  if (info === undefined || entry?.operstate !== 'UP') return null;
  return { address: info.local, cidr: `${info.local}/${info.prefixlen}`, mac: entry.address ?? '' };
}

/** Longest listening and learning that the kernel allows (forward_delay at most 30 s), and a little more. */
const SPANNING_TREE_MS = 65_000;
/** BR_STATE_LISTENING and BR_STATE_LEARNING (linux/if_bridge.h). */
const UNDECIDED = ['1', '2'];

/** Wait until the spanning tree has decided about every port of a bridge; at once where there is none. */
export async function awaitForwarding(host: Host, bridge: string): Promise<void> {
  const ports = `/sys/class/net/${bridge}/brif`;
  const deadline = host.clock.elapsed() + SPANNING_TREE_MS;
  while (host.clock.elapsed() < deadline) {
    const names = await host.files.list(ports);
    const states = await Promise.all(names.map((name) => host.files.read(`${ports}/${name}/state`)));
    if (!states.some((state) => UNDECIDED.includes(state?.trim() ?? ''))) return;
    await host.clock.sleep(100);
  }
}

/** How long a new port of a bridge waits before it forwards: twice the forward delay with a spanning tree, else 0. */
export async function portDelayMs({ files }: Host, bridge: string): Promise<number> {
  const number = async (name: string) =>
    Number((await files.read(`/sys/class/net/${bridge}/bridge/${name}`).catch(() => null))?.trim() ?? 0);
  // The kernel counts it in hundredths of a second (USER_HZ).
  return (await number('stp_state')) === 0 ? 0 : (await number('forward_delay')) * 2 * 10;
}

/** Round trips from inside a container's network namespace; the number that came back. */
export async function pingFromContainer(
  host: Host,
  pid: number,
  target: string,
  count: number,
): Promise<number> {
  return received(await host.run([...enter(pid), ...ping(target, count)], { check: false }));
}

/** Round trips from the host. */
export async function pingFromHost(host: Host, target: string, count: number): Promise<number> {
  return received(await host.run(ping(target, count), { check: false }));
}

const ping = (target: string, count: number): string[] => [
  'ping',
  '-n',
  '-c',
  String(count),
  '-i',
  '0.2',
  '-W',
  '1',
  target,
];

const received = ({ stdout }: { stdout: string }): number => Number(/(\d+) received/.exec(stdout)?.[1] ?? 0);

/**
 * The port of the bridge behind which a neighbour of the container answers; `null` when it is not known. A gateway
 * behind the uplink's port proves that the frames crossed the wire, and did not stay on the host.
 */
export async function portOfNeighbour(
  host: Host,
  pid: number,
  bridge: string,
  neighbour: string,
): Promise<string | null> {
  const mac = await macOfNeighbour(host, pid, neighbour);
  if (mac === null) return null;
  const fdb = await host.run(['bridge', '-json', 'fdb', 'show', 'br', bridge], { check: false });
  const entries = JSON.parse(fdb.stdout || '[]') as { mac: string; ifname: string; state?: string }[];
  return entries.find((entry) => entry.mac === mac && entry.state !== 'permanent')?.ifname ?? null;
}

/** Whether a container has got an answer to ARP from an address. */
export async function isNeighbour(host: Host, pid: number, address: string): Promise<boolean> {
  return (await macOfNeighbour(host, pid, address)) !== null;
}

async function macOfNeighbour(host: Host, pid: number, address: string): Promise<string | null> {
  const shown = await host.run([...enter(pid), 'ip', '-json', 'neighbour', 'show', address], {
    check: false,
  });
  return (JSON.parse(shown.stdout || '[]') as { lladdr?: string }[])[0]?.lladdr ?? null;
}

/** Whether a link of the host has an IPv4 address. */
export async function hasAddress(host: Host, link: string): Promise<boolean> {
  const shown = await host.run(['ip', '-json', '-4', 'address', 'show', 'dev', link], { check: false });
  const links = JSON.parse(shown.stdout || '[]') as { addr_info?: { local?: string }[] }[];
  return links.some(({ addr_info = [] }) => addr_info.some(({ local }) => local !== undefined));
}
