import { messageOf, refusal } from '../errors.js';
import type { Host } from '../host/host.js';
import { startTimeOf } from '../host/process.js';
import { DAEMON_FILE } from '../model/paths.js';
import { backOff } from './back-off.js';
import { containersWithClients, installHook } from './client.js';
import type { AttachConfig } from './config.js';
import { ContainerSync } from './container-sync.js';
import { containersWithLinks, readHostLinks } from './host-links.js';
import type { Log } from './log.js';
import { shortId } from './names.js';
import { notifyReady } from './notify.js';
import { LEASE_DIRECTORY } from './paths.js';
import { Pulse } from './pulse.js';
import { KeyedQueue } from './queue.js';
import { RuleKeeper } from './rule-keeper.js';
import type { RulePolicy } from './rules-of-container.js';
import { DEFAULT_SETTINGS, type RuntimeSettings, retryDelay } from './settings.js';
import { prepareRunDirectory, readDaemonState, readEndpointStates, writeDaemonState } from './state.js';
import { Supervisor } from './supervisor.js';

/** A full pass finds what no event told. */
const PASS_PERIOD_MS = 60_000;
/** `ifdown` and `ifup` make the bridge anew, without ports; containers should not wait for the next full pass. */
const BRIDGE_PERIOD_MS = 1000;
const LONGEST_RECONNECT_MS = 5000;
/**
 * Most of an attach is waiting: for processes, and for those who have an address already. With a quarter of it, 50
 * containers take a seventh longer.
 */
const CONTAINERS_AT_ONCE = 64;
/** In a pass that is only to find what no event told: an event meanwhile shares one thread with so many. */
const LOOKED_AT_ONCE = 4;
const WAKING = new Set(['start', 'die', 'destroy', 'rename']);

/**
 * The attach runtime. It follows Docker's events, but trusts in none: each only wakes the reconciliation of one
 * container, and a full pass at the start, after each reconnect and every minute finds the rest.
 *
 * When it stops, the containers keep their links and addresses. Its DHCP clients end; the addresses stay on the
 * interfaces for the rest of their leases, and the next daemon asks for the same ones again.
 */
export class Daemon {
  readonly #stop = new AbortController();
  readonly #failures = new Map<string, number>();
  readonly #retries = new Set<string>();
  readonly #supervisor: Supervisor;
  readonly #sync: ContainerSync;
  readonly #queue: KeyedQueue;
  readonly #passes: Pulse;
  readonly #keeper: RuleKeeper;
  readonly #rules: Pulse;
  readonly #bridges: Pulse;
  /** By bridge: its index in the kernel, which is another one once it was made anew. */
  readonly #indices = new Map<string, string | null>();
  #connected = false;
  /** Of something no event has told, before the start or while Docker was away: the next pass may have much to do. */
  #behind = true;
  #ready = false;
  #since = '';
  #loops: Promise<unknown> = Promise.resolve();
  #watch: { close(): void } | null = null;

