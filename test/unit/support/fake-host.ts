import { setImmediate } from 'node:timers/promises';
import { CommandError } from '../../../src/host/command.js';
import type {
  Channel,
  Child,
  CommandResult,
  ContainerEvent,
  ContainerInfo,
  Docker,
  FileStat,
  FreeSpace,
  Host,
  ImageInfo,
  RunOptions,
  Signal,
  SpawnOptions,
} from '../../../src/host/host.js';

/** What a scripted command answers: parts of its result, or a function that makes them. */
export type Answer = Partial<Pick<CommandResult, 'exitCode' | 'stdout' | 'stderr'>>;
type Script = (argv: readonly string[], options: RunOptions) => Answer | undefined;

/** Room on a disk that is as good as empty. */
const PLENTY: FreeSpace = { freeBytes: 2 ** 33, freeInodes: 100_000, readOnly: false };

/** Nobody is there at the other side. */
function brokenChannel(): Channel {
  let ended: () => void = () => {};
  return {
    listen: (_onLine, onEnd) => {
      ended = onEnd;
    },
    write: () => void setImmediate().then(() => ended()),
    close: () => {},
  };
}

/**
 * A host in memory: files in a map, commands answered by a script, a clock that jumps instead of waiting. It records
 * each command with its input.
 */
export class FakeHost implements Host {
  readonly commands: { readonly argv: readonly string[]; readonly input: string | undefined }[] = [];
  readonly spawned: {
    readonly argv: readonly string[];
    readonly options: SpawnOptions;
    end(exitCode: number): void;
  }[] = [];
  readonly content = new Map<string, string>();
  readonly links = new Map<string, string>();
  readonly containers = new Map<string, ContainerInfo>();
  readonly images = new Map<string, ImageInfo>();
  readonly programs = new Map<string, string>();
  /** Room below a path; plenty everywhere else. */
  readonly space = new Map<string, FreeSpace | null>();
  readonly env: Record<string, string | undefined> = {};
  readonly pid = 4000;
  script: Script = () => undefined;
  time = Date.UTC(2026, 0, 1);
  /** What happens meanwhile, by this clock: a timer of the machine would race it. */
  readonly #due: { readonly at: number; readonly act: () => void }[] = [];

  /** Let something happen once this clock has gone on by `ms`. */
  after(ms: number, act: () => void): void {
    this.#due.push({ at: this.time + ms, act });
  }
  #nextPid = 5000;

  async run(argv: readonly string[], options: RunOptions = {}): Promise<CommandResult> {
    this.commands.push({ argv, input: options.input });
    const answer = { exitCode: 0, stdout: '', stderr: '', ...this.script(argv, options) };
    const result = { argv, durationMs: 1, ...answer };
    if (options.check !== false && answer.exitCode !== 0) throw new CommandError(result);
    return result;
  }

  spawn(argv: readonly string[], options: SpawnOptions = {}): Child {
    const pid = this.#nextPid++;
    let end: (exitCode: number) => void = () => {};
    const exited = new Promise<{ exitCode: number | null; signal: string | null }>((resolve) => {
      end = (exitCode) => resolve({ exitCode, signal: null });
    });
    this.spawned.push({ argv, options, end });
    const channels = Array.from({ length: options.channels ?? 0 }, brokenChannel);
    return { pid, exited, write: () => {}, channels, kill: () => end(143) };
  }

  readonly signals: { readonly pid: number; readonly signal: Signal }[] = [];
  /** What a process does when it gets a signal. */
  onSignal: (pid: number, signal: Signal) => void = () => {};

  signal(pid: number, signal: Signal): void {
    this.signals.push({ pid, signal });
    this.onSignal(pid, signal);
  }

  async which(program: string): Promise<string | null> {
    return this.programs.get(program) ?? null;
  }

  readonly files: Host['files'] = {
    read: async (path) => this.content.get(path) ?? null,
    exists: async (path) => this.content.has(path),
    list: async (path) =>
      [...this.content.keys()]
        .filter((name) => name.startsWith(`${path}/`))
        .map((name) => name.slice(path.length + 1))
        .filter((name) => !name.includes('/'))
        .sort(),
    stat: async (path): Promise<FileStat | null> => {
      const text = this.content.get(path);
      if (text === undefined) return null;
      return { type: 'file', mode: 0o644, uid: 0, gid: 0, size: text.length, inode: 1 };
    },
    readlink: async (path) => this.links.get(path) ?? null,
    realpath: async (path) => path,
    space: async (path) => this.space.get(path) ?? PLENTY,
    write: async (path, content) => void this.content.set(path, content),
    removeTemporaries: async () => {},
    create: async (path, content) => {
      if (this.content.has(path)) return false;
      this.content.set(path, content);
      return true;
    },
    append: async (path, content) => void this.content.set(path, `${this.content.get(path) ?? ''}${content}`),
    mkdir: async () => {},
    rename: async (from, to) => {
      const text = this.content.get(from);
      if (text !== undefined) this.content.set(to, text);
      return this.content.delete(from);
    },
    remove: async (path) => void this.content.delete(path),
    removeTree: async (path) => {
      for (const name of this.content.keys()) if (name.startsWith(path)) this.content.delete(name);
    },
    hold: async (path) => ({ path: `/held${path}`, close: async () => {} }),
    watch: () => ({ close: () => {} }),
  };

  readonly docker: Docker = {
    version: async () => '0',
    securityOptions: async () => [],
    bridgeNetworks: async () => [],
    listContainers: async () => [...this.containers.values()].filter((c) => c.running).map((c) => c.id),
    inspect: async (name) =>
      [...this.containers.values()].find((c) => c.name === name || c.id.startsWith(name)) ?? null,
    events: (signal, onOpen) => quietEvents(signal, onOpen),
    hasImage: async () => false,
    inspectImage: async (reference) => this.images.get(reference) ?? null,
    pull: async () => {},
    removeImage: async () => {},
    importImage: async () => {},
    start: async () => '',
    restart: async () => {},
    remove: async () => {},
  };

  /** Name servers that answer. */
  readonly nameServers = new Set<string>();
  readonly dns: Host['dns'] = { answers: async (server) => this.nameServers.has(server) };

  readonly clock: Host['clock'] = {
    now: () => this.time,
    elapsed: () => this.time,
    // Jumps, and still lets everything else have its turn.
    sleep: async (ms, signal) => {
      signal?.throwIfAborted();
      this.time += ms;
      for (const one of this.#due.filter(({ at }) => at <= this.time)) {
        this.#due.splice(this.#due.indexOf(one), 1);
        one.act();
      }
      await setImmediate();
    },
  };

  isRoot(): boolean {
    return true;
  }
}

/** A running container. */
export function containerInfo(parts: Partial<ContainerInfo> = {}): ContainerInfo {
  return {
    id: '0123456789abcdef'.repeat(4),
    name: 'web-7',
    running: true,
    pid: 321,
    startedAt: '2026-01-01T00:00:00Z',
    env: [],
    hostname: 'web.example',
    networkMode: 'none',
    image: 'busybox',
    imageId: 'sha256:b0',
    labels: {},
    finishedAt: '0001-01-01T00:00:00Z',
    resolvConfPath: '',
    hasOwnDns: false,
    ...parts,
  };
}

/** An engine on which nothing happens. */
async function* quietEvents(signal: AbortSignal, onOpen: () => void): AsyncGenerator<ContainerEvent> {
  onOpen();
  await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()));
  yield* [];
}
