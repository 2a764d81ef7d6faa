import { z } from 'zod';
import type { Host } from '../host/host.js';
import { runIpBatch } from '../host/ip-batch.js';
import { parseIpJson } from '../host/ip-json.js';
import type { LanProbes } from '../model/doctor-facts.js';
import { withEmptyNetns } from './empty-netns.js';
import { passingProbes } from './probes.js';
import { arpingOf, randomMac } from './second-mac-probe.js';

/** Name of the link that asks; 15 characters at most. */
const LINK = 'bs-doctor';
const TURNS = 3;
const TURN_MS = 150;

/** What the LAN is asked about. */
export interface LanQuestions {
  readonly bridge: string;
  /** The host's own address, without prefix. */
  readonly address: string | null;
  readonly gateway: string | null;
}

const neighbour = z.looseObject({ dst: z.string(), lladdr: z.string().optional() });

/** Ask the LAN, from the bridge and from a link on it with a MAC address of its own, for less than a second. */
export async function askLan(host: Host, questions: LanQuestions): Promise<LanProbes | null> {
  const { bridge, address, gateway } = questions;
  const probes =
    gateway === null ? [] : [{ how: 'neighbour', who: 'the gateway', address: gateway } as const];
  try {
    const [duplicate, second, passing] = await Promise.all([
      address === null ? null : askForDuplicate(host, bridge, address),
      gateway === null ? null : askFromSecondMac(host, bridge, gateway),
      passingProbes(host, probes),
    ]);
    const own = passing.length > 0 ? 'own' : 'none';
    return { duplicate, secondMac: second === null ? null : second ? 'second' : own };
  } catch {
    // A link cannot be made, or arping is not there: nothing is known.
    return null;
  }
}

/**
 * Who else has an address of the host's or of a container's, by the probe of RFC 5227 (2.1.1) from the very link that has
 * it, and so by its own MAC address. From another one the DHCP client there would take it for a conflict, and give the
 * address up after the second (dhcpcd did).
 * @param enter how a command is run in the network namespace of the link; absent: in the host's
 */
export async function askForDuplicate(
  host: Host,
  link: string,
  address: string,
  enter: readonly string[] = [],
): Promise<LanProbes['duplicate']> {
  let mac: string | undefined;
  const argv = [...enter, ...(await arpingOf(host)), '-D', '-I', link, '-c', '2', '-w', '2', address];
  const child = host.spawn(argv, {
    onLine: (line) => {
      mac ??= /^Unicast re(?:ply|quest) from \S+ \[([0-9a-f:]+)\]/i.exec(line)?.[1]?.toLowerCase();
    },
  });
  // It would listen for whole seconds. What it has heard it says when it is told to end.
  await Promise.race([child.exited, host.clock.sleep(TURNS * TURN_MS)]);
  child.kill('SIGINT');
  await child.exited;
  return mac === undefined ? null : { address, mac };
}

/**
 * Whether the gateway answers a second MAC address. The link is in a network namespace without another, so the kernel
 * asks with the sender 0.0.0.0. In the host's it would borrow the address of another link (ip-sysctl, `arp_announce`),
 * and tell the LAN that the host has this MAC address: nobody would reach the host until it asks again.
 */
async function askFromSecondMac(host: Host, bridge: string, gateway: string): Promise<boolean> {
  return withEmptyNetns(host, async ({ pid, ip }) => {
    await runIpBatch(host, [
      `link add link ${bridge} name ${LINK} address ${randomMac()} netns ${pid} type macvlan mode bridge`,
    ]);
    // Without the address of lo there would be no table of local addresses, and the kernel would take all addresses
    // for broadcast ones, which it does not ask for (kernel, __inet_dev_addr_type).
    await runIpBatch(host, ['link set lo up', `link set ${LINK} up`], ip);
    for (let turn = 0; turn < TURNS; turn += 1) {
      await runIpBatch(host, [`neighbour replace ${gateway} dev ${LINK} nud none use`], ip);
      await host.clock.sleep(TURN_MS);
      const { stdout } = await host.run([...ip, '-json', 'neighbour', 'show', 'dev', LINK]);
      const known = parseIpJson(stdout, neighbour);
      if (known.some(({ dst, lladdr }) => dst === gateway && lladdr !== undefined)) return true;
    }
    return false;
  });
}
