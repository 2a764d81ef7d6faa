import type { SetupError } from '../errors.js';
import { LiveLine } from './live-line.js';
import { errorText } from './report.js';
import { type Style, style } from './style.js';

/** What the flags of the command line ask for. */
export interface OutputOptions {
  readonly json: boolean;
  readonly quiet: boolean;
  readonly verbose: boolean;
  readonly color: boolean;
  /** Whether what runs now is shown in a line that is taken away again; never with `json` or `quiet`. */
  readonly live?: boolean;
}

/**
 * Where words go. For people: results on stdout, progress on stderr. With `--json`: one document on stdout, and
 * progress as JSON lines on stderr.
 */
export class Output {
  readonly style: Style;
  readonly json: boolean;
  readonly verbose: boolean;
  readonly quiet: boolean;
  private readonly line: LiveLine | null;

  constructor(options: OutputOptions) {
    this.json = options.json;
    this.verbose = options.verbose;
    this.quiet = options.quiet;
    this.style = style(options.color && !options.json);
    this.line = options.live && !options.json && !options.quiet ? new LiveLine(process.stderr) : null;
  }

  /** Text for people; nothing with `--json`. */
  print(text: string): void {
    if (!this.json) this.above(() => process.stdout.write(`${text}\n`));
  }

  /** What runs now, on a terminal that can draw a line anew; `null`: nothing. */
  running(text: string | null): void {
    this.line?.show(text);
  }

  /** The one document of `--json`. */
  document(value: unknown): void {
    if (this.json) process.stdout.write(`${JSON.stringify(value, null, 2)}\n`);
  }

  /** Something that is under way. */
  progress(text: string, event: Readonly<Record<string, unknown>>): void {
    if (this.json) process.stderr.write(`${JSON.stringify(event)}\n`);
    else if (!this.quiet) this.above(() => process.stderr.write(`${text}\n`));
  }

  /** Only with `--verbose`. */
  detail(text: string, event: Readonly<Record<string, unknown>>): void {
    if (this.verbose) this.progress(this.style.dim(text), event);
  }

  error(error: SetupError): void {
    this.running(null);
    if (this.json) {
      const { code, message, problems, hint, exitCode } = error;
      this.document({ error: { code, message, problems, hint: hint ?? null, exitCode } });
    } else {
      process.stderr.write(`${errorText(error, this.style)}\n`);
    }
    if (this.verbose && error.stack) process.stderr.write(`${this.style.dim(error.stack)}\n`);
  }

  private above(write: () => void): void {
    if (this.line === null) write();
    else this.line.above(write);
  }
}
