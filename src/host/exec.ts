import { type ChildProcess, spawn as spawnProcess } from 'node:child_process';
import { kill } from 'node:process';
import type { Duplex } from 'node:stream';
import { execa } from 'execa';
import { CommandError } from './command.js';
import type { Channel, Child, CommandResult, RunOptions, SpawnOptions } from './host.js';

const DEFAULT_TIMEOUT_MS = 60_000;
/** How long a command that has ended may be silent until its output counts as complete. */
const DRAIN_MS = 100;
/** The PATH of a root login; a user's `su` without `-` lacks the sbin folders where `ip` lives. */
const ROOT_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/** The environment of every command: no translations in what we parse, no prompts from the package manager. */
function environment(extra: Readonly<Record<string, string>> = {}): Record<string, string> {
  const path = process.env.PATH ? `${process.env.PATH}:${ROOT_PATH}` : ROOT_PATH;
  return { PATH: path, LC_ALL: 'C', ...extra };
}

let ownEnvironment: NodeJS.ProcessEnv | undefined;

/** This process's environment. It stays as it is, and to read it took a seventh of the time of starting a process. */
function inherited(): NodeJS.ProcessEnv {
  ownEnvironment ??= { ...process.env };
  return ownEnvironment;
}

/**
 * Why the kernel does not start a program just now, although it could. That says nothing of what the command was to find
 * out, and who tolerates that a command fails (`check: false`) would take it for "there is none".
 */
const OUT_OF_RESOURCES = new Set(['EAGAIN', 'EMFILE', 'ENFILE', 'ENOMEM']);

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
  endWithCommand(subprocess, options.ownProcessGroup ?? false);
  const outcome = await subprocess;
  const result: CommandResult = {
    argv,
    ...(outcome.isTerminated || outcome.exitCode !== undefined
      ? { exitCode: outcome.exitCode ?? null, stdout: outcome.stdout, stderr: outcome.stderr }
      : notStarted(program, outcome.code, outcome.originalMessage)),
    durationMs: performance.now() - started,
  };
  const isNoResult = outcome.code !== undefined && OUT_OF_RESOURCES.has(outcome.code);
  if (isNoResult || (options.check !== false && result.exitCode !== 0)) throw new CommandError(result);
  return result;
}

/** A program that did not start: exit codes and words are those of a shell (POSIX, Shell Command Language, 2.8.2). */
function notStarted(program: string, code: string | undefined, message: string | undefined) {
  return code === 'ENOENT'
    ? { exitCode: 127, stdout: '', stderr: `${program}: command not found` }
    : { exitCode: 126, stdout: '', stderr: `${program}: cannot be run: ${message ?? code}` };
}

/**
 * A command is over when its own process is, not when the last process that it started has let go of its output:
 * an `up` line of interfaces(5) may start a daemon. One that was ended by force takes along what it was waiting for.
 */
function endWithCommand(subprocess: Pipes, ownProcessGroup: boolean): void {
  const streams = [subprocess.stdout, subprocess.stderr].filter((stream) => stream !== null);
  subprocess.once('exit', (exitCode) => {
    if (exitCode === null && ownProcessGroup) signalGroup(subprocess.pid);
    let heard = true;
    for (const stream of streams) stream.on('data', () => (heard = true));
    // Two ticks without a word: what was still on its way has been read between them.
    const timer = setInterval(() => {
      if (!heard) {
        clearInterval(timer);
        for (const stream of streams) stream.destroy();
      }
      heard = false;
    }, DRAIN_MS).unref();
  });
}

type Pipes = Pick<ChildProcess, 'pid' | 'stdout' | 'stderr' | 'once'>;

function signalGroup(leader: number | undefined): void {
  try {
    if (leader !== undefined) kill(-leader, 'SIGTERM');
  } catch {
    // Nobody was left in it.
  }
}

/** Start a command that stays; see `Host.spawn`. By Node itself: execa takes two more milliseconds, which an attach feels. */
export function spawn(argv: readonly string[], options: SpawnOptions = {}): Child {
  const [program, ...args] = argv;
  if (program === undefined) throw new TypeError('empty argv');
  const { detached = false, onLine, channels = 0 } = options;
  const output = onLine === undefined ? 'ignore' : 'pipe';
  const subprocess = spawnProcess(program, args, {
    env: { ...inherited(), ...environment(options.env) },
    detached,
    stdio: [detached ? 'ignore' : 'pipe', output, output, ...Array<'pipe'>(channels).fill('pipe')],
  });
  // Who reads it may have ended.
  subprocess.stdin?.on('error', () => {});
  if (onLine !== undefined) {
    for (const stream of [subprocess.stdout, subprocess.stderr]) eachLine(stream, onLine);
  }
  if (detached) subprocess.unref();
  return {
    pid: subprocess.pid ?? -1,
    exited: endOf(subprocess, detached),
    write: (text) => void subprocess.stdin?.write(text),
    channels: pipesOf(subprocess)
      .slice(3)
      .map((stream) => channelOf(stream as Duplex)),
    kill: (signal = 'SIGTERM') => void subprocess.kill(signal),
  };
}

/** None, and against its type, where there were not enough descriptors to start it. */
const pipesOf = ({ stdio }: { readonly stdio?: ChildProcess['stdio'] }) => stdio ?? [];

/** They end with this process. */
const dependants = new Set<ChildProcess>();
process.once('exit', () => {
  for (const subprocess of dependants) subprocess.kill();
});

/** The end of a process, once all that it said was heard. */
function endOf(subprocess: ChildProcess, detached: boolean): Child['exited'] {
  if (!detached) dependants.add(subprocess);
  return new Promise((resolve) => {
    subprocess.once('error', () => resolve({ exitCode: 127, signal: null }));
    subprocess.once('close', (exitCode, signal) => {
      dependants.delete(subprocess);
      resolve({ exitCode, signal });
    });
  });
}

/** Beyond the first three, Node.js makes a pair of sockets for each (child_process, `options.stdio`). */
function channelOf(stream: Duplex): Channel {
  let listener: Parameters<Channel['listen']> = [() => {}, () => {}];
  stream.on('error', () => {});
  eachLine(stream, (line) => listener[0](line));
  stream.once('close', () => listener[1]());
  return {
    listen: (...next) => {
      listener = next;
    },
    write: (text) => void stream.write(text),
    close: () => void stream.destroy(),
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
  const last = () => {
    if (rest !== '') onLine(rest);
    rest = '';
  };
  // A stream that was closed early has no end.
  stream?.on('end', last).on('close', last);
}
