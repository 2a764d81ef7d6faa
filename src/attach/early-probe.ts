import { z } from 'zod';
import type { Host } from '../host/host.js';
import { readEntries } from '../host/ip-json.js';
import type { IpSession } from '../host/ip-session.js';
import type { Endpoint } from '../model/endpoint.js';
import { isOnLink } from './address.js';
import { addressConflict } from './address-probe.js';
import { linksOf } from './ip.js';

/** A host on a wired LAN answers within one. */
const WAIT_MS = 4;
/** Who answers a question within so long is still heard, and the address taken away again. */
const LISTEN_MS = 75;

/**
 * Whether somebody has a static IPv4 address, asked by the host while the container's link is still to be made. The
 * request has the host's own address on the bridge as its sender, as any packet to that address would cause; a probe of
 * RFC 5227 has 0.0.0.0, and would have to wait for a link without an address.
 *
 * The container asks as well, as soon as its link is there and before it has the address: that is the probe of RFC 5227,
 * and its answer comes to the container whenever it comes. One to the host, once the container has announced itself, is
 * not heard: for a second the kernel does not let an answer replace an entry (arp(7), locktime).
 *
 * Afterwards comes the announcement of RFC 5227 (2.3), a request for the own address. Linux does not answer that one.
 */
export class EarlyProbe {
  /** When the container has asked, `elapsed`. */
  private insideAt = 0;

  private constructor(
    private readonly host: Host,
    private readonly outside: IpSession,
    /** `null`: there is none to ask for. */
    private readonly address: string | null,
    private readonly endpoint: Endpoint,
    private readonly mac: string,
    /** When it was asked for, `elapsed`. */
    private readonly askedAt: number,
  ) {}

  /** Ask. `null`: the host cannot, since it has no address in that network, or since the entry is somebody's own. */
  static async start(
    host: Host,
    outside: IpSession,
    endpoint: Endpoint,
    mac: string,
  ): Promise<EarlyProbe | null> {
    const probe = (address: string | null) =>
      new EarlyProbe(host, outside, address, endpoint, mac, host.clock.elapsed());
    if (endpoint.address.method !== 'static') return probe(null);
    const address = endpoint.address.address.split('/')[0] ?? '';
    const { bridge } = endpoint;
    // An empty list is not always printed, so the entries are told apart by what they are.
    const shown = await outside.run([
      `address show dev ${bridge}`,
      `address show to ${address}`,
      `neighbour show to ${address} dev ${bridge}`,
    ]);
    const own = linksOf(shown.flat()).flatMap(({ addresses }) => addresses);
    const isOwn = own.some((other) => other.address.split('/')[0] === address);
    const reaches = own.some((other) => other.family === 4 && isOnLink(address, other.address));
    const known = neighboursOf(shown);
    const isPinned = known.some(({ state }) => state.includes('PERMANENT'));
    if (isOwn || !reaches || isPinned) return null;
    const lines = [`neighbour replace ${address} dev ${bridge} nud none use`];
    // Who is known already is not asked for (kernel, neigh_add with NTF_USE).
    if (known.length > 0) lines.unshift(`neighbour delete ${address} dev ${bridge}`);
    // What becomes of it is seen when the answer is looked for.
    void outside.run(lines).catch(() => {});
    return probe(address);
  }

  /** Wait until an answer would be there. Throws when there is one. */
  async wait(): Promise<void> {
    if (this.address === null) return;
    await this.host.clock.sleep(Math.max(0, this.askedAt + WAIT_MS - this.host.clock.elapsed()));
    const own = await this.#refuseAnswer(this.outside, this.endpoint.bridge);
    // The container has no address yet. Whose answer that is, the long way finds out.
    if (own) throw new Error(`${this.mac} is there already`);
  }

  /** Ask from the container's link, which is up and has no address. */
  async ask(inside: IpSession): Promise<void> {
    if (this.address === null) return;
    this.insideAt = this.host.clock.elapsed();
    await inside.run([this.#question()]);
  }

  /** Announce the address that the container has now. Throws when there is an answer to what it has asked. */
  async announce(inside: IpSession): Promise<void> {
    if (this.address === null) return;
    const { interfaceName } = this.endpoint;
    // While it waits for an answer the kernel would not ask again.
    const again = [`neighbour replace ${this.address} dev ${interfaceName} nud none`, this.#question()];
    await this.#refuseAnswer(inside, interfaceName, again);
  }

  /** Listen for those that are late. Throws when there is one. */
  async listen(inside: IpSession): Promise<void> {
    if (this.address === null) return;
    await this.host.clock.sleep(Math.max(0, this.insideAt + LISTEN_MS - this.host.clock.elapsed()));
    await this.#refuseAnswer(inside, this.endpoint.interfaceName);
    await this.#refuseAnswer(this.outside, this.endpoint.bridge);
  }

  #question(): string {
    return `neighbour replace ${this.address} dev ${this.endpoint.interfaceName} nud none use`;
  }

  /** Returns whether there is an answer with the container's own MAC address. */
  async #refuseAnswer(session: IpSession, link: string, after: readonly string[] = []): Promise<boolean> {
    const show = `neighbour show to ${this.address} dev ${link}`;
    const answers = neighboursOf(await session.run([show, ...after]));
    const other = answers.find(({ lladdr }) => lladdr !== undefined && lladdr !== this.mac)?.lladdr;
    if (other !== undefined) throw addressConflict(this.address ?? '', this.endpoint.bridge, other);
    return answers.some(({ lladdr }) => lladdr === this.mac);
  }
}

const neighbourSchema = z.looseObject({
  dst: z.string(),
  lladdr: z.string().optional(),
  state: z.array(z.string()).default([]),
});

/** Entries of `ip -json neighbour show`. */
function neighboursOf(lists: readonly unknown[][]): z.output<typeof neighbourSchema>[] {
  return readEntries(lists.flat(), neighbourSchema);
}
