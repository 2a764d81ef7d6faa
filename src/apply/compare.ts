import { messageOf } from '../errors.js';
import type { Link } from '../model/facts.js';
import type { NetworkState } from '../model/journal.js';
import { type Probe, probeTitle } from '../model/probe.js';
import type { ApplyDoor } from './context.js';
import { type Comparison, unequal } from './equality.js';
import { silentProbes } from './probes.js';
import type { Leftover } from './undo.js';

const SETTLE_SECONDS = 30;
const POLL_MS = 250;

/** Something that a network has, as a clause. */
interface Trait {
  readonly text: string;
  /** What of it does not depend on the link. */
  readonly object: string;
  /** Less than that, which holds wherever the whole does. */
  readonly minimum: string;
  /** Somebody else gave it, and may give another one now: only the minimum has to be there again. */
  readonly leased: boolean;
}

/** What a rollback is judged by: the addresses, default routes and name servers of a network. */
export function traits({ links, routes, nameservers }: NetworkState): Trait[] {
  const leased = links.some(({ addresses }) =>
    addresses.some(({ family, dynamic }) => family === 4 && dynamic),
  );
  const found: Trait[] = [];
  for (const link of links.filter(isOwn)) {
    for (const { scope, family, dynamic, address, prefix } of link.addresses) {
      // What routers advertise comes and goes by itself.
      if (scope !== 'global' || (family === 6 && dynamic)) continue;
      const object = `${address}/${prefix}`;
      const minimum = `${link.name} has an IPv${family} address`;
      found.push({ text: `${link.name} has ${object}`, object, minimum, leased: dynamic });
    }
  }
  for (const { destination, family, gateway, link } of routes) {
    if (destination !== 'default' || family !== 4) continue;
    const minimum = `default route on ${link}`;
    found.push({
      text: `default route via ${gateway} on ${link}`,
      object: `via ${gateway}`,
      minimum,
      leased,
    });
  }
  for (const object of nameservers) {
    found.push({ text: `name server ${object}`, object, minimum: 'a name server', leased });
  }
  return found;
}

/** The host's side of a container's link comes and goes with the container. */
const isOwn = ({ kind, master }: Link): boolean => kind !== 'veth' || master === null;

/**
 * What a network has to have after a rollback.
 * @param now before a rollback weeks later: what a DHCP server gave then is expected only where it is there now, on
 *   whatever link; `null`: everything is expected
 */
export function expectedAfter(before: NetworkState, now: NetworkState | null): string[] {
  const held = now === null ? null : new Set(traits(now).map(({ object }) => object));
  const expected = traits(before).map(({ text, object, minimum, leased }) =>
    !leased || held === null || held.has(object) ? text : minimum,
  );
  return [...new Set(expected)];
}

/**
 * Wait until the network is as expected and the probes pass again. It is read again until then, also after a reading
 * that failed. @returns what does not come back
 */
export async function remainingDifferences(
  door: ApplyDoor,
  expected: readonly string[],
  passed: readonly Probe[],
  comparison: Comparison | null,
): Promise<Leftover[]> {
  const { clock } = door.host;
  const deadline = clock.elapsed() + SETTLE_SECONDS * 1000;
  const silent = new Set(passed);
  for (;;) {
    const left = await differencesNow(door, expected, silent, comparison).catch((error: unknown) => [
      { what: `The network could not be read again: ${messageOf(error)}`, remedy: 'ip address; ip route' },
    ]);
    if (left.length === 0 || clock.elapsed() >= deadline) return left;
    await clock.sleep(POLL_MS);
  }
}

/** @param silent probes that have not passed again yet; those that do are taken out */
async function differencesNow(
  { host, readNetwork, readDetails }: ApplyDoor,
  expected: readonly string[],
  silent: Set<Probe>,
  comparison: Comparison | null,
): Promise<Leftover[]> {
  const network = await readNetwork();
  const now = new Set(traits(network).flatMap(({ text, minimum }) => [text, minimum]));
  const missing = expected.filter((text) => !now.has(text));
  const stranded = strandedServers(network).filter((server) => !expected.includes(`name server ${server}`));
  const stillSilent = await silentProbes(host, [...silent]);
  for (const probe of silent) if (!stillSilent.includes(probe)) silent.delete(probe);
  const left = missing.length + stranded.length + silent.size;
  // The rest follows from what is missing.
  if (left === 0 && comparison !== null) {
    return unequal(comparison, { ...network, details: await readDetails(comparison.uplink) });
  }
  return [
    ...missing.map((text) => ({ what: `Before: ${text}. Not so now.`, remedy: 'ip address; ip route' })),
    ...stranded.map((server) => ({
      what: `The name server ${server} is behind a link that is gone.`,
      remedy: 'remove it from /etc/resolv.conf',
    })),
    ...stillSilent.map((probe) => ({
      what: `Before: ${probeTitle(probe)} answered. Not so now.`,
      remedy: `ip route get ${probe.address}`,
    })),
  ];
}

/** Name servers behind a link that is gone, as a router advertises them: `fe80::1%br0`. Each name waits for them. */
function strandedServers({ links, nameservers }: NetworkState): string[] {
  return nameservers.filter((server) => {
    const link = server.split('%')[1];
    return link !== undefined && !links.some(({ name }) => name === link);
  });
}
