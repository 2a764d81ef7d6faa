/**
 * The one door to the machine. Everything that spawns a process, touches a file of the host, talks to Docker or
 * reads the clock goes through a `Host`.
 */
export interface Host {
  /** Run a command to its end. Throws `CommandError` unless it exits 0 or `check` is false. */
  run(argv: readonly string[], options?: RunOptions): Promise<CommandResult>;
  /** Start a command that stays; it is the caller's to stop. */
  spawn(argv: readonly string[], options?: SpawnOptions): Child;
  /** Send a signal to a process; not an error when it is gone. */
  signal(pid: number, signal: Signal): void;
  /** Absolute path of a program on root's PATH, `null` when there is none. */
  which(program: string): Promise<string | null>;
  readonly files: HostFiles;
  readonly docker: Docker;
  readonly dns: Dns;
  readonly clock: Clock;
  /** The environment that the tool was started with. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly pid: number;
  isRoot(): boolean;
}

/** How a command is run. */
export interface RunOptions {
  /** Text for standard input; without it stdin is closed. */
  readonly input?: string;
  /** Default 60 000. */
  readonly timeoutMs?: number;
  /** false: a non-zero exit is returned, not thrown. Default true. */
  readonly check?: boolean;
  /** Added to the environment. */
  readonly env?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
  /** A process group of its own: signals of the terminal do not reach it. Default false. */
  readonly ownProcessGroup?: boolean;
  /** Called for each line of stdout and stderr as it comes. */
  readonly onLine?: (line: string) => void;
}

/** How a command ended. */
export interface CommandResult {
  readonly argv: readonly string[];
  /** `null` when a signal or the time limit ended it. */
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
  readonly durationMs: number;
}

/** How a command that stays is started. */
export interface SpawnOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly onLine?: (line: string) => void;
  /** Its own session, so that it survives the tool. Default false. */
  readonly detached?: boolean;
  /** So many connections with it, as its descriptors from 3 on. Default 0. */
  readonly channels?: number;
}

/** A connection in both directions with a command that stays. */
export interface Channel {
  /** Call back with each line, and once when there will be none any more; instead of who listened before. */
  listen(onLine: (line: string) => void, onEnd: () => void): void;
  /** Not an error when nobody reads it. */
  write(text: string): void;
  /** The other side reads its end. */
  close(): void;
}

/** A command that stays. */
export interface Child {
  readonly pid: number;
  /** Resolves when it ends, whatever the way; never rejects. */
  readonly exited: Promise<{ exitCode: number | null; signal: string | null }>;
  /** A write to standard input. */
  write(text: string): void;
  /** As many as were asked for. */
  readonly channels: readonly Channel[];
  kill(signal?: Signal): void;
}

/** Signals that are used. */
export type Signal = 'SIGTERM' | 'SIGINT' | 'SIGKILL' | 'SIGALRM' | 'SIGUSR1' | 'SIGUSR2';

/** The files of the machine. */
export interface HostFiles {
  /** `null` when there is no such file. */
  read(path: string): Promise<string | null>;
  exists(path: string): Promise<boolean>;
  /** Names in a directory, sorted; empty when it does not exist. */
  list(path: string): Promise<string[]>;
  /** `null` when there is nothing at the path. Does not follow a last symbolic link. */
  stat(path: string): Promise<FileStat | null>;
  /** Target of a symbolic link; `null` when it is not one. */
  readlink(path: string): Promise<string | null>;
  realpath(path: string): Promise<string>;
  /** Room on the file system of a path; `null` when there is nothing at the path. */
  space(path: string): Promise<FreeSpace | null>;
  /**
   * Replace a file in one step: a temporary file beside it, fsync, rename. An existing file keeps its owner; a
   * symbolic link is followed, so that the file it names is the one replaced.
   */
  write(path: string, content: string, mode?: number): Promise<void>;
  /** Remove what a `write` or `create` of this file has left beside it when it was killed. */
  removeTemporaries(path: string): Promise<void>;
  /** Create a file that must not exist yet, with all its content at once; false when it does. */
  create(path: string, content: string, mode?: number): Promise<boolean>;
  /** Append and fsync: for a journal. */
  append(path: string, content: string): Promise<void>;
  mkdir(path: string, mode?: number): Promise<void>;
  /** Give a file another name on the same file system, in one step; false when there is no such file. */
  rename(from: string, to: string): Promise<boolean>;
  remove(path: string): Promise<void>;
  removeTree(path: string): Promise<void>;
  /** Hold a file open; the handle names the same object also after the path means something else. */
  hold(path: string): Promise<HeldFile>;
  /** Call back with the name of each file that changes in a directory, until closed. */
  watch(path: string, onChange: (name: string) => void): { close(): void };
}

