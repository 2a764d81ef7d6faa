import type { HostFacts } from '../model/facts.js';
import { addressesOf, networkOf } from '../model/ipv4.js';
import { defaultRoute, linkNamed } from '../model/links.js';
import type { Style } from './style.js';

/**
 * What to type next on a host that was just set up: lines for its own LAN, ready to copy.
 * @param names of containers that there are none of yet
 */
export function nextText(
  facts: HostFacts,
  bridge: string,
  hasService: boolean,
  s: Style,
  [first = 'web', second = 'web2']: readonly string[] = [],
): string {
  const free = freeAddress(facts, bridge);
  const gateway = defaultRoute(facts)?.gateway;
  return [
    s.bold('Now put a container on the LAN. With an address of its DHCP server:'),
    runText(bridge, first, 'dhcp'),
    ...(free === null
      ? []
      : [
          s.bold('With a static one, which is free and which the DHCP server does not give:'),
          runText(bridge, second, `${free}${gateway ? `@${gateway}` : ''}`),
        ]),
    ...(hasService ? [] : ['No service was installed: `bridge-setup daemon` has to run to attach them.']),
    `See it: ${s.bold('`bridge-setup status`')}`,
    `Roll it back: ${s.bold('`bridge-setup rollback`')}`,
  ].join('\n');
}

/** The command that starts a container with a rule, in lines short enough for a terminal. */
export function runText(bridge: string, name: string, address: string): string {
  return [
    `docker run -d --restart=always --name=${name} --net=none \\`,
    `  -e 'pipework_cmd=${bridge} -i eth0 @CONTAINER_NAME@ ${address}' \\`,
    '  nginx',
  ].join('\n');
}

/** An address near the end of the LAN, where DHCP servers seldom give any; only an example. */
function freeAddress(facts: HostFacts, bridge: string): string | null {
  const own = linkNamed(facts, bridge)?.addresses.find(
    ({ family, scope }) => family === 4 && scope === 'global',
  );
  if (own === undefined) return null;
  const lan = networkOf(`${own.address}/${own.prefix}`);
  const taken = [own.address, defaultRoute(facts)?.gateway, ...facts.dns.nameservers];
  const address = addressesOf(lan, 15).find((one) => !taken.includes(one));
  return address === undefined ? null : `${address}/${own.prefix}`;
}
