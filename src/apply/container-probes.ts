import { z } from 'zod';
import type { Host } from '../host/host.js';
import { runIpBatch } from '../host/ip-batch.js';
import { parseIpJson } from '../host/ip-json.js';
import type { ContainerReach } from '../model/doctor-facts.js';
import { askForDuplicate } from './lan-probes.js';
import { passingProbes } from './probes.js';

/** So many containers at a time. */
const WORKERS = 16;
/** After that no further container is asked. */
const DEADLINE_MS = 5000;
/** The kernel asks three times, a second apart (arp(7), `ucast_solicit`, `mcast_solicit`). */
const ARP_MS = 2500;
const POLL_MS = 50;

/** A container whose network is asked. */
export interface ContainerQuestion {
  readonly id: string;
  readonly container: string;
  readonly interfaceName: string;
  /** With prefix length. */
  readonly address: string;
  readonly gateway: string | null;
}

const neighbour = z.looseObject({
  dst: z.string(),
  lladdr: z.string().optional(),
  state: z.array(z.string()).default([]),
});

/**
 * Ask from within the network namespace of each container, over its own interface and by its own MAC address: the gateway
 * by ARP and by ping, and everybody for the container's own address. The answers have to pass the port, the bridge, the
 * uplink and what filters there, as those to the container's programs do.
 */
export async function askContainers(
  host: Host,
  questions: readonly ContainerQuestion[],
): Promise<ContainerReach[]> {
  const waiting = [...questions];
  const found: Omit<ContainerReach, 'host'>[] = [];
  const deadline = host.clock.elapsed() + DEADLINE_MS;
  const work = async () => {
    for (;;) {
      const next = waiting.shift();
      if (next === undefined || host.clock.elapsed() > deadline) return;
      // A container that stops meanwhile has nothing to say.
      const answer = await askOne(host, next).catch(() => null);
      if (answer !== null) found.push(answer);
    }
  };
  await Promise.all(Array.from({ length: WORKERS }, work));
  return Promise.all(found.map(async (one) => ({ ...one, host: await compare(host, one) })));
}

async function askOne(host: Host, question: ContainerQuestion): Promise<Omit<ContainerReach, 'host'> | null> {
  const { id, container, interfaceName, address, gateway } = question;
  const info = await host.docker.inspect(id);
  if (info === null || !info.running || info.pid === 0) return null;
  const netns = `/proc/${info.pid}/ns/net`;
  const [identity, own] = await Promise.all([
    host.files.readlink(netns),
    host.files.readlink('/proc/self/ns/net'),
  ]);
  if (identity === null || identity === own) return null;
  const enter = ['nsenter', `--net=${netns}`];
  const ip = address.split('/')[0] ?? address;
  const [duplicate, arp] = await Promise.all([
    askForDuplicate(host, interfaceName, ip, enter),
    gateway === null ? null : answersArp(host, gateway, interfaceName, [...enter, 'ip']),
  ]);
  const ping = arp !== false && gateway !== null ? await answersPing(host, gateway, enter) : null;
  return { container, interfaceName, address, gateway, arp, ping, duplicate: duplicate?.mac ?? null };
}

/**
 * Whether the gateway answers. One that the container knows is asked again, by its MAC address, while the entry stays good
 * for use (ip-neighbour(8), `nud probe`); one that it does not know is asked for by broadcast.
 */
async function answersArp(
  host: Host,
  gateway: string,
  link: string,
  ip: readonly string[],
): Promise<boolean | null> {
  const entry = async () => {
    const shown = await host.run([...ip, '-json', 'neighbour', 'show', gateway, 'dev', link], {
      check: false,
    });
    return parseIpJson(shown.stdout, neighbour).find(({ dst }) => dst === gateway);
  };
  const { lladdr: known, state: before = [] } = (await entry()) ?? {};
  // An entry that an administrator has made is not touched, and tells nothing.
  if (before.some((state) => state === 'PERMANENT' || state === 'NOARP')) return null;
  const how = known === undefined ? 'nud none use' : `lladdr ${known} nud probe`;
  await runIpBatch(host, [`neighbour replace ${gateway} dev ${link} ${how}`], ip);
  const deadline = host.clock.elapsed() + ARP_MS;
  while (host.clock.elapsed() < deadline) {
    const { lladdr, state = [] } = (await entry()) ?? {};
    if (lladdr !== undefined && state.includes('REACHABLE')) return true;
    if (state.includes('FAILED')) return false;
    await host.clock.sleep(POLL_MS);
  }
  return false;
}

/** Two pings, the second only when the first is lost. */
async function answersPing(host: Host, gateway: string, enter: readonly string[]): Promise<boolean> {
  for (let count = 0; count < 2; count++) {
    const argv = [...enter, 'ping', '-n', '-c', '1', '-W', '1', gateway];
    if ((await host.run(argv, { check: false, timeoutMs: 5000 })).exitCode === 0) return true;
  }
  return false;
}

/** What the host gets from a gateway that does not answer a container. */
async function compare(
  host: Host,
  { gateway, arp, ping }: Omit<ContainerReach, 'host'>,
): Promise<ContainerReach['host']> {
  if (gateway === null || (arp !== false && ping !== false)) return null;
  const ask = (how: 'neighbour' | 'ping') => ({ how, who: 'the gateway', address: gateway }) as const;
  const passing = (await passingProbes(host, [ask('neighbour'), ask('ping')])).map(({ how }) => how);
  return { arp: passing.includes('neighbour'), ping: passing.includes('ping') };
}
