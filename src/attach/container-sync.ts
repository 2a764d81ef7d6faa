import { messageOf, SetupError } from '../errors.js';
import type { ContainerInfo, Host, ImageInfo } from '../host/host.js';
import type { Endpoint } from '../model/endpoint.js';
import { clientsOf, isAlive } from './client.js';
import { clearContainer, converge, type Outcome } from './converge.js';
import { addressOf, stateOf } from './engine.js';
import { type EventFilters, passesFilters } from './event-filters.js';
import { FastPath } from './fast-path.js';
import type { HostLinks } from './host-links.js';
import { readLease, whyWithoutLease } from './lease.js';
import { hostLinkOf, macOf } from './link.js';
import type { Log } from './log.js';
import { hostLinkName, shortId } from './names.js';
import { forgetResolvConf, syncResolvConf } from './resolv-conf.js';
import { hasRules } from './rule-sources.js';
import { type RulePolicy, type RuleProblem, rulesOfContainer } from './rules-of-container.js';
import { forgetEndpoint, readEndpointState, readEndpointStates, writeEndpointState } from './state.js';
import type { Supervisor } from './supervisor.js';

/** How long after its end a container may still be removed by the same command. */
const REMOVAL_GRACE_MS = 2000;
/** So many images are remembered. */
const MAX_IMAGES = 100;

/** Whose rules count, and what they may ask for. */
export type SyncPolicy = RulePolicy & { readonly filters: EventFilters };

/** Brings one container to what its rules ask for, and writes down how it went. */
export class ContainerSync {
  /** By container: the problems that were told already, since its start. */
  readonly #told = new Map<string, { startedAt: string; problems: Set<string> }>();

  readonly #images = new Map<string, ImageInfo>();
  readonly #fastPath: FastPath;
  #links: HostLinks | null = null;

  constructor(
    private readonly host: Host,
    private readonly policy: SyncPolicy,
    private readonly supervisor: Supervisor,
    private readonly log: Log,
  ) {
    this.#fastPath = new FastPath(host);
  }

  /** For a pass over all containers: the host's links are read once for all of them. `null`: it is over. */
  useLinks(links: HostLinks | null): void {
    this.#links = links;
    if (links !== null) this.#fastPath.learn(links.links);
  }

  /** Containers are going to be looked at. */
  warm(): void {
    this.#fastPath.warm();
  }

  /** Nothing more is to be done. */
  close(): void {
    this.#fastPath.close();
  }

  /** Returns whether all is as wanted; false asks for another attempt. Throws when Docker does not answer. */
  async run(containerId: string): Promise<boolean> {
    const container = await this.host.docker.inspect(containerId);
    if (!container?.running) {
      if (container !== null && (await this.#mayBeRemoved(container))) return false;
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
    await syncResolvConf(this.host, container);
    return !failed;
  }

  async #converge(container: ContainerInfo, endpoints: readonly Endpoint[]): Promise<readonly Outcome[]> {
    try {
      return await converge(this.host, container, endpoints, this.supervisor, {
        fastPath: this.#fastPath,
        ...(this.#links === null ? {} : { links: this.#links }),
      });
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
    const record = await readLease(this.host, hostLink);
    const lease = confirmed === null ? null : (record?.lease ?? null);
    const waits = endpoint.address.method === 'dhcp' && lease === null;
    const state = error !== null ? 'failed' : waits ? 'waiting-for-lease' : 'attached';
    const reason = error !== null ? messageOf(error) : waits ? whyWithoutLease(record) : null;
    const address = addressOf(endpoint, lease);
    const before = await readEndpointState(this.host, container.id, hostLink);
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
    if (state === 'waiting-for-lease') {
      // A client that was just started has none yet, as after a restart of the container.
      const isLost = before?.address && actions.length === 0;
      const lost = isLost ? `its lease of ${before.address} is over; it ` : '';
      this.log({ level: lost === '' ? 'info' : 'warn', message: `${where}: ${lost}waits for a DHCP lease` });
    }
    if (state === 'attached') {
      const changed = before?.state === 'attached' && before.address !== address.address;
      const was = changed ? `, before ${before.address}` : '';
      const via = address.gateway === null ? '' : ` via ${address.gateway}`;
      this.log({
        level: 'info',
        message: `${where}: ${address.address ?? 'without an address'}${via}${was}`,
      });
    }
  }

  async #clear(containerId: string, destroyed: boolean): Promise<void> {
    const key = shortId(containerId);
    this.#told.delete(key);
    const cleared = await clearContainer(this.host, containerId, this.supervisor, destroyed);
    const states = await readEndpointStates(this.host, containerId);
    const names = new Set([...cleared, ...states.map(({ hostInterfaceName }) => hostInterfaceName)]);
    for (const hostLink of names) {
      this.supervisor.forget(hostLink);
      // A stopped container keeps its lease: when it starts again it asks for the same address. Its state stays
      // too, and so a pass of a later daemon finds out when the container has been removed.
      const state = states.find(({ hostInterfaceName }) => hostInterfaceName === hostLink);
      if (destroyed || state === undefined) await forgetEndpoint(this.host, containerId, hostLink);
      else await writeEndpointState(this.host, { ...state, state: 'stopped', address: null, error: null });
      this.log({ level: 'debug', message: `${key}: ${hostLink} is cleared away` });
    }
    if (destroyed) await forgetResolvConf(this.host, containerId);
  }

  /**
   * `docker rm -f`, `--rm` and `compose down` stop a container and remove it a moment later. Until then its DHCP client
   * stays, and with it the link, without which the lease could not be given back.
   */
  async #mayBeRemoved({ id, finishedAt }: ContainerInfo): Promise<boolean> {
    const age = this.host.clock.now() - Date.parse(finishedAt);
    if (!(age >= 0 && age < REMOVAL_GRACE_MS)) return false;
    const clients = await clientsOf(this.host, id);
    return (await Promise.all(clients.map((client) => isAlive(this.host, client)))).includes(true);
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
