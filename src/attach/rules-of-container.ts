import { messageOf } from '../errors.js';
import type { ContainerInfo } from '../host/host.js';
import type { Endpoint } from '../model/endpoint.js';
import type { AttachConfig } from './config.js';
import { shortId } from './names.js';
import { parseRule, printable, RuleError } from './rule.js';

/** A rule of a container that is not followed, and why. All texts are printable. */
interface RuleProblem {
  /** Name of the environment variable. */
  readonly variable: string;
  readonly rule: string;
  readonly token: string | null;
  readonly code: string;
  readonly message: string;
}

/** What the rules of a container come to. */
export interface ContainerRules {
  readonly endpoints: readonly Endpoint[];
  readonly problems: readonly RuleProblem[];
}

type RuleConfig = Pick<AttachConfig, 'bridges'> & Partial<Pick<AttachConfig, 'dhcpClient'>>;

/** The names that docker-pipework knows. */
const VARIABLE = /pipework_cmd/;
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
 * The endpoints that a container asks for in its environment. The environment is anybody's text: whatever stands
 * there, this returns, with a problem for each rule that is not followed.
 */
export function rulesOfContainer(container: ContainerInfo, config: RuleConfig): ContainerRules {
  const endpoints: Endpoint[] = [];
  const problems: RuleProblem[] = [];
  const variables = variablesOf(container);
  for (const { name, rule } of variables.slice(0, MAX_RULES)) {
    try {
      const endpoint = endpointOf(rule, container, config);
      refuseRepeats(endpoint, endpoints);
      endpoints.push(endpoint);
    } catch (error) {
      problems.push({ variable: printable(name), rule: printable(rule, 200), ...problemOf(error) });
    }
  }
  for (const { name, rule } of variables.slice(MAX_RULES)) {
    const message = `a container has at most ${MAX_RULES} rules`;
    problems.push({
      variable: printable(name),
      rule: printable(rule, 200),
      token: null,
      code: 'rule-extra',
      message,
    });
  }
  return { endpoints, problems };
}

function variablesOf(container: ContainerInfo): { name: string; rule: string }[] {
  return container.env
    .map((line) => {
      const equals = line.indexOf('=');
      return equals < 0
        ? { name: line, rule: '' }
        : { name: line.slice(0, equals), rule: line.slice(equals + 1) };
    })
    .filter(({ name, rule }) => VARIABLE.test(name) && rule.trim() !== '')
    .sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
}

function endpointOf(text: string, container: ContainerInfo, config: RuleConfig): Endpoint {
  const { guest, endpoint } = parseRule(expandMacros(text, container), config.dhcpClient);
  if (!namesContainer(guest, container)) {
    throw new RuleError('rule-guest', guest, 'a container can only ask for itself; write @CONTAINER_NAME@');
  }
  if (!config.bridges.includes(endpoint.bridge)) {
    const allowed = config.bridges.join(', ');
    throw new RuleError('rule-interface', endpoint.bridge, `it is not a bridge for containers (${allowed})`);
  }
  refuseForeignNetwork(container);
  return endpoint;
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

function problemOf(error: unknown): Pick<RuleProblem, 'token' | 'code' | 'message'> {
  return error instanceof RuleError
    ? { token: error.token, code: error.code, message: error.message }
    : { token: null, code: 'rule-unreadable', message: messageOf(error) };
}
