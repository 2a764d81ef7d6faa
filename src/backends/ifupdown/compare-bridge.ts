import type { Link } from '../../model/facts.js';
import type { Finding } from '../../model/finding.js';
import { linkNamed } from '../../model/links.js';
import { eitherWay, error, warning } from '../difference.js';
import { DEFAULT_FORWARD_DELAY } from '../forward-delay.js';
import { type Comparison, remake } from './comparison.js';
import { bridgePorts } from './files.js';
import { optionValue, words } from './syntax.js';

/** The value of an option, of the first stanza that has it, and where that is. */
function first({ stanzas }: Comparison, name: string): { value: string; path: string } | null {
  for (const stanza of stanzas) {
    const value = optionValue(stanza, name);
    if (value !== null) return { value, path: stanza.path };
  }
  return null;
}

/** The ports that the files give the bridge are its ports, and no other NIC is. */
export function comparePorts(compared: Comparison): Finding[] {
  const { facts, link, stanzas } = compared;
  const named = [...new Set(stanzas.flatMap((stanza) => bridgePorts(stanza) ?? []))];
  // "all" and "regex" take what is there.
  if (named.some((name) => ['all', 'regex'].includes(name))) return [];
  const path = first(compared, 'bridge_ports')?.path ?? '';
  const wanted = named.filter((name) => name !== 'none' && name !== '');
  const absent = wanted.flatMap((name) => absentPort(linkNamed(facts, name), name, link.name, path));
  const others = facts.links
    // The host's sides of containers are veths; their attach runtime plugs them in again.
    .filter((port) => port.master === link.name && port.kind !== 'veth' && !wanted.includes(port.name))
    .map(({ name }) =>
      warning(
        'port-not-in-files',
        `${name} is a port of ${link.name}, but ${path} does not name it: after a reboot it is none.`,
        eitherWay(`ip link set dev ${name} nomaster`, `add ${name} to bridge_ports`),
      ),
    );
  return [...absent, ...others, ...wanted.flatMap((name) => addressesOfPort(linkNamed(facts, name), link))];
}

function absentPort(port: Link | null, name: string, bridge: string, path: string): Finding[] {
  if (port?.master === bridge) return [];
  const now =
    port === null
      ? `there is no ${name}`
      : port.master === null
        ? 'it is not'
        : `it is a port of ${port.master}`;
  return [
    error(
      'port-not-in-bridge',
      `${path} makes ${name} the port of ${bridge}, but ${now}.`,
      port === null
        ? `Name the NIC that leads to the LAN in bridge_ports of ${path}.`
        : eitherWay(`ip link set dev ${name} master ${bridge}`),
    ),
  ];
}

/** The network of a port belongs to its bridge. */
function addressesOfPort(port: Link | null, bridge: Link): Finding[] {
  const own = port?.master === bridge.name ? port.addresses.filter(({ scope }) => scope === 'global') : [];
  return own.map(({ address, prefix }) =>
    error(
      'port-has-address',
      `${port?.name} is a port of ${bridge.name}, yet it has the address ${address}/${prefix} itself.`,
      `Take it away: \`ip address del ${address}/${prefix} dev ${port?.name}\`.`,
    ),
  );
}

/** MAC address, MTU, spanning tree, forward delay. */
export function compareSettings(compared: Comparison): Finding[] {
  return [...compareMac(compared), ...compareMtu(compared), ...compareTimers(compared)];
}

function compareMac(compared: Comparison): Finding[] {
  const { facts, link } = compared;
  const wanted = first(compared, 'bridge_hw');
  if (wanted === null) return [];
  // It may be the name of the link whose address is taken.
  const [word = ''] = words(wanted.value);
  const mac = (linkNamed(facts, word)?.mac ?? word).toLowerCase();
  if (mac === link.mac?.toLowerCase()) return [];
  return [
    error(
      'mac-differs',
      `${wanted.path} gives ${link.name} the MAC address ${mac}, but it has ${link.mac}: by another one the LAN's DHCP server does not know the host.`,
      eitherWay(`ip link set dev ${link.name} address ${mac}`, `set bridge_hw to ${link.mac}`),
    ),
  ];
}

function compareMtu(compared: Comparison): Finding[] {
  const { link } = compared;
  const wanted = first(compared, 'mtu');
  if (wanted === null || Number(wanted.value) === link.mtu) return [];
  return [
    warning(
      'mtu-differs',
      `${wanted.path} gives ${link.name} an MTU of ${wanted.value}, but it has ${link.mtu}.`,
      eitherWay(`ip link set dev ${link.name} mtu ${wanted.value}`),
    ),
  ];
}

function compareTimers(compared: Comparison): Finding[] {
  const { name, bridge: now } = compared.link;
  if (now === null) return [];
  const path = first(compared, 'bridge_ports')?.path ?? '';
  const stp = /^(on|yes)$/.test(first(compared, 'bridge_stp')?.value ?? 'off');
  const delay = Number(first(compared, 'bridge_fd')?.value ?? DEFAULT_FORWARD_DELAY);
  const word = (on: boolean) => (on ? 'on' : 'off');
  const found: Finding[] = [];
  if (stp !== now.stp) {
    found.push(
      warning(
        'stp-differs',
        `By ${path} the spanning tree of ${name} is ${word(stp)}, but it is ${word(now.stp)}.`,
        eitherWay(
          `ip link set dev ${name} type bridge stp_state ${Number(stp)}`,
          `set bridge_stp to ${word(now.stp)}`,
        ),
      ),
    );
  }
  // With STP on, the kernel takes none below 2 s, whatever the file says.
  if (delay !== now.forwardDelay && !(stp && delay < 2)) {
    found.push(
      warning(
        'forward-delay-differs',
        `By ${path} a port of ${name} waits for ${delay} s until it forwards, but now it is ${now.forwardDelay} s.`,
        eitherWay(remake(name), `set bridge_fd to ${now.forwardDelay}`),
      ),
    );
  }
  return found;
}
