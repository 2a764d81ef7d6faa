import type { Host } from '../host/host.js';
import { backOff } from './back-off.js';
import { type ClientRecord, type ClientSpec, isAlive, startClient, stopClient } from './client.js';
import type { ClientKeeper } from './converge.js';

interface Supervised {
  readonly record: ClientRecord;
  readonly startedAt: number;
}

/** A client that has lived so long did not fail at its start. */
const STEADY_MS = 30_000;
/** Only a parent is told of the end of a process; for an adopted one somebody has to look. */
const ADOPTED_PERIOD_MS = 1000;

/**
 * The DHCP clients of a daemon. It starts them and tells when one ended; whether it has to be started again is for the
 * reconciliation to say, which sees that it is missing. They outlive a daemon that is killed, and the next one adopts
 * them: so they have a session of their own, and no pipe that would end them with their next word.
 */
export class Supervisor implements ClientKeeper {
  readonly #clients = new Map<string, Supervised>();
  readonly #failures = new Map<string, number>();
  readonly #stop = new AbortController();

  constructor(
    private readonly host: Host,
    /** A client of the container ended: look again, after the delay. */
    private readonly onEnd: (containerId: string, hostLink: string, delayMs: number) => void,
  ) {}

  owns(record: ClientRecord): boolean {
    const known = this.#clients.get(record.hostLink)?.record;
    return known?.pid === record.pid && known.run === record.run;
  }

  async start(spec: ClientSpec): Promise<void> {
    const { record, child } = await startClient(this.host, spec);
    void this.#watch(child.exited, this.#keep(record));
  }

  adopt(record: ClientRecord): void {
    void this.#watch(this.#endOf(record), this.#keep(record));
  }

  /** The container whose endpoint has this host link; `null` when its client is none of ours. */
  containerOf(hostLink: string): string | null {
    return this.#clients.get(hostLink)?.record.containerId ?? null;
  }

  /** End all clients. Their addresses stay, and so do the lease records: the next daemon asks for the same again. */
  async stopAll(): Promise<void> {
    this.#stop.abort();
    await Promise.all([...this.#clients.values()].map(({ record }) => stopClient(this.host, record)));
  }

  #keep(record: ClientRecord): Supervised {
    const supervised = { record, startedAt: this.host.clock.now() };
    this.#clients.set(record.hostLink, supervised);
    return supervised;
  }

  async #endOf(record: ClientRecord): Promise<void> {
    const { signal } = this.#stop;
    while (!signal.aborted && (await isAlive(this.host, record))) {
      await this.host.clock.sleep(ADOPTED_PERIOD_MS, signal).catch(() => {});
    }
  }

  async #watch(end: Promise<unknown>, supervised: Supervised): Promise<void> {
    await end;
    if (this.#stop.signal.aborted) return;
    const { containerId, hostLink } = supervised.record;
    if (this.#clients.get(hostLink) === supervised) this.#clients.delete(hostLink);
    const steady = this.host.clock.now() - supervised.startedAt >= STEADY_MS;
    const failures = steady ? 1 : (this.#failures.get(hostLink) ?? 0) + 1;
    this.#failures.set(hostLink, failures);
    this.onEnd(containerId, hostLink, backOff(failures));
  }

  /** The container is gone: its client starts from the beginning next time. */
  forget(hostLink: string): void {
    this.#failures.delete(hostLink);
  }
}
