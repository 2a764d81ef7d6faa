import { messageOf } from '../errors.js';
import { hasLegacyTables, isNftLoaded, readSwitches } from '../firewall/frame/read.js';
import type { Child, Host } from '../host/host.js';
import { type AcceptRuleStatus, ensureAcceptRule } from './accept-rule.js';
import type { Log } from './log.js';

/** What tells nobody when it changes is looked at so often. */
const PERIOD_MS = 10_000;
/** With somebody who tells of changes, all is read again so often nevertheless. */
const FULL_PERIOD_MS = 60_000;
/** A program that changes one rule changes more of them; and who changes them all the time is not followed closer. */
const SETTLE_MS = 300;
const CLOSEST_MS = 2000;
/** Elements of sets come and go all the time on some hosts, and let nothing pass. */
const NO_RULE = /^(add|delete|destroy) element /;

/**
 * Keeps frames of the bridges passing, and tells what becomes of that. nft(8) tells of each change of the firewall that
 * was made by the new interface of the kernel; what the old one has is compared every ten seconds.
 */
export class RuleKeeper {
  /** By bridge: what was told last. */
  readonly #told = new Map<string, string>();
  #monitor: Child | null = null;
  #changed = true;
  #switches = '';
  #lastFull = Number.NEGATIVE_INFINITY;

  /** @param onChange called when `keep` should be called soon */
  constructor(
    private readonly host: Host,
    private readonly bridges: readonly string[],
    private readonly log: Log,
    private readonly onChange: () => void,
  ) {}

  /** Somebody may have changed the firewall: Docker has started, say. */
  changed(): void {
    this.#changed = true;
    this.onChange();
  }

  /** Let frames pass where they do not; when to look again, ms. */
  async keep(): Promise<number> {
    try {
      const isTold = await this.#listen();
      const switches = await this.#readSwitches();
      const since = this.host.clock.elapsed() - this.#lastFull;
      if (this.#changed && since < CLOSEST_MS) return CLOSEST_MS - since;
      const isDue = this.#changed || !isTold || switches !== this.#switches || since >= FULL_PERIOD_MS;
      if (!isDue) return PERIOD_MS;
      // Containers wait for the first time.
      if (this.#changed && this.#lastFull > 0) await this.host.clock.sleep(SETTLE_MS);
      // Before anything is read: what comes meanwhile is looked at again.
      this.#changed = false;
      this.#switches = switches;
      this.#lastFull = this.host.clock.elapsed();
      for (const bridge of this.bridges) this.#tell(bridge, await this.#ensure(bridge));
    } catch (error) {
      this.log({ level: 'warn', message: `the firewall: ${messageOf(error)}` });
    }
    return PERIOD_MS;
  }

  /** End what tells of changes. */
  stop(): void {
    this.#monitor?.kill();
    this.#monitor = null;
  }

  /** Have changes told. Whether somebody does. */
  async #listen(): Promise<boolean> {
    if (this.#monitor !== null) return true;
    if (!(await isNftLoaded(this.host))) return true;
    const argv = await this.#monitorArgv();
    if (argv === null) return false;
    const monitor = this.host.spawn(argv, {
      onLine: (line) => {
        if (line.startsWith('#') || NO_RULE.test(line) || this.#changed) return;
        this.changed();
      },
    });
    this.#monitor = monitor;
    this.#changed = true;
    void monitor.exited.then(() => {
      if (this.#monitor === monitor) this.#monitor = null;
    });
    return true;
  }

  /** xtables-monitor(8) comes with iptables, and tells of each new generation of rules; by itself only in blocks. */
  async #monitorArgv(): Promise<readonly string[] | null> {
    const has = async (program: string) => (await this.host.which(program)) !== null;
    if (await has('nft')) return ['nft', 'monitor'];
    const canTell = (await has('xtables-monitor')) && (await has('stdbuf'));
    return canTell ? ['stdbuf', '--output=L', 'xtables-monitor', '--event'] : null;
  }

  async #readSwitches(): Promise<string> {
    const own = await Promise.all(this.bridges.map((bridge) => readSwitches(this.host, bridge)));
    const legacy = (await hasLegacyTables(this.host)) ? await this.#legacyRules() : '';
    return [...own, legacy].join('\n');
  }

  /** Without counters, which change all the time. */
  async #legacyRules(): Promise<string> {
    const shown: string[] = [];
    for (const base of ['iptables', 'ip6tables']) {
      const isTwo = (await this.host.which(`${base}-legacy-save`)) !== null;
      const program = isTwo ? `${base}-legacy-save` : `${base}-save`;
      if ((await this.host.which(program)) === null) continue;
      const { stdout } = await this.host.run([program, '-t', 'filter'], { check: false });
      shown.push(stdout.replaceAll(/^#.*$|\[\d+:\d+\]/gm, ''));
    }
    return shown.join('\n');
  }

  async #ensure(bridge: string): Promise<readonly AcceptRuleStatus[]> {
    try {
      return await ensureAcceptRule(this.host, bridge);
    } catch (error) {
      return [{ bridge, state: 'failed', detail: `the firewall, for ${bridge}: ${messageOf(error)}` }];
    }
  }

  #tell(bridge: string, statuses: readonly AcceptRuleStatus[]): void {
    const told = statuses.map(({ detail }) => detail).join('\n');
    if (!statuses.some(({ state }) => state === 'added') && this.#told.get(bridge) === told) return;
    this.#told.set(bridge, told);
    for (const { state, detail } of statuses) {
      this.log({ level: state === 'failed' || state === 'by-hand' ? 'warn' : 'info', message: detail });
    }
  }
}
