import type { ContainerInfo, Host } from '../host/host.js';
import type { IpSession } from '../host/ip-session.js';
import { IpWorkers } from '../host/ip-workers.js';
import { clientsOf } from './client.js';
import { askFor, FastAttach } from './fast-attach.js';
import type { NetLink } from './ip.js';
import { macOf } from './link.js';
import { hostSideMac, parseAlias } from './names.js';
import type { Wanted } from './reconcile.js';

/** Containers often start in groups: a session is used for this much longer than it was needed last. */
const IDLE_MS = 250;

interface Claim {
  readonly key: string;
  /** Another host link that has had it; `null`: none. */
  readonly before: string | null;
}

/**
 * The short way for what happens most: endpoints of which there is nothing yet, on a bridge. It looks only at what it
 * is about to make, and starts one process a container. Whatever is unusual, or fails, is left to the long way
 * (`link.ts`), which looks at everything, and can do all of this as well.
 */
export class FastPath {
  /** On the host. One that was never used waits here: it knows no names yet, and a process takes long to start. */
  #session: IpSession | null = null;
  readonly #workers: IpWorkers;
  #idle: NodeJS.Timeout | undefined;
  /** By the MAC address of a host side: its name. */
  #holders = new Map<string, string>();
  #users = 0;
  #closed = false;
  /** `ip` is too old for it. */
  #unfit = false;

  constructor(private readonly host: Host) {
    this.#workers = new IpWorkers(host);
  }

  /** What there is on the host now. */
  learn(links: readonly NetLink[]): void {
    const known = links.flatMap(({ name, mac, alias }): [string, string][] =>
      mac === null || parseAlias(alias) === null ? [] : [[mac, name]],
    );
    this.#holders = new Map(known);
  }

  /** Have a session ready. */
  warm(): void {
    if (this.#session?.ended) this.#drop();
    if (this.#closed || this.#unfit) return;
    try {
      this.#session ??= this.#workers.session();
      this.#workers.warm();
    } catch {
      // As good as no process can be started; whoever needs one says so.
    }
  }

  /** End it all. */
  close(): void {
    this.#closed = true;
    this.#drop();
    this.#workers.close();
  }

  /**
   * Begin in a container's namespace, which may still turn out to be another one's: nothing is changed there yet.
   * `null`: it is the long way's.
   */
  async begin(
    container: ContainerInfo,
    wanted: readonly Wanted[],
    netns: string,
  ): Promise<FastAttach | null> {
    this.warm();
    const session = this.#session;
    if (session === null) return null;
    const claims = wanted.map((want) => this.#claim(container, want));
    const inside = this.#workers.session(netns);
    this.#enter();
    const asked = askFor(this.host, session, container, wanted);
    try {
      const [fresh, probes] = await Promise.all([this.#isFresh(container, wanted, claims), asked]);
      if (fresh) {
        const sessions = { outside: session, inside };
        return new FastAttach(this.host, container, sessions, probes, () => this.#leave());
      }
    } catch {
      // The long way says why.
    }
    this.#giveBack(claims);
    inside.close();
    this.#leave();
    return null;
  }

  #enter(): void {
    this.#users += 1;
    clearTimeout(this.#idle);
  }

  /** When nobody has needed the session for a while, it is replaced by an unused one. */
  #leave(): void {
    this.#users -= 1;
    if (this.#users > 0 || this.#closed) return;
    this.#idle = setTimeout(() => {
      this.#drop();
      this.warm();
      this.#workers.trim();
    }, IDLE_MS).unref();
  }

  #drop(): void {
    clearTimeout(this.#idle);
    if (this.#session?.ended && !this.#session.hasAnswered) this.#unfit = true;
    this.#session?.close();
    this.#session = null;
  }

  /**
   * Note that this host link has the MAC address of its container now, and who had it: a container may have had the
   * name of another one before.
   */
  #claim(container: ContainerInfo, { hostLink, endpoint }: Wanted): Claim {
    const key = hostSideMac(macOf(container, endpoint));
    const before = this.#holders.get(key) ?? null;
    this.#holders.set(key, hostLink);
    return { key, before: before === hostLink ? null : before };
  }

  /** Whoever had it may have it still. */
  #giveBack(claims: readonly Claim[]): void {
    for (const { key, before } of claims) if (before !== null) this.#holders.set(key, before);
  }

  async #isFresh(
    container: ContainerInfo,
    wanted: readonly Wanted[],
    claims: readonly Claim[],
  ): Promise<boolean> {
    const { files } = this.host;
    const names = [
      ...wanted.map(({ hostLink }) => hostLink),
      ...claims.flatMap(({ before }) => before ?? []),
    ];
    const taken = await Promise.all(names.map((name) => files.exists(`/sys/class/net/${name}`)));
    return !taken.includes(true) && (await clientsOf(this.host, container.id)).length === 0;
  }
}
