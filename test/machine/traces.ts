import { expect } from 'vitest';
import type { Machine } from './machine.js';

/** What there is on the host for its containers. The host itself has no DHCP client in these tests. */
export interface Traces {
  /** The host's sides of the containers' links. */
  readonly links: readonly string[];
  /** PIDs of DHCP clients, as the machine counts them. */
  readonly clients: readonly string[];
  /** Records of endpoints, of DHCP clients, and of leases. */
  readonly records: readonly string[];
}

/** What the two containers of the guide need: each a link, one of them a DHCP client. */
const LINKS = 2;
const CLIENTS = 1;
const CLEAR_MS = 15_000;
const POLL_MS = 200;

/** What there is at this moment. */
export async function traces(machine: Machine): Promise<Traces> {
  const shown = await machine.run(['ip', '-json', 'link', 'show', 'type', 'veth']);
  const names = (JSON.parse(shown.stdout) as { readonly ifname: string }[]).map(({ ifname }) => ifname);
  // Without one it exits with 1.
  const pids = await machine.run(['pgrep', '--exact', 'udhcpc'], { check: false });
  const records = await machine.shell('cd /run/bridge-setup && ls endpoints clients leases');
  return {
    links: names.filter((name) => name.startsWith('bs')).sort(),
    clients: pids.stdout.split('\n').filter(Boolean),
    records: records.split('\n').filter((name) => /\.(json|lease)$/.test(name)),
  };
}

/** Each container has its one link and, by its rule, its one DHCP client; nothing is there of containers of before. */
export async function expectNothingLeftOver(machine: Machine): Promise<Traces> {
  const deadline = Date.now() + CLEAR_MS;
  const isTidy = ({ links, clients, records }: Traces) =>
    links.length === LINKS && clients.length === CLIENTS && records.length === LINKS + 2 * CLIENTS;
  let seen = await traces(machine);
  while (!isTidy(seen) && Date.now() < deadline) {
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    seen = await traces(machine);
  }
  expect(isTidy(seen), `more or less than there should be: ${JSON.stringify(seen)}`).toBe(true);
  return seen;
}
