import type { SetupError } from '../errors.js';
import { errorText } from './report.js';
import { type Style, style } from './style.js';

/** What the flags of the command line ask for. */
export interface OutputOptions {
  readonly json: boolean;
  readonly quiet: boolean;
  readonly verbose: boolean;
  readonly color: boolean;
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

  constructor(options: OutputOptions) {
    this.json = options.json;
    this.verbose = options.verbose;
    this.quiet = options.quiet;
    this.style = style(options.color && !options.json);
  }

  /** Text for people; nothing with `--json`. */
  print(text: string): void {
    if (!this.json) process.stdout.write(`${text}\n`);
  }

  /** The one document of `--json`. */
  document(value: unknown): void {
    if (this.json) process.stdout.write(`${JSON.stringify(value, null, 2)}\n`);
  }

  /** Something that is under way. */
  progress(text: string, event: Readonly<Record<string, unknown>>): void {
    if (this.json) process.stderr.write(`${JSON.stringify(event)}\n`);
    else if (!this.quiet) process.stderr.write(`${text}\n`);
  }

  /** Only with `--verbose`. */
  detail(text: string, event: Readonly<Record<string, unknown>>): void {
    if (this.verbose) this.progress(this.style.dim(text), event);
  }

  error(error: SetupError): void {
    if (this.json) {
      const { code, message, problems, hint, exitCode } = error;
      this.document({ error: { code, message, problems, hint: hint ?? null, exitCode } });
    } else {
      process.stderr.write(`${errorText(error, this.style)}\n`);
    }
    if (this.verbose && error.stack) process.stderr.write(`${this.style.dim(error.stack)}\n`);
  }
}
