/**
 * Runs a task for one key at a time, and for several keys at once. Waking a key that waits already changes nothing;
 * waking one whose task runs makes it run once more after that, since it may have looked too early.
 */
export class KeyedQueue {
  readonly #waiting = new Map<string, Promise<void>>();
  readonly #running = new Map<string, Promise<void>>();
  #free: number;
  readonly #turns: { readonly key: string; readonly take: () => void }[] = [];
  readonly #urgent = new Set<string>();

  /** `task` must not throw. */
  constructor(
    private readonly task: (key: string) => Promise<void>,
    atOnce: number,
  ) {
    this.#free = atOnce;
  }

  /**
   * Resolves when a run that starts after this call is done.
   * @param urgent its turn comes before those that are not, also when it waits already
   */
  wake(key: string, urgent = false): Promise<void> {
    if (urgent) this.#urgent.add(key);
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
    await this.#takeTurn(key);
    this.#urgent.delete(key);
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

  async #takeTurn(key: string): Promise<void> {
    if (this.#free > 0) this.#free -= 1;
    else await new Promise<void>((take) => this.#turns.push({ key, take }));
  }

  #giveTurn(): void {
    const urgent = this.#turns.findIndex(({ key }) => this.#urgent.has(key));
    const [next] = this.#turns.splice(Math.max(urgent, 0), 1);
    if (next === undefined) this.#free += 1;
    else next.take();
  }
}
