import { EXIT, messageOf, SetupError } from './errors.js';

/** Run the command line and leave with its exit code. The only place that ends the process. */
export async function main(argv: readonly string[]): Promise<void> {
  // The terminal may go away while the network moves; the work goes on.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {});
  const { runCommandLine } = await import('./cli/command-line.js');
  process.exit(await runCommandLine(argv).catch(reportBug));
}

function reportBug(error: unknown): number {
  const stack = error instanceof Error && !(error instanceof SetupError) ? error.stack : undefined;
  process.stderr.write(
    `Error: ${messageOf(error)} [bug]\nThis should not have happened. Please report it with these lines:\n${stack ?? ''}\n`,
  );
  return EXIT.bug;
}
