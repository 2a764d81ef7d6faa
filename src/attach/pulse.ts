import type { Clock } from '../host/host.js';

/** Does something again and again: after a period that it names itself, or at once when it is poked. */
export class Pulse {
  #poked = false;
  #wait = new AbortController();

  constructor(
    private readonly clock: Clock,
    /** Returns the wait until the next time, ms. Must not throw. */
    private readonly task: () => Promise<number>,
  ) {}

  /** Run until the signal aborts. */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      this.#poked = false;
      const period = await this.task();
      if (this.#poked) continue;
      this.#wait = new AbortController();
      // The only way a sleep fails is that it is cut short.
      await this.clock.sleep(period, AbortSignal.any([signal, this.#wait.signal])).catch(() => {});
    }
  }

  /** Do it now; when it is being done, once more after that. */
  poke(): void {
    this.#poked = true;
    this.#wait.abort();
  }
}
