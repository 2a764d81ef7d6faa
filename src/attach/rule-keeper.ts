import { messageOf } from '../errors.js';
import type { Host } from '../host/host.js';
import { type AcceptRuleStatus, ensureAcceptRule } from './accept-rule.js';
import type { Log } from './log.js';

/** Docker and firewalls drop the accept rule whenever they restart. */
const PERIOD_MS = 10_000;
const RETRY_MS = 1000;

/** Keeps the accept rules of the bridges, and tells what becomes of them. */
export class RuleKeeper {
  /** By bridge and family: what was told last. */
  readonly #told = new Map<string, string>();

  constructor(
    private readonly host: Host,
    private readonly bridges: readonly string[],
    private readonly log: Log,
  ) {}

  /** Bring the rules back that are not there; when to look again, ms. */
  async keep(): Promise<number> {
    let period = PERIOD_MS;
    for (const bridge of this.bridges) {
      for (const status of await this.#ensure(bridge)) {
        if (status.state === 'waiting') period = RETRY_MS;
        this.#tell(status);
      }
    }
    return period;
  }

  async #ensure(bridge: string): Promise<AcceptRuleStatus[]> {
    try {
      return await ensureAcceptRule(this.host, bridge);
    } catch (error) {
      this.log({ level: 'warn', message: `the accept rule of ${bridge}: ${messageOf(error)}` });
      return [];
    }
  }

  #tell({ bridge, family, state, detail }: AcceptRuleStatus): void {
    const key = `${bridge}/${family}`;
    if (state !== 'added' && this.#told.get(key) === detail) return;
    this.#told.set(key, detail);
    this.log({ level: state === 'failed' ? 'warn' : 'info', message: detail });
  }
}
