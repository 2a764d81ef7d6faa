import { messageOf, SetupError } from '../errors.js';
import type { ContainerInfo, Host, ImageInfo } from '../host/host.js';
import type { Endpoint } from '../model/endpoint.js';
import { clearContainer, converge, type Outcome } from './converge.js';
import { addressOf, stateOf } from './engine.js';
import { type EventFilters, passesFilters } from './event-filters.js';
import { readLease } from './lease.js';
import { hostLinkOf, macOf } from './link.js';
import type { Log } from './log.js';
import { hostLinkName, shortId } from './names.js';
import { hasRules } from './rule-sources.js';
import { type RulePolicy, type RuleProblem, rulesOfContainer } from './rules-of-container.js';
import { forgetEndpoint, readEndpointStates, writeEndpointState } from './state.js';
import type { Supervisor } from './supervisor.js';

/** Whose rules count, and what they may ask for. */
export type SyncPolicy = RulePolicy & { readonly filters: EventFilters };

/** So many images are remembered. */
const MAX_IMAGES = 100;

/** Brings one container to what its rules ask for, and writes down how it went. */
export class ContainerSync {
  /** By container: the problems that were told already, since its start. */
  readonly #told = new Map<string, { startedAt: string; problems: Set<string> }>();

  readonly #images = new Map<string, ImageInfo>();

  constructor(
    private readonly host: Host,
    private readonly policy: SyncPolicy,
    private readonly supervisor: Supervisor,
    private readonly log: Log,
  ) {}

  /** Returns whether all is as wanted; false asks for another attempt. Throws when Docker does not answer. */
  async run(containerId: string): Promise<boolean> {
    const container = await this.host.docker.inspect(containerId);
    if (!container?.running) {
      await this.#clear(containerId, container === null);
      return true;
    }
    if (!hasRules(container) || !passesFilters(container, this.policy.filters)) return true;
    const { endpoints, problems } = rulesOfContainer(container, this.policy, await this.#imageOf(container));
    for (const problem of problems) await this.#tellProblem(container, problem);
    return endpoints.length === 0 || this.#attach(container, endpoints);
  }

  /** An image never changes under its id. */
  async #imageOf({ imageId }: ContainerInfo): Promise<ImageInfo | null> {
    const known = this.#images.get(imageId);
    if (known !== undefined) return known;
    const image = await this.host.docker.inspectImage(imageId);
    if (this.#images.size >= MAX_IMAGES) this.#images.clear();
    if (image !== null) this.#images.set(imageId, image);
    return image;
  }

  async #tellProblem(container: ContainerInfo, problem: RuleProblem): Promise<void> {
    const { variable, rule, message, remedy, endpoint } = problem;
    const text = `${variable}="${rule}" is not followed: ${message}`;
    this.#tellOnce(container, remedy === null ? text : `${text}. ${remedy}`);
    if (endpoint === null) return;
    // Under a name of ours, never under one that the rule gives: that may be another container's.
    const hostLink = hostLinkName(container.id, endpoint.interfaceName);
    const verdict = { address: null, gateway: null, state: 'failed', error: text } as const;
    const at = { hostLink, endpoint, mac: macOf(container, endpoint) };
    await writeEndpointState(this.host, stateOf(container, at, verdict));
  }

  async #attach(container: ContainerInfo, endpoints: readonly Endpoint[]): Promise<boolean> {
    const outcomes = await this.#converge(container, endpoints);
    // The container may have stopped in the middle of it: that is no failure of the endpoint's.
    const failed = outcomes.some(({ error }) => error !== null);
    if (failed && !(await this.#stillRuns(container))) return false;
    for (const outcome of outcomes) await this.#write(container, outcome);
    return !failed;
  }

  async #converge(container: ContainerInfo, endpoints: readonly Endpoint[]): Promise<readonly Outcome[]> {
    try {
      return await converge(this.host, container, endpoints, this.supervisor);
    } catch (error) {
      return endpoints.map((endpoint) => ({
        hostLink: hostLinkOf(container, endpoint),
        endpoint,
        mac: macOf(container, endpoint),
        actions: [],
        error,
        lease: null,
      }));
    }
  }

  async #write(container: ContainerInfo, outcome: Outcome): Promise<void> {
    const { hostLink, endpoint, error, lease: confirmed, actions } = outcome;
    const lease = confirmed === null ? null : ((await readLease(this.host, hostLink))?.lease ?? null);
    const waits = endpoint.address.method === 'dhcp' && lease === null;
    const state = error !== null ? 'failed' : waits ? 'waiting-for-lease' : 'attached';
    const reason = error !== null ? messageOf(error) : waits ? this.supervisor.lastLine(hostLink) : null;
    const address = addressOf(endpoint, lease);
    const isNew = await writeEndpointState(
      this.host,
      stateOf(container, outcome, { ...address, state, error: reason }),
    );
    for (const action of actions) {
      const why = 'reason' in action ? ` (${action.reason})` : '';
      this.log({ level: 'debug', message: `${container.name}: ${action.kind} ${action.hostLink}${why}` });
    }
    if (!isNew) return;
    const where = `${container.name} ${endpoint.interfaceName} on ${endpoint.bridge}`;
    if (state === 'failed') this.log({ level: 'error', message: `${where}: ${reason}${hintOf(error)}` });
    if (state === 'waiting-for-lease')
      this.log({ level: 'info', message: `${where}: waits for a DHCP lease` });
    if (state === 'attached') {
      this.log({ level: 'info', message: `${where}: ${address.address ?? 'without an address'}` });
    }
  }

  async #clear(containerId: string, destroyed: boolean): Promise<void> {
    const key = shortId(containerId);
    this.#told.delete(key);
    const cleared = await clearContainer(this.host, containerId, this.supervisor);
    const states = (await readEndpointStates(this.host)).filter(
      (state) => shortId(state.containerId) === key,
    );
    const names = new Set([...cleared, ...states.map(({ hostInterfaceName }) => hostInterfaceName)]);
    for (const hostLink of names) {
      this.supervisor.forget(hostLink);
      // A stopped container keeps its lease: when it starts again it asks for the same address. Its state stays
      // too, and so a pass of a later daemon finds out when the container has been removed.
      const state = states.find(({ hostInterfaceName }) => hostInterfaceName === hostLink);
      if (destroyed || state === undefined) await forgetEndpoint(this.host, hostLink);
      else await writeEndpointState(this.host, { ...state, state: 'stopped', address: null, error: null });
      this.log({ level: 'debug', message: `${key}: ${hostLink} is cleared away` });
    }
  }

  async #stillRuns({ id, startedAt }: ContainerInfo): Promise<boolean> {
    const now = await this.host.docker.inspect(id);
    return now?.running === true && now.startedAt === startedAt;
  }

  #tellOnce(container: ContainerInfo, problem: string): void {
    const key = shortId(container.id);
    let told = this.#told.get(key);
    if (told?.startedAt !== container.startedAt) {
      told = { startedAt: container.startedAt, problems: new Set() };
      this.#told.set(key, told);
    }
    if (told.problems.has(problem)) return;
    told.problems.add(problem);
    this.log({ level: 'warn', message: `${container.name}: ${problem}` });
  }
}

function hintOf(error: unknown): string {
  return error instanceof SetupError && error.hint !== undefined ? ` ${error.hint}` : '';
}
