import type { Child, CommandResult, Host, RunOptions } from '../../src/host/host.js';
import { Lan } from '../../src/rehearse/lan.js';
import { packageLayer } from '../../src/rehearse/layer.js';
import { Sandbox } from '../../src/rehearse/sandbox.js';
import { GUEST_TREE, type GuestKind, guestImage } from './guest-image.js';
import { findInit, NSPAWN_ENVIRONMENT, nspawnCommand, PROJECT_IN_GUEST, REBOOT } from './nspawn.js';
import { timed } from './timing.js';

/** Installed in the sandbox: what makes a guest, what runs it, and what its LAN needs. */
const TOOLS = ['debootstrap', 'dnsmasq-base', 'iputils-ping', 'systemd-container'];

const IMAGE = '/guest-image';
const WORK = '/tmp/machine';
const ROOT = `${WORK}/root`;
const DOCKER = `${WORK}/docker`;

const LAN = {
  gateway: '192.168.1.1',
  prefix: 24,
  range: ['192.168.1.100', '192.168.1.199'],
  // None: the server is to give the host its address again because it knows it, not because it was told to.
  reservations: {},
  nameservers: ['192.168.1.1'],
} as const;
/**
 * The DHCP server's range until the host has its first lease. From the wide range the server picks by the MAC address,
 * so a host that comes without its lease, but with the MAC address that it had, would get the same address by luck.
 */
const FIRST_RANGE = ['192.168.1.150', '192.168.1.150'] as const;

const BOOT_TIMEOUT_MS = 60_000;
const SHUTDOWN_TIMEOUT_MS = 60_000;
const SET_UP_TIMEOUT_MS = 240_000;
const POLL_MS = 100;

const GUEST_ENVIRONMENT = [
  'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
  'HOME=/root',
  'LC_ALL=C',
];

/** A veth is called host0 in the guest, and no udev renames it. */
const NAME_NIC_UNIT = `[Unit]
Description=Name the NIC eth0
DefaultDependencies=no
Before=network-pre.target networking.service systemd-networkd.service NetworkManager.service
Wants=network-pre.target
[Service]
Type=oneshot
ExecStart=/bin/sh -c 'ip link set host0 down; ip link set host0 name eth0'
`;

/** What a machine is made of. */
export interface MachineOptions {
  readonly host: Host;
  /** Files of the guest, by path, written before its first boot. */
  readonly files: Readonly<Record<string, string>>;
  /** Packages that the guest has not. */
  readonly without?: readonly string[];
  /** Default: Debian 12 with ifupdown. */
  readonly guest?: GuestKind;
  /** A shell script that is run in the guest's root before its first boot, such as `systemctl enable …`. */
  readonly prepare?: string;
}

/** What is there when a machine is switched on. */
interface BootOptions {
  readonly project: boolean;
  readonly node?: boolean;
}

/**
 * A Debian host on a private LAN, with systemd as PID 1, that really boots and reboots: systemd-nspawn inside of a
 * sandbox. Its disk is an overlay in memory that lives as long as the machine, so a reboot finds it as it was.
 */
export class Machine {
  #guest: Child | null = null;
  /** Pid of the guest's PID 1, as this process sees it. */
  #init = 0;
  #boots = 0;
  readonly #console: string[] = [];
  readonly #narrowLan: Lan;
  /** The LAN that the machine is on. What its other hosts see is the truth about it. */
  readonly lan: Lan;

  private constructor(
    private readonly host: Host,
    private readonly sandbox: Sandbox,
  ) {
    this.#narrowLan = new Lan(sandbox, { ...LAN, range: FIRST_RANGE });
    this.lan = new Lan(sandbox, LAN);
  }

  /** Make a machine. It is off. */
  static async make({ host, files, without = [], guest: kind, prepare }: MachineOptions): Promise<Machine> {
    const quiet = () => {};
    const [tools, guest] = await timed('images', async () => {
      const layer = await packageLayer(host, { install: TOOLS, download: [] }, quiet);
      return [layer.image, await guestImage(host, layer.image, quiet, kind)];
    });
    const sandbox = new Sandbox(host, { layer: tools, images: { [IMAGE]: guest } });
    await sandbox.start();
    const machine = new Machine(host, sandbox);
    try {
      // No cable: systemd-nspawn plugs one into the LAN's switch at each boot.
      await machine.#narrowLan.start([]);
      await machine.#makeDisk(files, without, prepare);
    } catch (error) {
      await machine.stop();
      throw error;
    }
    return machine;
  }

