import { existingBridges, portDelay } from '../model/existing-bridge.js';
import type { HostFacts, Link } from '../model/facts.js';
import { lanPorts } from '../model/lan-ports.js';
import { defaultRoute } from '../model/links.js';
import type { ExistingChoice } from '../ui/questions.js';
import { isExisting, servedBridges } from './served-bridge.js';

/** Bridges that are offered as they are: all that lead to the LAN, but for one that bridge-setup has made itself. */
export function existingChoices(facts: HostFacts): ExistingChoice[] {
  const served = servedBridges(facts);
  const route = defaultRoute(facts)?.link;
  return existingBridges(facts)
    .filter(({ name }) => !served.includes(name) || isExisting(facts, name))
    .toSorted((a, b) => Number(b.name === route) - Number(a.name === route))
    .map((link) => ({ name: link.name, description: existingText(facts, link) }));
}

/** `192.168.1.10/24, port eno1; STP delays each container by 30 s` */
function existingText(facts: HostFacts, link: Link): string {
  const own = link.addresses.find(({ family, scope }) => family === 4 && scope === 'global');
  const ports = lanPorts(facts, link.name).map(({ name }) => name);
  const delay = portDelay(link);
  return [
    `${own === undefined ? 'no address' : `${own.address}/${own.prefix}`}, port ${ports.join(', ')}`,
    ...(link.up ? [] : ['it is down']),
    ...(delay > 0 ? [`STP: each container waits ${delay} s`] : []),
    ...(link.bridge?.macSet === false ? ['nobody has set its MAC address'] : []),
  ].join('; ');
}
