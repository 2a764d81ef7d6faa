/** Where the picture is drawn: the terminal's second screen (xterm's control sequences, 1049), so that the first stays. */
export class Screen {
  constructor(private readonly out: { write(text: string): unknown; readonly rows?: number }) {
    out.write('\x1b[?1049h\x1b[?25l');
  }

  /** Draw a text from the top. What does not fit below is left out, and said. */
  draw(text: string): void {
    const lines = text.split('\n');
    const rows = (this.out.rows || 24) - 1;
    const shown =
      lines.length <= rows ? lines : [...lines.slice(0, rows - 1), `… ${lines.length - rows + 1} more lines`];
    // Each line is cleared to its end after it was written, so that nothing flickers.
    this.out.write(`\x1b[H${shown.map((line) => `${line}\x1b[K\n`).join('')}\x1b[J`);
  }

  /** Back to the first screen, with the last picture on it. */
  end(text: string): void {
    this.out.write(`\x1b[?25h\x1b[?1049l${text}\n`);
  }
}

/** Whether a terminal shows more than ASCII, by its locale (locale(7): LC_ALL, then LC_CTYPE, then LANG). */
export function isUnicodeTerminal(env: Readonly<Record<string, string | undefined>>): boolean {
  const locale = env.LC_ALL || env.LC_CTYPE || env.LANG || '';
  return env.TERM !== 'dumb' && /utf-?8/i.test(locale);
}