  async #makeDisk(files: MachineOptions['files'], without: readonly string[], prepare = ''): Promise<void> {
    const { sandbox } = this;
    await sandbox.run(['mkdir', '--parents', ...[`${WORK}/upper`, `${WORK}/work`, ROOT, DOCKER]]);
    const layers = `lowerdir=${IMAGE}/${GUEST_TREE},upperdir=${WORK}/upper,workdir=${WORK}/work`;
    await sandbox.run(['mount', '-t', 'overlay', '-o', layers, 'machine', ROOT]);
    if (without.length > 0) {
      await sandbox.run(['chroot', ROOT, 'apt-get', 'purge', '--yes', ...without], { timeoutMs: 120_000 });
    }
    const id = (await sandbox.run(['cat', '/proc/sys/kernel/random/uuid'])).stdout.replaceAll('-', '');
    // nspawn makes the NIC's MAC address of it: the sandbox's own one, since a machine may have none.
    await sandbox.write('/etc/machine-id', id);
    const unit = '/etc/systemd/system/name-nic.service';
    const all = {
      '/etc/machine-id': id,
      '/etc/hostname': 'server\n',
      '/etc/hosts': '127.0.0.1 localhost\n127.0.1.1 server\n',
      [unit]: NAME_NIC_UNIT,
      ...files,
    };
    for (const [path, content] of Object.entries(all)) await sandbox.write(`${ROOT}${path}`, content);
    const wants = `${ROOT}/etc/systemd/system/sysinit.target.wants`;
    await sandbox.run(['mkdir', '--parents', wants]);
    await sandbox.run(['ln', '--symbolic', unit, wants]);
    if (prepare !== '') await sandbox.run(['chroot', ROOT, 'sh', '-euc', prepare]);
  }

  /**
   * Switch it on, and wait until systemd has started everything.
   * @param project whether the repository is there, at `/opt/bridge-setup`
   * @param node whether Node.js is
   */
  async boot({ project, node = true }: BootOptions): Promise<void> {
    this.#boots++;
    await timed(`boot ${this.#boots}`, async () => {
      const name = this.sandbox.cgroup;
      this.#guest = this.sandbox.spawn(
        nspawnCommand({
          name,
          cgroup: `${name}/boot-${this.#boots}`,
          root: ROOT,
          docker: DOCKER,
          project,
          node,
        }),
        {
          network: { namespace: 'lan' },
          env: NSPAWN_ENVIRONMENT,
          onLine: (line) => void this.#console.push(line),
        },
      );
      await this.#awaitBoot(this.#guest);
    });
    if (this.#boots === 1) {
      await this.#narrowLan.stopDhcpServer();
      await this.lan.startDhcpServer();
    }
  }

  async #awaitBoot(guest: Child): Promise<void> {
    let off = false;
    void guest.exited.then(() => {
      off = true;
    });
    const deadline = this.host.clock.now() + BOOT_TIMEOUT_MS;
    let state = 'no PID 1';
    while (!off && this.host.clock.now() < deadline) {
      this.#init = (await findInit(this.host, guest.pid)) ?? 0;
      if (this.#init !== 0) {
        state = (await this.run(['systemctl', 'is-system-running'], { check: false })).stdout.trim();
        if (state === 'running' || state === 'degraded') return;
      }
      await this.host.clock.sleep(POLL_MS);
    }
    const jobs = off ? '' : (await this.run(['systemctl', 'list-jobs'], { check: false })).stdout;
    throw new Error(
      `boot ${this.#boots}: ${off ? 'switched off' : `not up within ${BOOT_TIMEOUT_MS / 1000} s`}, state "${state}"\n` +
        `${jobs}\nEnd of the console:\n${this.#console.slice(-30).join('\n')}`,
    );
  }

  /** Run a command on the machine, as root's login would. */
  run(argv: readonly string[], options: RunOptions = {}): Promise<CommandResult> {
    const enter = ['nsenter', `--target=${this.#init}`, '--all', '--', 'env', '-i', '--chdir=/'];
    const { env = {}, ...rest } = options;
    const own = Object.entries(env).map(([name, value]) => `${name}=${value}`);
    return this.host.run([...enter, ...GUEST_ENVIRONMENT, ...own, ...argv], rest);
  }

  /** Run a shell script on the machine. */
  async shell(script: string, ...args: readonly string[]): Promise<string> {
    return (await this.run(['sh', '-euc', script, 'sh', ...args])).stdout;
  }

  /** A file of the machine; `null` when there is none. */
  async read(path: string): Promise<string | null> {
    const shown = await this.run(['cat', path], { check: false });
    return shown.exitCode === 0 ? shown.stdout : null;
  }

  /** Run bridge-setup from the repository, as `npx` would. */
  bridgeSetup(args: readonly string[], options: RunOptions = {}): Promise<CommandResult> {
    const program = [process.execPath, `${PROJECT_IN_GUEST}/bin/bridge-setup.js`];
    return this.run([...program, ...args], { check: false, timeoutMs: SET_UP_TIMEOUT_MS, ...options });
  }

  /** `systemctl reboot`, and wait until it is up again; see `boot`. */
  async reboot(options: BootOptions): Promise<void> {
    const guest = this.#guest;
    if (guest === null) throw new Error('the machine is off');
    await timed('shutdown', async () => {
      // The command is cut off with everything else, so how it ends says nothing.
      await this.run(['systemctl', 'reboot'], { check: false });
      const late = this.host.clock.sleep(SHUTDOWN_TIMEOUT_MS).then(() => null);
      const end = await Promise.race([guest.exited, late]);
      if (end?.exitCode !== REBOOT) {
        throw new Error(
          `${end === null ? 'no reboot in time' : `exit ${end.exitCode} instead of a reboot`}; end of the console:\n` +
            this.#console.slice(-30).join('\n'),
        );
      }
    });
    await this.boot(options);
  }

  /** Cut its power: every process ends at once, and nothing is shut down. The page cache survives, unlike in a real one. */
  async cutPower(): Promise<void> {
    const guest = this.#guest;
    if (guest === null || this.#init === 0) throw new Error('the machine is off');
    this.host.signal(this.#init, 'SIGKILL');
    await guest.exited;
  }

  /** Unplug it: nothing of it is left. */
  stop(): Promise<void> {
    return this.sandbox.stop();
  }
}