/** What stat(2) says of a file. */
export interface FileStat {
  readonly type: 'file' | 'directory' | 'symlink' | 'other';
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly size: number;
  readonly inode: number;
}

/** What a file system has left. */
export interface FreeSpace {
  /** Without what is kept back for root; `null` when the file system does not count. */
  readonly freeBytes: number | null;
  /** How many more files fit; `null` when the file system does not count. */
  readonly freeInodes: number | null;
  readonly readOnly: boolean;
}

/** An open file, as a path that other processes can use while it is held. */
export interface HeldFile {
  readonly path: string;
  close(): Promise<void>;
}

/** Questions to name servers, past the resolver of the system. */
export interface Dns {
  /** Whether a server answers a question at all, in this time; "no such name" is an answer. */
  answers(server: string, timeoutMs: number): Promise<boolean>;
}

/** Milliseconds everywhere. */
export interface Clock {
  /** Since the epoch; it jumps when somebody sets the clock. */
  now(): number;
  /** Since some moment; it never jumps, so it is the one to wait by. */
  elapsed(): number;
  /** Rejects when the signal aborts. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

/** The part of the Docker Engine API that is needed. Errors are `DockerError`. */
export interface Docker {
  /** Version of the engine. Throws when it does not answer. */
  version(): Promise<string>;
  /** How the engine is confined, e.g. `name=rootless`. */
  securityOptions(): Promise<readonly string[]>;
  /** Networks of the driver `bridge`. */
  bridgeNetworks(): Promise<readonly { readonly name: string; readonly bridge: string }[]>;
  listContainers(): Promise<readonly string[]>;
  /** `null` when there is no such container. */
  inspect(idOrName: string): Promise<ContainerInfo | null>;
  /** Container events until aborted, or until the engine goes away. `onOpen`: the stream is up. */
  events(signal: AbortSignal, onOpen: () => void): AsyncIterable<ContainerEvent>;
  hasImage(reference: string): Promise<boolean>;
  /** `null` when there is no such image. */
  inspectImage(reference: string): Promise<ImageInfo | null>;
  pull(reference: string): Promise<void>;
  removeImage(reference: string): Promise<void>;
  /** Import a root file system as an image, from a tar archive on disk. */
  importImage(tarPath: string, reference: string): Promise<void>;
  /** Create and start; the id. */
  start(options: StartContainer): Promise<string>;
  restart(id: string): Promise<void>;
  /** Kill and remove; not an error when it is gone already. */
  remove(id: string): Promise<void>;
}

/** A container, as far as it concerns us. */
export interface ContainerInfo {
  readonly id: string;
  /** Without the leading slash. */
  readonly name: string;
  readonly running: boolean;
  /** 0 when it does not run. */
  readonly pid: number;
  readonly startedAt: string;
  readonly env: readonly string[];
  readonly hostname: string;
  readonly networkMode: string;
  readonly image: string;
  /** Of the image that it was made from: it stays the same when the name means another one. */
  readonly imageId: string;
  readonly labels: Readonly<Record<string, string>>;
  /** When it stopped last, ISO 8601; `0001-…` when it never did. */
  readonly finishedAt: string;
  /** The host's file that Docker mounts as its /etc/resolv.conf; empty when there is none. */
  readonly resolvConfPath: string;
  /** Name servers or search domains were given when it was created (`docker run --dns`). */
  readonly hasOwnDns: boolean;
}

/** What an image gives to each container made from it. */
export interface ImageInfo {
  readonly id: string;
  readonly env: readonly string[];
  readonly labels: Readonly<Record<string, string>>;
}

/** Something happened to a container. */
export interface ContainerEvent {
  readonly action: string;
  readonly id: string;
  readonly name: string;
}

/** A container to be created and started. */
export interface StartContainer {
  readonly name: string;
  readonly image: string;
  readonly command: readonly string[];
  readonly env: readonly string[];
  readonly networkMode: string;
  readonly labels: Readonly<Record<string, string>>;
}
