import { messageOf } from '../errors.js';
import type { ContainerInfo, ImageInfo } from '../host/host.js';
import { FROM_IMAGE } from '../model/container-rule.js';
import type { Endpoint } from '../model/endpoint.js';
import { RUNTIME_CONFIG_FILE } from '../model/paths.js';
import { isInNetworks } from './address.js';
import type { AttachConfig } from './config.js';
import { shortId } from './names.js';
import { parseRule, printable, RuleError } from './rule.js';
import { hasKey, type RuleSource, ruleSources } from './rule-sources.js';

/** What rules of containers may ask for. */
export type RulePolicy = Pick<AttachConfig, 'bridges'> &
  Partial<Pick<AttachConfig, 'addresses' | 'imageRules' | 'dhcpClient' | 'ipv6'>> & {
    /** Only containers with this key have a say; `null` or absent: all. */
    readonly key?: string | null;
    /** Identity of the host that MAC addresses are made from; `null` or absent: of names alone. */
    readonly machine?: string | null;
  };

/** A rule of a container that is not followed, and why. All texts are printable. */
export interface RuleProblem {
  /** Name of the environment variable or of the label. */
  readonly variable: string;
  readonly rule: string;
  /** What it asks for, as far as that is clear; `null` when an endpoint of another rule is in its place. */
  readonly endpoint: Endpoint | null;
  readonly token: string | null;
  readonly code: string;
  readonly message: string;
  /** What to do about it. */
  readonly remedy: string | null;
}

/** What the rules of a container come to. */
export interface ContainerRules {
  readonly endpoints: readonly Endpoint[];
  readonly problems: readonly RuleProblem[];
}

const MAX_RULES = 32;
const MACRO_VALUE = /^[A-Za-z0-9_.-]{1,255}$/;

/**
 * The macros of docker-pipework (github.com/dreamcat4/docker-images, pipework/entrypoint.sh). There the result is
 * given to a shell; here it is only ever parsed.
 */
const MACROS: Readonly<Record<string, (container: ContainerInfo) => string>> = {
  '@CONTAINER_NAME@': (container) => container.name,
  '@CONTAINER_ID@': (container) => shortId(container.id),
  '@HOSTNAME@': (container) => container.hostname,
  /** The last run of digits in the name: the number of a scaled service. */
  '@INSTANCE@': (container) => container.name.match(/\d+/g)?.at(-1) ?? '',
  '@COMPOSE_PROJECT_NAME@': (container) => container.labels['com.docker.compose.project'] ?? '',
};

/**
 * The endpoints that a container asks for in its environment and labels. Those are anybody's text: whatever stands
 * there, this returns, with a problem for each rule that is not followed.
 * @param image what its image brings along; `null`: not known. Rules that it brings along are not followed by default
 */
export function rulesOfContainer(
  container: ContainerInfo,
  policy: RulePolicy,
  image: ImageInfo | null = { id: '', env: [], labels: {} },
): ContainerRules {
  const endpoints: Endpoint[] = [];
  const problems: RuleProblem[] = [];
  const { key = null, imageRules = false } = policy;
  if (key !== null && !hasKey(container, image, key, imageRules)) return { endpoints, problems };
  for (const [index, source] of ruleSources(container, image).entries()) {
    let endpoint: Endpoint | null = null;
    try {
      if (index >= MAX_RULES) {
        throw new RuleError('rule-extra', null, `a container has at most ${MAX_RULES} rules`);
      }
      endpoint = endpointOf(source.text, container, policy);
      refuseImageRule(source, container, policy, image);
      refuseForbidden(endpoint, container, policy);
      refuseRepeats(endpoint, endpoints);
      endpoints.push(endpoint);
    } catch (error) {
      const { name, text } = source;
      const rule = printable(text, 200);
      problems.push({ variable: printable(name), rule, endpoint, ...problemOf(error) });
    }
  }
  const taken = new Set(endpoints.map(({ interfaceName }) => interfaceName));
  const inTheWay = (endpoint: Endpoint | null) => endpoint !== null && taken.has(endpoint.interfaceName);
  return {
    endpoints,
    problems: problems.map((one) => (inTheWay(one.endpoint) ? { ...one, endpoint: null } : one)),
  };
}

function endpointOf(text: string, container: ContainerInfo, policy: RulePolicy): Endpoint {
  const { dhcpClient, ipv6, machine = null } = policy;
  const { guest, endpoint } = parseRule(expandMacros(text, container), dhcpClient);
  if (!namesContainer(guest, container)) {
    throw new RuleError('rule-guest', guest, 'a container can only ask for itself; write @CONTAINER_NAME@');
  }
  return {
    ...endpoint,
    ...(ipv6 === 'slaac' ? { ipv6 } : {}),
    ...(machine === null ? {} : { machine }),
  };
}

