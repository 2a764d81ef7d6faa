/**
 * Runs a task for one key at a time, and for several keys at once. Waking a key that waits already changes nothing;
 * waking one whose task runs makes it run once more after that, since it may have looked too early.
 */
export class KeyedQueue {
  readonly #waiting = new Map<string, Promise<void>>();
  readonly #running = new Map<string, Promise<void>>();
  #free: number;
  readonly #turns: (() => void)[] = [];

  /** `task` must not throw. */
  constructor(
    private readonly task: (key: string) => Promise<void>,
    atOnce: number,
  ) {
    this.#free = atOnce;
  }

  /** Resolves when a run that starts after this call is done. */
  wake(key: string): Promise<void> {
    const waiting = this.#waiting.get(key);
    if (waiting !== undefined) return waiting;
    const run = this.#runAfter(key, this.#running.get(key));
    this.#waiting.set(key, run);
    return run;
  }

  /** Resolves when nothing waits and nothing runs. */
  async idle(): Promise<void> {
    while (this.#waiting.size + this.#running.size > 0) {
      await Promise.all([...this.#waiting.values(), ...this.#running.values()]);
    }
  }

  async #runAfter(key: string, earlier: Promise<void> | undefined): Promise<void> {
    await earlier;
    await this.#takeTurn();
    const run = this.task(key);
    this.#waiting.delete(key);
    this.#running.set(key, run);
    try {
      await run;
    } finally {
      this.#running.delete(key);
      this.#giveTurn();
    }
  }

  async #takeTurn(): Promise<void> {
    if (this.#free > 0) this.#free -= 1;
    else await new Promise<void>((resolve) => this.#turns.push(resolve));
  }

  #giveTurn(): void {
    const next = this.#turns.shift();
    if (next === undefined) this.#free += 1;
    else next();
  }
}
