import { RUN_FOLDER, STATE_FOLDER } from '../model/paths.js';
import type { Docker, Host, HostFiles } from './host.js';
import { leavesHostAlone } from './reading.js';

/** What a run has done to its host so far. */
export interface Effects {
  /** In the words of a log, the first one first; at most `MAX_NOTED`. What was undone is not among them. */
  readonly done: readonly string[];
  /** Something was done, and then undone. */
  readonly undone: boolean;
  /** The change was finished, and stays whatever comes after it. */
  readonly kept: boolean;
}

const MAX_NOTED = 20;
const NONE: Effects = { done: [], undone: false, kept: false };

class Ledger implements Effects {
  readonly done: string[] = [];
  undone = false;
  kept = false;

  note(what: string): void {
    if (this.done.length < MAX_NOTED && !this.done.includes(what)) this.done.push(what);
  }
}

const ledgers = new WeakMap<Host, Ledger>();
const originals = new WeakMap<Host, Host>();

/** What a host that is watched has seen; nothing for another one. "Nothing was changed" holds only where this is empty. */
export function effectsOn(host: Host): Effects {
  return ledgers.get(host) ?? NONE;
}

/** From here on the change stays: what fails after this has not changed it. */
export function keepEffects(host: Host): void {
  const ledger = ledgers.get(host);
  if (ledger !== undefined) ledger.kept = true;
}

/**
 * Where something begins that is undone if it fails.
 * @returns to be called when it was undone: from then on none of its effects counts
 */
export function markEffects(host: Host): () => void {
  const ledger = ledgers.get(host);
  const before = ledger?.done.length ?? 0;
  return () => {
    if (ledger === undefined || ledger.done.length === before) return;
    ledger.done.length = before;
    ledger.undone = true;
  };
}

/** The host itself, for what happens in namespaces of its own, and not on it. */
export function unwatched(host: Host): Host {
  return originals.get(host) ?? host;
}

/**
 * bridge-setup's own records, which change nothing for anything else: checkpoints, the lock, records of the runtime,
 * what guards a run, package layers, temporary files.
 */
const OWN_RECORDS = [
  STATE_FOLDER,
  RUN_FOLDER,
  '/var/cache/bridge-setup',
  '/usr/local/libexec/bridge-setup-guard',
  '/etc/systemd/system/bridge-setup-recover.service',
  '/etc/systemd/system/sysinit.target.wants/bridge-setup-recover.service',
];

/** Whether a path is one of bridge-setup's own records. */
export function isOwnRecord(path: string): boolean {
  // What was decided about a pending change is an effect: it is rolled back, or stays.
  if (path.startsWith(STATE_FOLDER) && path.endsWith('/decision')) return false;
  // The folder that holds the link of the recovery: nearly every host has it, and empty it does nothing.
  if (path === '/etc/systemd/system/sysinit.target.wants') return true;
  return OWN_RECORDS.some((own) => path === own || path.startsWith(`${own}/`));
}

/** The same host, with its effects noted: commands, files, signals, containers. */
export function watchEffects(host: Host): Host {
  const ledger = new Ledger();
  const watched: Host = {
    ...host,
    isRoot: () => host.isRoot(),
    which: (program) => host.which(program),
    run: async (argv, options) => {
      const isChange = !leavesHostAlone(argv, options?.input, isOwnRecord);
      if (isChange && !isAtomic(argv)) ledger.note(commandText(argv, options?.input));
      const result = await host.run(argv, options);
      if (isChange && result.exitCode === 0) ledger.note(commandText(argv, options?.input));
      return result;
    },
    spawn: (argv, options) => {
      if (!leavesHostAlone(argv, undefined, isOwnRecord)) ledger.note(commandText(argv));
      return host.spawn(argv, options);
    },
    signal: (pid, name) => {
      ledger.note(`${name} to process ${pid}`);
      host.signal(pid, name);
    },
    files: watchCalls(host.files, FILE_EFFECTS, (effect, path) => {
      if (!isOwnRecord(path)) ledger.note(`${effect} ${path}`);
    }),
    docker: watchCalls(host.docker, DOCKER_EFFECTS, (effect, what) => ledger.note(`${effect} ${what}`)),
  };
  ledgers.set(watched, ledger);
  originals.set(watched, host);
  return watched;
}

function commandText(argv: readonly string[], input?: string): string {
  return argv.includes('-batch') ? `ip ${input?.trim().split('\n')[0] ?? ''}` : argv.join(' ');
}

/** One request to the kernel: when it fails, nothing has changed. Of a batch, the lines before the one that failed have. */
function isAtomic(argv: readonly string[]): boolean {
  return argv.some((word) => /^(ip|bridge)$/.test(word)) && !argv.includes('-batch');
}

/** Methods that change something, and what they do. */
const FILE_EFFECTS: Partial<Record<keyof HostFiles, string>> = {
  write: 'write',
  create: 'write',
  append: 'write',
  mkdir: 'make',
  rename: 'rename',
  remove: 'remove',
  removeTree: 'remove',
};
const DOCKER_EFFECTS: Partial<Record<keyof Docker, string>> = {
  pull: 'pull the image',
  removeImage: 'remove the image',
  importImage: 'import the image',
  start: 'start the container',
  restart: 'restart the container',
  remove: 'remove the container',
};

/** The same object, whose calls that change something are noted once they have: a write that failed has changed nothing. */
function watchCalls<T extends object>(
  target: T,
  effects: Partial<Record<keyof T, string>>,
  note: (effect: string, what: string) => void,
): T {
  return new Proxy(target, {
    get(object, key) {
      const member = Reflect.get(object, key) as unknown;
      if (typeof member !== 'function') return member;
      const effect = effects[key as keyof T];
      if (effect === undefined) return member.bind(object);
      return async (...args: unknown[]) => {
        const result: unknown = await member.apply(object, args);
        // `create` and `rename` say by that that there was nothing to do.
        if (result !== false) note(effect, nameOf(args[0]));
        return result;
      };
    },
  });
}

/** Of a file, an image, or a container, which is named by an object where it is made. */
function nameOf(what: unknown): string {
  return typeof what === 'object' && what !== null && 'name' in what ? String(what.name) : String(what);
}
