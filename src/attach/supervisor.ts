import type { Child, Host } from '../host/host.js';
import { type ClientRecord, type ClientSpec, startClient, stopClient } from './client.js';
import type { ClientKeeper } from './converge.js';
import { printable } from './rule.js';

interface Supervised {
  readonly record: ClientRecord;
  readonly startedAt: number;
  lastLine: string | null;
}

const FIRST_DELAY_MS = 1000;
const LONGEST_DELAY_MS = 60_000;
/** A client that has lived so long did not fail at its start. */
const STEADY_MS = 30_000;

/** The wait before the next attempt, after so many failures in a row. */
export function backOff(failures: number, longestMs = LONGEST_DELAY_MS): number {
  return Math.min(FIRST_DELAY_MS * 2 ** Math.max(0, failures - 1), longestMs);
}

/**
 * The DHCP clients of a daemon. It starts them and tells when one ended; whether it has to be started again is for the
 * reconciliation to say, which sees that it is missing.
 */
export class Supervisor implements ClientKeeper {
  readonly #clients = new Map<string, Supervised>();
  readonly #failures = new Map<string, number>();

  constructor(
    private readonly host: Host,
    /** A client of the container ended: look again, after the delay. */
    private readonly onEnd: (containerId: string, hostLink: string, delayMs: number) => void,
    private readonly onLine: (hostLink: string, line: string) => void,
  ) {}

  owns(record: ClientRecord): boolean {
    const known = this.#clients.get(record.hostLink)?.record;
    return known?.pid === record.pid && known.run === record.run;
  }

  async start(spec: ClientSpec): Promise<void> {
    let supervised: Supervised | null = null;
    const onLine = (text: string) => {
      const line = printable(text, 200);
      if (supervised !== null) supervised.lastLine = line;
      this.onLine(spec.hostLink, line);
    };
    const { record, child } = await startClient(this.host, spec, { onLine });
    supervised = { record, startedAt: this.host.clock.now(), lastLine: null };
    this.#clients.set(spec.hostLink, supervised);
    void this.#watch(child, supervised);
  }

  /** What the client of an endpoint said last. */
  lastLine(hostLink: string): string | null {
    return this.#clients.get(hostLink)?.lastLine ?? null;
  }

  /** The container whose endpoint has this host link; `null` when its client is none of ours. */
  containerOf(hostLink: string): string | null {
    return this.#clients.get(hostLink)?.record.containerId ?? null;
  }

  /** End all clients. Their addresses stay, and so do the lease records: the next daemon asks for the same again. */
  async stopAll(): Promise<void> {
    await Promise.all([...this.#clients.values()].map(({ record }) => stopClient(this.host, record)));
  }

  async #watch(child: Child, supervised: Supervised): Promise<void> {
    await child.exited;
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