/** A rule that is not followed although there is nothing wrong with its words. */
class NotAllowed extends Error {
  constructor(
    readonly code: string,
    message: string,
    readonly remedy: string,
    readonly token: string | null = null,
  ) {
    super(message);
  }
}

function refuseImageRule(
  { fromImage }: RuleSource,
  container: ContainerInfo,
  { imageRules = false }: RulePolicy,
  image: ImageInfo | null,
): void {
  if (!fromImage || imageRules) return;
  const name = printable(container.image);
  throw new NotAllowed(
    FROM_IMAGE,
    image === null
      ? `its image ${name} cannot be looked at, so it may be the image's`
      : `it comes with the image ${name}, and was not given at "docker run"`,
    `Give the rule at "docker run", in other words than the image's; or, to follow the rules of all images, set "imageRules": true in ${RUNTIME_CONFIG_FILE}.`,
  );
}

function refuseForbidden({ bridge, address }: Endpoint, container: ContainerInfo, policy: RulePolicy): void {
  const { bridges, addresses } = policy;
  if (!bridges.includes(bridge)) {
    throw new NotAllowed(
      'rule-interface',
      `"${bridge}": it is not a bridge for containers (${bridges.join(', ')})`,
      bridgeHint(bridge, bridges),
      bridge,
    );
  }
  if (address.method === 'static' && addresses !== undefined && !isInNetworks(address.address, addresses)) {
    throw new NotAllowed(
      'rule-address-range',
      `"${address.address}": it is in none of the networks that rules may use (${addresses.join(', ')})`,
      `They are "addresses" in ${RUNTIME_CONFIG_FILE}.`,
    );
  }
  refuseForeignNetwork(container);
}

function bridgeHint(name: string, bridges: readonly string[]): string {
  const others = `Bridges for containers are "bridges" in ${RUNTIME_CONFIG_FILE}.`;
  // In rules of docker-pipework that is often a NIC: a macvlan on it was on the LAN, as a port of the bridge is here.
  return /^(br|ovs|vmbr|virbr)/.test(name)
    ? others
    : `Write "${bridges[0]}" for "${name}" in the rule. ${others}`;
}

function expandMacros(text: string, container: ContainerInfo): string {
  let expanded = text;
  for (const [macro, read] of Object.entries(MACROS)) {
    if (!expanded.includes(macro)) continue;
    const value = read(container);
    // No white space, so a value stays within its token.
    if (!MACRO_VALUE.test(value)) {
      throw new RuleError(
        'rule-character',
        macro,
        value === '' ? 'this container has none' : 'not usable in a rule',
      );
    }
    expanded = expanded.replaceAll(macro, value);
  }
  return expanded;
}

function namesContainer(guest: string, container: ContainerInfo): boolean {
  return guest === container.name || (guest.length >= 12 && container.id.startsWith(guest));
}

/**
 * With `--network host` the container's namespace is the host's: an endpoint there would take over the host's own
 * default route. With `--network container:…` it belongs to another container.
 */
export function foreignNetwork(container: ContainerInfo): string | null {
  if (container.networkMode === 'host') return 'the container uses the network of the host';
  return container.networkMode.startsWith('container:')
    ? 'the container uses the network of another container: attach that one'
    : null;
}

function refuseForeignNetwork(container: ContainerInfo): void {
  const reason = foreignNetwork(container);
  if (reason !== null) throw new RuleError('rule-guest', container.name, reason);
}

function refuseRepeats(endpoint: Endpoint, earlier: readonly Endpoint[]): void {
  if (earlier.some(({ interfaceName }) => interfaceName === endpoint.interfaceName)) {
    throw new RuleError(
      'rule-interface',
      endpoint.interfaceName,
      'an earlier rule has this interface already',
    );
  }
  const { hostInterfaceName } = endpoint;
  if (hostInterfaceName !== null && earlier.some((other) => other.hostInterfaceName === hostInterfaceName)) {
    throw new RuleError('rule-interface', hostInterfaceName, 'an earlier rule has this interface already');
  }
}

function problemOf(error: unknown): Pick<RuleProblem, 'token' | 'code' | 'message' | 'remedy'> {
  if (error instanceof NotAllowed) {
    const { token, code, message, remedy } = error;
    return { token, code, message, remedy };
  }
  return error instanceof RuleError
    ? { token: error.token, code: error.code, message: error.message, remedy: null }
    : { token: null, code: 'rule-unreadable', message: messageOf(error), remedy: null };
}
