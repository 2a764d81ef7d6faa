import type { Command } from 'commander';
import { containerHost, refuseHalfContainer, runsInContainer } from '../host/container-host.js';
import type { Host } from '../host/host.js';
import { localHost } from '../host/local-host.js';
import { Output } from '../ui/output.js';
import { duration } from '../ui/report.js';

/** What every command is given. */
export interface CliContext {
  readonly host: Host;
  readonly output: Output;
  /** Aborted by Ctrl-C or SIGTERM. */
  readonly signal: AbortSignal;
}

/** Flags that all commands take. */
export interface CommonFlags {
  readonly json?: boolean;
  readonly verbose?: boolean;
  readonly quiet?: boolean;
  readonly color?: boolean;
}

/** Give a command the flags that all take. */
export function withCommonFlags(command: Command): Command {
  return command
    .option('--json', 'one JSON document on stdout, progress as JSON lines on stderr')
    .option('-v, --verbose', 'show every command that is run, ready to paste, with its time')
    .option('-q, --quiet', 'no progress')
    .option('--no-color', 'no colours (also: NO_COLOR in the environment)');
}

/** The context that flags ask for. */
export function createContext(flags: CommonFlags): CliContext {
  const color =
    flags.color !== false &&
    !process.env.NO_COLOR &&
    process.env.TERM !== 'dumb' &&
    process.stdout.isTTY === true;
  const output = new Output({
    json: flags.json ?? false,
    verbose: flags.verbose ?? false,
    quiet: flags.quiet ?? false,
    color,
  });
  const host = (runsInContainer(process.env) ? containerHost : localHost)((command, ms) =>
    output.detail(`$ ${command}  # ${duration(ms)}`, {
      event: 'command',
      command,
      durationMs: Math.round(ms),
    }),
  );
  return { host, output, signal: stopSignal() };
}

/** Refuse a container that was started without what it needs to act on its host. */
export async function refuseWithoutHost({ host }: CliContext): Promise<void> {
  if (runsInContainer(host.env)) await refuseHalfContainer();
}

/** Aborts at the first Ctrl-C or SIGTERM. A lost terminal (SIGHUP) stops nothing: the network may be half moved. */
function stopSignal(): AbortSignal {
  const controller = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.on(name, () => controller.abort());
  process.on('SIGHUP', () => {});
  return controller.signal;
}
