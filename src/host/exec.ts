import { execa } from 'execa';
import { CommandError } from './command.js';
import type { Child, CommandResult, RunOptions, SpawnOptions } from './host.js';

const DEFAULT_TIMEOUT_MS = 60_000;
/** The PATH of a root login; a user's `su` without `-` lacks the sbin folders where `ip` lives. */
const ROOT_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/** The environment of every command: no translations in what we parse, no prompts from the package manager. */
function environment(extra: Readonly<Record<string, string>> = {}): Record<string, string> {
  const path = process.env.PATH ? `${process.env.PATH}:${ROOT_PATH}` : ROOT_PATH;
  return { PATH: path, LC_ALL: 'C', ...extra };
}

/** Run a command to its end; see `Host.run`. A missing program is a result with exit code 127, as in a shell. */
export async function run(argv: readonly string[], options: RunOptions = {}): Promise<CommandResult> {
  const [program, ...args] = argv;
  if (program === undefined) throw new TypeError('empty argv');
  const started = performance.now();
  const subprocess = execa(program, args, {
    reject: false,
    stripFinalNewline: false,
    timeout: options.timeoutMs ?? DEFAULT_TIMEOUT_MS,
    killSignal: 'SIGTERM',
    detached: options.ownProcessGroup ?? false,
    env: environment(options.env),
    ...(options.input === undefined ? { stdin: 'ignore' } : { input: options.input }),
    ...(options.signal === undefined ? {} : { cancelSignal: options.signal }),
  });
  if (options.onLine !== undefined) {
    const { onLine } = options;
    for (const stream of [subprocess.stdout, subprocess.stderr]) eachLine(stream, onLine);
  }
  const outcome = await subprocess;
  const notFound = outcome.code === 'ENOENT';
  const result: CommandResult = {
    argv,
    exitCode: notFound ? 127 : (outcome.exitCode ?? null),
    stdout: outcome.stdout,
    stderr: notFound ? `${program}: command not found` : outcome.stderr,
    durationMs: performance.now() - started,
  };
  if (options.check !== false && result.exitCode !== 0) throw new CommandError(result);
  return result;
}

/** Start a command that stays; see `Host.spawn`. */
export function spawn(argv: readonly string[], options: SpawnOptions = {}): Child {
  const [program, ...args] = argv;
  if (program === undefined) throw new TypeError('empty argv');
  const subprocess = execa(program, args, {
    reject: false,
    buffer: false,
    env: environment(options.env),
    detached: options.detached ?? false,
    cleanup: !options.detached,
    stdin: options.detached ? 'ignore' : 'pipe',
    stdout: options.onLine ? 'pipe' : 'ignore',
    stderr: options.onLine ? 'pipe' : 'ignore',
  });
  if (options.onLine) {
    for (const stream of [subprocess.stdout, subprocess.stderr]) eachLine(stream, options.onLine);
  }
  if (options.detached) subprocess.unref();
  return {
    pid: subprocess.pid ?? -1,
    exited: subprocess.then(({ exitCode, signal }) => ({
      exitCode: exitCode ?? null,
      signal: signal ?? null,
    })),
    write: (text) => void subprocess.stdin?.write(text),
    kill: (signal = 'SIGTERM') => void subprocess.kill(signal),
  };
}

function eachLine(stream: NodeJS.ReadableStream | null, onLine: (line: string) => void): void {
  let rest = '';
  stream?.setEncoding('utf8');
  stream?.on('data', (chunk: string) => {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) onLine(line);
  });
  stream?.on('end', () => {
    if (rest !== '') onLine(rest);
  });
}
