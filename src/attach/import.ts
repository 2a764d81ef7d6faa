import type { ContainerInfo, ImageInfo } from '../host/host.js';
import { isRuntimeContainer } from '../model/runtime-container.js';
import { PIPEWORK_SETTINGS } from './docker-pipework.js';
import { hostLinkOf, macOf } from './link.js';
import { printable } from './rule.js';
import { splitVariable } from './rule-sources.js';
import { type RulePolicy, type RuleProblem, rulesOfContainer } from './rules-of-container.js';

/** What the rules of one container would do. */
export interface ImportedContainer {
  readonly name: string;
  readonly image: string;
  readonly endpoints: readonly {
    readonly interfaceName: string;
    readonly hostInterfaceName: string;
    readonly bridge: string;
    /** With prefix length; `null`: none, or what the DHCP server gives. */
    readonly address: string | null;
    readonly gateway: string | null;
    readonly method: string;
    readonly mac: string;
  }[];
  readonly refused: readonly Omit<RuleProblem, 'endpoint'>[];
  readonly settings: readonly ImportedSetting[];
}

/** A setting of docker-pipework that was found. */
export interface ImportedSetting {
  readonly variable: string;
  /** Why it did nothing in the original; `null`: it did something. */
  readonly dead: string | null;
  readonly here: string;
}

/** docker-pipework itself, under the name of its image or of a copy of it. */
const ORIGINAL = /(^|\/)(docker-)?pipework([:@]|$)/;

/** What a container's rules would do, and which settings of docker-pipework it has; `null` when there is neither. */
export function importContainer(
  container: ContainerInfo,
  policy: RulePolicy,
  image: ImageInfo | null,
): ImportedContainer | null {
  const original = ORIGINAL.test(container.image) || isRuntimeContainer(container);
  const settings = settingsOf(container, original);
  // The rules of docker-pipework's own container are for manual mode: they name other containers.
  const { endpoints, problems } = original
    ? { endpoints: [], problems: [] }
    : rulesOfContainer(container, policy, image);
  if (endpoints.length + problems.length + settings.length === 0) return null;
  return {
    name: printable(container.name),
    image: printable(container.image),
    endpoints: endpoints.map((endpoint) => ({
      interfaceName: endpoint.interfaceName,
      hostInterfaceName: hostLinkOf(container, endpoint),
      bridge: endpoint.bridge,
      address: endpoint.address.method === 'static' ? endpoint.address.address : null,
      gateway: endpoint.address.method === 'static' ? endpoint.address.gateway : null,
      method: endpoint.address.method,
      mac: macOf(container, endpoint),
    })),
    refused: problems.map(({ endpoint: _, ...problem }) => problem),
    settings,
  };
}

function settingsOf({ env }: ContainerInfo, original: boolean): ImportedSetting[] {
  const scope = original ? 'global' : 'container';
  const known = PIPEWORK_SETTINGS.filter((one) => one.scope === scope && (original || one.name !== 'cmd'));
  return env.flatMap((line) => {
    const { name: variable, text } = splitVariable(line);
    const found = known.find(({ name }) => names(variable, name, original));
    if (text === '' || found === undefined) return [];
    // What was dead of "cmd" is its name without the prefix.
    const dead = found.name === 'cmd' && variable !== 'cmd' ? null : found.dead;
    return [{ variable: printable(variable), dead, here: found.here }];
  });
}

/** Rules and `host_route` may have words before and after their name; on its own container the prefix may be left out. */
function names(variable: string, name: string, original: boolean): boolean {
  if (variable === `pipework_${name}` || (original && variable === name)) return true;
  if (original) return name === 'cmd' && variable.includes('pipework_cmd');
  return name === 'host_route' && variable.includes('pipework_host_route');
}
