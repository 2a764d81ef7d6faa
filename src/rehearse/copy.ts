import { EXIT, SetupError } from '../errors.js';
import type { Child, Host, RunOptions } from '../host/host.js';
import { DAEMON_ENVIRONMENT, DAEMON_NODE_FLAGS } from '../model/daemon-flags.js';
import { DHCP_CLIENT_PACKAGE } from '../model/dhcp-client.js';
import type { DhcpClientName } from '../model/facts.js';
import { DAEMON_FILE } from '../model/paths.js';
import type { HostCopy } from './host-copy.js';
import { Lan } from './lan.js';
import { packageLayer } from './layer.js';
import { Sandbox } from './sandbox.js';

/** Installed for the rehearsal itself, whatever the host has: its LAN, its Docker, its measurements. */
const BENCH_PACKAGES = ['dnsmasq-base', 'docker.io', 'iptables', 'iputils-ping'];
/** What the job installs on a fresh host; the copy gets the archives only, and installs them itself. */
const jobPackages = (client: DhcpClientName = 'udhcpc') => [
  ...new Set(['bridge-utils', 'busybox-static', 'udhcpc', DHCP_CLIENT_PACKAGE[client]]),
];

/** In the daemon's state, once its first full pass is done. */
const READY = '"ready": true';

/** How a copy is made. */
export interface CopyOptions {
  readonly host: Host;
  readonly copy: HostCopy;
  /** The program, as it is called inside. */
  readonly program: { readonly root: string; readonly node: string };
  readonly onLine: (line: string) => void;
  /** More packages to be installed in the copy, for tests. */
  readonly packages?: readonly string[];
  /** The DHCP client that the job installs for containers, where it is not udhcpc. */
  readonly dhcpClient?: DhcpClientName;
  /** Ends the copy, also while it is made. */
  readonly signal?: AbortSignal;
}

/** A running copy of a host on its private LAN, with Docker. */
export class RunningCopy {
  readonly sandbox: Sandbox;
  readonly lan: Lan;
  #docker: Child | null = null;

  private constructor(
    private readonly options: CopyOptions,
    image: string,
    readonly layerBuilt: boolean,
  ) {
    this.sandbox = new Sandbox(options.host, { layer: image, signal: options.signal });
    this.lan = new Lan(this.sandbox, options.copy.lan);
  }

  /** Make the copy, plug it in, and bring its network up by its own configuration. */
  static async start(options: CopyOptions): Promise<RunningCopy> {
    const { host, copy } = options;
    const install = [...new Set([...BENCH_PACKAGES, ...copy.packages, ...(options.packages ?? [])])].sort();
    const download = jobPackages(options.dhcpClient);
    const { image, built } = await packageLayer(host, { install, download }, options.onLine, options.signal);
    const running = new RunningCopy(options, image, built);
    await running.sandbox.start();
    try {
      for (const [path, content] of Object.entries(copy.files)) await running.sandbox.write(path, content);
      await running.lan.start(copy.cables);
      await running.bringUp();
      await running.startDocker();
    } catch (error) {
      await running.stop();
      throw error;
    }
    return running;
  }

  /** What the boot of the host does to its network. */
  async bringUp(): Promise<void> {
    const { sandbox, options } = this;
    // A container of the system starts with an empty /run, where ifup keeps its books.
    await sandbox.run(['mkdir', '--parents', '/run/network']);
    await sandbox.run(['ifup', '--all', '--ignore-errors'], { check: false, timeoutMs: 120_000 });
    await sandbox.run(['ifup', options.copy.uplink], { check: false, timeoutMs: 120_000 });
    if ((await this.lan.ping(options.copy.address)) === 0) {
      throw new SetupError(
        'copy-not-reachable',
        `The copy does not answer at ${options.copy.address} on its LAN.`,
        {
          exitCode: EXIT.checkFailed,
          problems: [{ message: (await sandbox.run(['ip', 'address'])).stdout }],
          hint: 'Its own network configuration did not bring it up; `ifup -a` in the copy failed.',
        },
      );
    }
  }

  /** Start Docker's engine, and wait until its API is served. */
  async startDocker(): Promise<void> {
    const { sandbox } = this;
    const words: string[] = [];
    const serving = new Promise<void>((resolve) => {
      this.#docker = sandbox.spawn(
        ['dockerd', `--cgroup-parent=/${sandbox.cgroup}`, '--pidfile=/run/docker.pid'],
        {
          onLine: (line) => {
            words.push(line);
            if (line.includes('API listen on')) resolve();
          },
        },
      );
    });
    const ended = this.#docker?.exited.then(() => 'ended');
    const late = this.options.host.clock.sleep(60_000).then(() => 'did not serve its API within 60 s');
    const failure = await Promise.race([serving, ended, late]);
    if (failure !== undefined)
      throw new Error(`dockerd ${failure} in the copy:\n${words.slice(-10).join('\n')}`);
  }

  async stopDocker(): Promise<void> {
    this.#docker?.kill();
    await this.#docker?.exited;
    this.#docker = null;
  }

  /** Run bridge-setup in the copy. */
  bridgeSetup(args: readonly string[], options: RunOptions = {}) {
    const { node, root } = this.options.program;
    return this.sandbox.run([node, `${root}/bin/bridge-setup.js`, ...args], {
      timeoutMs: 300_000,
      check: false,
      ...options,
    });
  }

  /** Start the attach runtime in the copy, and wait until it is ready. */
  async startDaemon(): Promise<Child> {
    const { node, root } = this.options.program;
    const { clock } = this.options.host;
    // One that was killed has left its state.
    await this.sandbox.run(['rm', '--force', DAEMON_FILE]);
    const daemon = this.sandbox.spawn(
      [node, ...DAEMON_NODE_FLAGS, `${root}/bin/bridge-setup.js`, 'daemon', '--json'],
      { env: DAEMON_ENVIRONMENT, onLine: this.options.onLine },
    );
    const deadline = clock.now() + 30_000;
    while (!(await this.sandbox.read(DAEMON_FILE))?.includes(READY)) {
      if (clock.now() > deadline) throw new Error('the attach runtime did not start in the copy within 30 s');
      await clock.sleep(50);
    }
    return daemon;
  }

  /** Whether an address is the host's own. */
  isHost(address: string): boolean {
    return address === this.options.copy.address;
  }

  stop(): Promise<void> {
    return this.sandbox.stop();
  }
}
