const PERIOD_MS = 1000;

/** The last line of a terminal: what runs now, and for how long. It is taken away whenever something else is written. */
export class LiveLine {
  private text: string | null = null;
  private since = 0;
  private timer: NodeJS.Timeout | undefined;

  constructor(private readonly out: { write(text: string): unknown; readonly columns?: number }) {}

  /** Begin with a text, or end with `null`. */
  show(text: string | null): void {
    this.erase();
    clearInterval(this.timer);
    this.text = text;
    this.since = performance.now();
    if (text === null) return;
    this.draw();
    this.timer = setInterval(() => {
      this.erase();
      this.draw();
    }, PERIOD_MS).unref();
  }

  /** Write something else above it. */
  above(write: () => void): void {
    this.erase();
    write();
    this.draw();
  }

  private erase(): void {
    if (this.text !== null) this.out.write('\r\x1b[K');
  }

  private draw(): void {
    if (this.text === null) return;
    const elapsed = performance.now() - this.since;
    const time = elapsed < PERIOD_MS ? '' : ` (${Math.floor(elapsed / 1000)} s)`;
    const room = (this.out.columns || 80) - time.length - 5;
    this.out.write(`  … ${this.text.slice(0, room)}${time}`);
  }
}
