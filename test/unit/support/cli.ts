import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const PROGRAM = fileURLToPath(new URL('../../../bin/bridge-setup.js', import.meta.url));
const PATIENCE_MS = 20_000;

/** How a run of the program ended. */
export interface CliResult {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

interface CliOptions {
  /** Standard input; `open`: a pipe that nobody ever writes to or closes. Nothing to read by default. */
  readonly input?: string | { readonly open: true };
  readonly env?: Readonly<Record<string, string>>;
  /** In a terminal, made by script(1). */
  readonly terminal?: boolean;
}

/** Run the program as built, without the colours or flags that the tests themselves were started with. */
export function bridgeSetup(args: readonly string[], options: CliOptions = {}): Promise<CliResult> {
  const { input = '', env = {}, terminal = false } = options;
  const argv = [process.execPath, PROGRAM, ...args];
  const [program = '', ...rest] = terminal
    ? ['script', '--quiet', '--return', '--command', argv.map((word) => `'${word}'`).join(' '), '/dev/null']
    : argv;
  const child = spawn(program, rest, {
    env: { PATH: process.env.PATH ?? '', HOME: '/nonexistent', TERM: 'xterm', ...env },
    timeout: PATIENCE_MS,
  });
  if (typeof input === 'string') child.stdin.end(input);
  const said = { stdout: '', stderr: '' };
  for (const stream of ['stdout', 'stderr'] as const) {
    child[stream].setEncoding('utf8').on('data', (text: string) => (said[stream] += text));
  }
  return new Promise((resolve) => child.on('close', (exitCode) => resolve({ exitCode, ...said })));
}
