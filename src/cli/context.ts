import type { Host } from '../host/host.js';
import { runsInContainer } from '../model/runtime-container.js';
import { Output } from '../ui/output.js';
import { duration } from '../ui/report.js';

/** What every command is given. */
export interface CliContext {
  readonly host: Host;
  readonly output: Output;
  /** Aborted by Ctrl-C or SIGTERM. */
  readonly signal: AbortSignal;
  /** What somebody has said to the wizard's first question; `null`: nobody was asked. */
  readonly first: FirstChoice | null;
}

/** What a person may want of the wizard. */
export type FirstChoice = 'rehearse' | 'set-up' | 'leave';

/** Flags that all commands take. */
export interface CommonFlags {
  readonly json?: boolean;
  readonly verbose?: boolean;
  readonly quiet?: boolean;
  readonly color?: boolean;
}

/** Where words go, as the flags ask for. */
export function createOutput(flags: CommonFlags): Output {
  const canDraw = process.env.TERM !== 'dumb';
  const color = flags.color !== false && !process.env.NO_COLOR && canDraw && process.stdout.isTTY === true;
  // Questions have colours of their own, which go by this variable.
  if (!color) process.env.NO_COLOR = '1';
  return new Output({
    json: flags.json ?? false,
    verbose: flags.verbose ?? false,
    quiet: flags.quiet ?? false,
    color,
    live: canDraw && process.stderr.isTTY === true,
    columns: { stdout: columnsOf(process.stdout), stderr: columnsOf(process.stderr) },
  });
}

const columnsOf = ({ isTTY, columns }: NodeJS.WriteStream) => (isTTY && columns) || Infinity;

/** The host that the program acts on. Loaded when it is needed: the first question comes before. */
export async function openHost(output: Output): Promise<Host> {
  const { containerHost, refuseHalfContainer } = await import('../host/container-host.js');
  const { localHost } = await import('../host/local-host.js');
  const isContainer = runsInContainer(process.env);
  if (isContainer) await refuseHalfContainer();
  return (isContainer ? containerHost : localHost)((command, ms) =>
    output.detail(`$ ${command}  # ${duration(ms)}`, {
      event: 'command',
      command,
      durationMs: Math.round(ms),
    }),
  );
}

/** Aborts at the first Ctrl-C or SIGTERM. A lost terminal (SIGHUP) stops nothing: the network may be half moved. */
export function stopSignal(): AbortSignal {
  const controller = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.on(name, () => controller.abort());
  process.on('SIGHUP', () => {});
  return controller.signal;
}