  constructor(
    private readonly host: Host,
    private readonly config: AttachConfig & Pick<RulePolicy, 'machine'>,
    private readonly log: Log,
    private readonly settings: RuntimeSettings = DEFAULT_SETTINGS,
  ) {
    this.#supervisor = new Supervisor(host, (containerId, hostLink, delayMs) =>
      this.#onClientEnd(containerId, hostLink, delayMs),
    );
    this.#sync = new ContainerSync(host, { ...config, ...settings }, this.#supervisor, log);
    this.#queue = new KeyedQueue((key) => this.#syncOne(key), CONTAINERS_AT_ONCE);
    this.#passes = new Pulse(host.clock, () => this.#pass());
    this.#keeper = new RuleKeeper(host, config.bridges, log, () => this.#rules.poke());
    this.#rules = new Pulse(host.clock, () => this.#keeper.keep());
    this.#bridges = new Pulse(host.clock, () => this.#watchBridges());
  }

  /** Start. Resolves when it works, which may be before Docker does. */
  async start(): Promise<void> {
    const other = await readDaemonState(this.host);
    if (other !== null) {
      // Each would end the DHCP clients of the other.
      throw refusal('daemon-running', `another daemon of bridge-setup runs already, as process ${other.pid}`);
    }
    await prepareRunDirectory(this.host);
    await installHook(this.host);
    this.#sync.warm();
    this.#since = new Date(this.host.clock.now()).toISOString();
    await this.#writeState();
    this.#watch = this.host.files.watch(LEASE_DIRECTORY, (name) => this.#onLease(name));
    const { signal } = this.#stop;
    const rules = this.config.firewall === 'never' ? [] : [this.#rules];
    const pulses = [...rules, this.#bridges, this.#passes].map((pulse) => pulse.run(signal));
    this.#loops = Promise.all([...pulses, this.#follow(signal)]);
  }

  /** Stop: finish what is being done, end the DHCP clients, leave everything else as it is. */
  async stop(): Promise<void> {
    this.#stop.abort();
    this.#watch?.close();
    await this.#loops;
    this.#keeper.stop();
    await this.#queue.idle();
    this.#sync.close();
    await this.#supervisor.stopAll();
    await this.host.files.remove(DAEMON_FILE);
  }

  /** Follow Docker's events, and connect again for as long as it takes. */
  async #follow(signal: AbortSignal): Promise<void> {
    let failures = 0;
    while (!signal.aborted) {
      let reason = 'the connection was closed';
      try {
        const onOpen = () => {
          failures = 0;
          this.#onConnect();
        };
        for await (const { action, id } of this.host.docker.events(signal, onOpen)) {
          if (WAKING.has(action) && id !== '') this.#wake(id);
        }
      } catch (error) {
        reason = messageOf(error);
      }
      if (signal.aborted) return;
      if (failures === 0) this.log({ level: 'warn', message: `waiting for Docker: ${reason}` });
      this.#connected = false;
      failures += 1;
      // Without Docker there is nothing to be ready for; the service manager should not wait for it, though.
      if (!this.#ready) await notifyReady(this.host, 'waiting for Docker');
      await this.host.clock.sleep(backOff(failures, LONGEST_RECONNECT_MS), signal).catch(() => {});
    }
  }

  #onConnect(): void {
    this.log({ level: 'info', message: 'connected to Docker' });
    this.#connected = true;
    this.#behind = true;
    this.#keeper.changed();
    this.#passes.poke();
  }

  /** Look at every container that runs, and at every one that we have left something of. */
  async #pass(): Promise<number> {
    if (!this.#connected) return PASS_PERIOD_MS;
    try {
      const running = await this.host.docker.listContainers();
      const states = await readEndpointStates(this.host);
      const links = await readHostLinks(this.host);
      this.#sync.useLinks(links);
      const keys = new Set([
        ...running.map(shortId),
        ...states.map(({ containerId }) => shortId(containerId)),
        ...containersWithLinks(links),
        ...(await containersWithClients(this.host)),
      ]);
      await this.#wakeAll(keys);
      await this.#becomeReady();
    } catch (error) {
      this.log({ level: 'warn', message: `the pass over all containers failed: ${messageOf(error)}` });
    } finally {
      this.#sync.useLinks(null);
    }
    return PASS_PERIOD_MS;
  }

  /** Resolves when all were looked at. */
  async #wakeAll(keys: ReadonlySet<string>): Promise<void> {
    const rest = keys.values();
    const lane = async () => {
      for (const key of rest) await this.#queue.wake(key);
    };
    const lanes = this.#behind ? CONTAINERS_AT_ONCE : LOOKED_AT_ONCE;
    this.#behind = false;
    await Promise.all(Array.from({ length: lanes }, lane));
  }

  async #syncOne(key: string): Promise<void> {
    // Without Docker nothing can be known; the pass after the reconnect looks at every container.
    if (this.#stop.signal.aborted || !this.#connected) return;
    let done = false;
    try {
      done = await this.#sync.run(key);
    } catch (error) {
      this.log({ level: 'warn', message: `${key}: ${messageOf(error)}` });
    }
    const failures = done ? 0 : (this.#failures.get(key) ?? 0) + 1;
    if (failures === 0) this.#failures.delete(key);
    else {
      this.#failures.set(key, failures);
      void this.#retry(key, retryDelay(failures, this.settings));
    }
  }

  async #retry(key: string, delayMs: number): Promise<void> {
    if (this.#retries.has(key)) return;
    this.#retries.add(key);
    await this.host.clock.sleep(delayMs, this.#stop.signal).catch(() => {});
    this.#retries.delete(key);
    this.#wake(key);
  }

  #wake(containerId: string): void {
    if (!this.#stop.signal.aborted) void this.#queue.wake(shortId(containerId), true);
  }

  #onClientEnd(containerId: string, hostLink: string, delayMs: number): void {
    this.log({ level: 'debug', message: `${hostLink}: the DHCP client ended` });
    void this.#retry(shortId(containerId), delayMs);
  }

  /** A lease record changed: its container's state has to say so. */
  #onLease(name: string): void {
    if (!name.endsWith('.lease')) return;
    const containerId = this.#supervisor.containerOf(name.slice(0, -'.lease'.length));
    if (containerId !== null) this.#wake(containerId);
  }

  async #watchBridges(): Promise<number> {
    for (const bridge of this.config.bridges) {
      const index = await this.host.files.read(`/sys/class/net/${bridge}/ifindex`).catch(() => null);
      const known = this.#indices.get(bridge);
      this.#indices.set(bridge, index);
      if (known === undefined || index === null || index === known) continue;
      this.log({
        level: 'info',
        message: `${bridge} is a new one: its containers have to be attached again`,
      });
      this.#behind = true;
      this.#passes.poke();
    }
    return BRIDGE_PERIOD_MS;
  }

  async #becomeReady(): Promise<void> {
    if (this.#ready) return;
    this.#ready = true;
    await this.#writeState();
    await notifyReady(this.host, `attaching containers to ${this.config.bridges.join(', ')}`);
    this.log({ level: 'info', message: 'ready' });
  }

  async #writeState(): Promise<void> {
    await writeDaemonState(this.host, {
      version: 1,
      pid: this.host.pid,
      startTime: (await startTimeOf(this.host, this.host.pid)) ?? '',
      ready: this.#ready,
      since: this.#since,
      bridges: this.config.bridges,
    });
  }
}
