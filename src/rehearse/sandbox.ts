import { refusal } from '../errors.js';
import { CommandError } from '../host/command.js';
import type { Child, CommandResult, Host, RunOptions, Signal, SpawnOptions } from '../host/host.js';
import { childrenOf } from '../host/process.js';
import { PACKAGE_ROOT } from '../package-root.js';
import { mountKernelViews } from './kernel-views.js';
import { submounts } from './mounts.js';

/** What runs in the sandbox too: this program, and the Node.js that runs it. */
const OURS = [`${PACKAGE_ROOT}/`, process.execPath];
/**
 * Where the new root is assembled, in the private mount namespace only: the machine's own /mnt is not touched. It
 * must not hide the program.
 */
const STAGE =
  ['/mnt', '/media', '/srv'].find((path) => !OURS.some((own) => own.startsWith(`${path}/`))) ?? '/mnt';
const ROOT = `${STAGE}/root`;

/** bash reads ~/.bashrc for `-c`, too, where its standard input is a socket, as ours is: it takes us for rshd (bash(1)). */
const BASH = ['bash', '--norc', '-c'] as const;

/**
 * PID 1 of the sandbox waits for the end of its standard input, which this process holds. Whatever way this
 * process ends, `kill -9` among them, PID 1 ends too, and with it every process, mount and namespace of the
 * sandbox. bash reaps orphans while it reads; sleep(1) would not.
 */
const INIT = 'read -r _';

/**
 * Outside of the sandbox stays one shell, which afterwards removes the control groups of its containers: they are
 * the only thing that no namespace takes along. $1 is their name.
 */
const SUPERVISOR = `name=$1; shift; "$@"
for root in /sys/fs/cgroup /sys/fs/cgroup/*; do
  [ ! -d "$root/$name" ] || find "$root/$name" -depth -type d -exec rmdir {} \\; 2>/dev/null
done`;

/** What a sandbox is made of. */
export interface SandboxOptions {
  /** Image file of a package layer, shown below the changes and above the machine's root; `null`: none. */
  readonly layer: string | null;
  /** Image file that receives the changes instead of memory: how a layer is made. */
  readonly upper?: string;
  /** Further image files, mounted read-only at these paths of the sandbox. */
  readonly images?: Readonly<Record<string, string>>;
  /** Ends the sandbox, whatever runs in it. */
  readonly signal?: AbortSignal | undefined;
}

/** Which network a command of the sandbox sees: its own host's, a named one beside it, or the real machine's. */
export type SandboxNetwork = 'host' | 'machine' | { readonly namespace: string };

/** How a command is run in a sandbox. */
export interface SandboxRunOptions extends RunOptions {
  readonly network?: SandboxNetwork;
}

/**
 * A throw-away copy of this machine: its root under an overlay, in namespaces of its own. Commands that run in it
 * change nothing outside. Its network has no link to the machine's.
 */
export class Sandbox {
  /** Name of the control group for its containers. */
  readonly cgroup: string;
  #init: Child | null = null;
  /** Pid of the sandbox's PID 1, as the machine sees it. */
  #pid = 0;

  constructor(
    private readonly host: Host,
    private readonly options: SandboxOptions,
  ) {
    this.cgroup = `bridge-setup-${host.pid}-${Math.random().toString(36).slice(2, 8)}`;
  }

