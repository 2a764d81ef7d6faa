import { EXIT, type SetupError } from '../errors.js';
import { nameCommand, PROGRAM_NAME } from './command-name.js';
import { LiveLine } from './live-line.js';
import { errorText } from './report.js';
import { type Style, style } from './style.js';
import { folded, foldedProse } from './wrap.js';

/** What the flags of the command line ask for. */
export interface OutputOptions {
  readonly json: boolean;
  readonly quiet: boolean;
  readonly verbose: boolean;
  readonly color: boolean;
  /** Whether what runs now is shown in a line that is taken away again; never with `json` or `quiet`. */
  readonly live?: boolean;
  /** Columns of the terminals behind stdout and stderr; `Infinity`, as for a pipe: lines are as long as they are. */
  readonly columns?: { readonly stdout: number; readonly stderr: number };
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
  /** Columns for results. */
  readonly width: number;
  private readonly progressWidth: number;
  private readonly line: LiveLine | null;
  /** How the program is started here (see `nameCommand`); its name as long as nobody knows better. */
  command = PROGRAM_NAME;

  constructor(options: OutputOptions) {
    this.json = options.json;
    this.verbose = options.verbose;
    this.quiet = options.quiet;
    this.width = options.columns?.stdout ?? Infinity;
    this.progressWidth = options.columns?.stderr ?? Infinity;
    this.style = style(options.color && !options.json);
    this.line = options.live && !options.json && !options.quiet ? new LiveLine(process.stderr) : null;
  }

  /** Text for people; nothing with `--json`. */
  print(text: string): void {
    if (!this.json) this.above(() => process.stdout.write(`${text}\n`));
  }

  /** The same for sentences that say what to do: broken between words, and their commands can be pasted. */
  advise(text: string): void {
    const lines = nameCommand(text, this.command).split('\n');
    this.print(lines.map((line) => foldedProse(line, this.width)).join('\n'));
  }

  /** What runs now, on a terminal that can draw a line anew; `null`: nothing. */
  running(text: string | null): void {
    this.line?.show(text);
  }

  /** Something that begins and may take seconds: what runs now on a terminal, an event with `--json`. */
  stage(text: string, event: Readonly<Record<string, unknown>>): void {
    if (this.json) this.report('', event);
    else this.running(text);
  }

  /** The one document of `--json`. */
  document(value: unknown): void {
    if (this.json) process.stdout.write(`${JSON.stringify(value, null, 2)}\n`);
  }

  /** Something that is under way. */
  progress(text: string, event: Readonly<Record<string, unknown>>): void {
    this.report(folded(nameCommand(text, this.command), this.progressWidth), event);
  }

  /** Only with `--verbose`; as it is, since it may be a command to paste. */
  detail(text: string, event: Readonly<Record<string, unknown>>): void {
    if (this.verbose) this.report(this.style.dim(text), event);
  }

  error(error: SetupError): void {
    this.running(null);
    if (this.json) {
      const { code, message, problems, hint, exitCode } = error;
      this.document({ error: { code, message, problems, hint: hint ?? null, exitCode } });
    } else {
      // Who has just typed a command wrong knows how it begins.
      const command = error.exitCode === EXIT.usage ? PROGRAM_NAME : this.command;
      process.stderr.write(`${errorText(error, this.style, this.progressWidth, command)}\n`);
    }
    if (this.verbose && error.stack) process.stderr.write(`${this.style.dim(error.stack)}\n`);
  }

  private report(text: string, event: Readonly<Record<string, unknown>>): void {
    if (this.json) process.stderr.write(`${JSON.stringify(event)}\n`);
    else if (!this.quiet) this.above(() => process.stderr.write(`${text}\n`));
  }

  private above(write: () => void): void {
    if (this.line === null) write();
    else this.line.above(write);
  }
}