  /** Make it. Refuses (`sandbox-not-allowed`) where namespaces or overlays are not to be had. */
  async start(): Promise<void> {
    const { signal } = this.options;
    try {
      signal?.throwIfAborted();
      signal?.addEventListener('abort', this.#onAbort);
      await this.#makeNamespaces();
      signal?.throwIfAborted();
      await this.#makeRoot();
    } catch (error) {
      await this.stop();
      signal?.throwIfAborted();
      if (!(error instanceof CommandError)) throw error;
      throw refusal(
        'sandbox-not-allowed',
        'A throw-away copy of this machine cannot be made here; nothing was changed.',
        [
          {
            message: error.message,
            remedy:
              'Needed: root with CAP_SYS_ADMIN (in a container: --privileged), mount, PID and network namespaces, overlayfs, loop devices.',
          },
        ],
        '`bridge-setup --dry-run --answers FILE` shows the plan without all that.',
      );
    }
  }

  readonly #onAbort = () => void this.stop();

  async #makeNamespaces(): Promise<void> {
    // Tried first in a command that ends, since its words are lost when it only fails later.
    await this.host.run(['unshare', ...NAMESPACES, '--fork', 'true']);
    const argv = ['unshare', ...NAMESPACES, '--fork', '--kill-child', ...BASH, INIT];
    // A session of its own: Ctrl-C is for this process, which then ends the sandbox in order.
    this.#init = this.host.spawn([
      'setsid',
      '--wait',
      ...BASH,
      SUPERVISOR,
      'supervisor',
      this.cgroup,
      ...argv,
    ]);
    this.#pid = await this.#findInit(this.#init.pid);
    void this.#init.exited.then(() => {
      this.#pid = 0;
    });
  }

  /** The bash that is PID 1 inside: the descendant of the supervisor whose innermost pid is 1 (NSpid, proc_pid_status(5)). */
  async #findInit(supervisor: number): Promise<number> {
    const { files, clock } = this.host;
    const deadline = clock.now() + 5000;
    while (clock.now() < deadline) {
      const queue = [supervisor];
      for (let pid = queue.shift(); pid !== undefined; pid = queue.shift()) {
        const status = (await files.read(`/proc/${pid}/status`).catch(() => null)) ?? '';
        const pids = /^NSpid:\s*(.+)$/m.exec(status)?.[1]?.split(/\s+/) ?? [];
        if (pids.length > 1 && pids.at(-1) === '1') return pid;
        queue.push(...(await childrenOf(this.host, pid)));
      }
      await clock.sleep(5);
    }
    throw new Error('the sandbox did not start within 5 s');
  }

  async #makeRoot(): Promise<void> {
    const mounts = await submounts(this.host);
    const resolvConf = (await this.host.files.read('/etc/resolv.conf')) ?? '';
    const hostname = (await this.host.run(['uname', '--nodename'])).stdout.trim();
    const { layer, upper, images = {} } = this.options;

    await this.run(['mount', '-t', 'tmpfs', '-o', 'mode=755', 'bridge-setup', STAGE]);
    await this.run(['mkdir', ROOT, `${STAGE}/changes`, `${STAGE}/layer`, `${STAGE}/docker`]);
    if (upper !== undefined) await this.run(['mount', '-o', 'loop', upper, `${STAGE}/changes`]);
    if (layer !== null) await this.run(['mount', '-o', 'loop,ro', layer, `${STAGE}/layer`]);
    await this.#overlay('/', 'root', ROOT, layer !== null);
    for (const [index, path] of mounts.entries())
      await this.#overlay(path, `mount-${index}`, `${ROOT}${path}`, false);

    const tree = (path: string) => `${ROOT}/${path}`;
    await this.run(mountKernelViews(STAGE, ROOT));
    for (const path of ['run', 'tmp']) await this.run(['mount', '-t', 'tmpfs', 'tmpfs', tree(path)]);
    for (const path of new Set(OURS.flatMap((own) => /^\/(tmp|run|mnt)\/[^/]+/.exec(own)?.[0] ?? []))) {
      // A clone in /tmp, say, where the sandbox has a file system of its own.
      await this.run(['mkdir', '--parents', tree(path.slice(1))]);
      await this.run(['mount', '--bind', path, tree(path.slice(1))]);
    }
    // Docker's storage cannot be an overlay upon an overlay.
    await this.run(['mkdir', '--parents', tree('var/lib/docker')]);
    await this.run(['mount', '--bind', `${STAGE}/docker`, tree('var/lib/docker')]);
    for (const [path, image] of Object.entries(images)) {
      await this.run(['mkdir', '--parents', tree(path)]);
      await this.run(['mount', '-o', 'loop,ro', image, tree(path)]);
    }
    // On many hosts a link into /run, which is empty here.
    await this.run(['rm', '--force', tree('etc/resolv.conf')]);
    await this.run(['tee', tree('etc/resolv.conf')], { input: resolvConf });

    // Not chroot: runc would then see the machine's root (pivot_root(2)).
    await this.run(['mkdir', '--parents', tree('.machine')]);
    await this.run(['pivot_root', ROOT, tree('.machine')]);
    await this.run(['umount', '--lazy', '/.machine']);
    await this.run(['rmdir', '/.machine']);
    await this.run(['hostname', hostname]);
    await this.run(['ip', 'link', 'set', 'lo', 'up']);
  }

  async #overlay(lower: string, name: string, target: string, withLayer: boolean): Promise<void> {
    const [upper, work] = [`${STAGE}/changes/${name}/upper`, `${STAGE}/changes/${name}/work`];
    await this.run(['mkdir', '--parents', upper, work]);
    const lowers = withLayer ? `${STAGE}/layer/${name}/upper:${lower}` : lower;
    await this.run([
      'mount',
      '-t',
      'overlay',
      '-o',
      `lowerdir=${lowers},upperdir=${upper},workdir=${work}`,
      'overlay',
      target,
    ]);
  }

  /** The command as it has to be called from outside. */
  #enter(argv: readonly string[], network: SandboxNetwork = 'host'): string[] {
    // Its pid may be that of another process by now, whose namespaces are none of ours.
    if (this.#pid === 0) throw new Error(`the sandbox has ended; "${argv.join(' ')}" was not run`);
    const join = ['nsenter', `--target=${this.#pid}`, '--mount', '--pid', '--uts', '--ipc'];
    const capped = [...WITHOUT_CAPABILITIES, ...argv];
    if (network === 'machine') return [...join, '--', ...capped];
    if (network === 'host') return [...join, '--net', '--', ...capped];
    return [...join, '--net', '--', 'nsenter', `--net=/run/netns/${network.namespace}`, '--', ...capped];
  }

  run(argv: readonly string[], { network, ...options }: SandboxRunOptions = {}): Promise<CommandResult> {
    return this.host.run(this.#enter(argv, network), options);
  }

  /** Start a command that stays; it ends with the sandbox at the latest. */
  spawn(
    argv: readonly string[],
    { network, ...options }: SpawnOptions & { network?: SandboxNetwork } = {},
  ): Child {
    const child = this.host.spawn(this.#enter(argv, network), options);
    // nsenter waits for the command, and a signal to nsenter ends nothing but nsenter.
    const kill: Child['kill'] = (signal = 'SIGTERM') => void this.#signalChildren(child.pid, signal);
    return { ...child, kill };
  }

  async #signalChildren(pid: number, signal: Signal): Promise<void> {
    for (const child of await childrenOf(this.host, pid)) this.host.signal(child, signal);
  }

  /** A file of the sandbox; `null` when there is none. */
  async read(path: string): Promise<string | null> {
    const shown = await this.run(['cat', path], { check: false });
    return shown.exitCode === 0 ? shown.stdout : null;
  }

  async write(path: string, content: string, mode = 0o644): Promise<void> {
    await this.run(['mkdir', '--parents', path.slice(0, path.lastIndexOf('/')) || '/']);
    await this.run(['tee', path], { input: content });
    await this.run(['chmod', mode.toString(8), path]);
  }

  /** End every process of it, and wait until nothing is left. */
  async stop(): Promise<void> {
    this.options.signal?.removeEventListener('abort', this.#onAbort);
    // PID 1 reads a line, and ends.
    this.#init?.write('\n');
    await this.#init?.exited;
    this.#init = null;
  }
}

const NAMESPACES = ['--mount', '--pid', '--net', '--uts', '--ipc', '--propagation=private'] as const;

/**
 * No namespace holds the kernel's modules, the clock and I/O ports: programs of the copy cannot touch them
 * (capabilities(7)). A reboot stays allowed: it ends its own PID namespace only, and a guest of the tests reboots.
 */
const WITHOUT_CAPABILITIES = ['setpriv', '--bounding-set=-sys_module,-sys_time,-sys_rawio', '--'];
