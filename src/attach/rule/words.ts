import { interfaceName } from '../../model/answers-bridge.js';
import type { EndpointAddress } from '../../model/endpoint.js';
import { nearestOf } from '../../suggest.js';
import { parseGateway, parseHostAddress, parseIp } from '../address.js';
import { macFromString } from '../names.js';
import { RuleError } from './error.js';

const CONTAINER_NAME = /^[A-Za-z0-9][A-Za-z0-9_.-]*$/;
const MAC = /^([0-9a-f]{2}:){5}[0-9a-f]{2}$/;
/** 0 and 4095 are reserved (IEEE 802.1Q, 9.6). */
const LAST_VLAN = 4094;

/** The name of an interface (kernel, `dev_valid_name`; and no leading dash, which `ip` would take for an option). */
export function linkName(token: string): string {
  const parsed = interfaceName.safeParse(token);
  if (!parsed.success) {
    throw new RuleError('rule-interface', token, parsed.error.issues[0]?.message ?? 'not an interface name');
  }
  // `lo` is there already, in every namespace.
  if (!/^[A-Za-z0-9]/.test(token) || token === 'lo') {
    throw new RuleError('rule-interface', token, 'it cannot be the name of an interface');
  }
  return token;
}

/** Name or id of a container (Docker's RestrictedNamePattern). */
export function guestOf(token: string | undefined): string {
  if (token === undefined) throw new RuleError('rule-incomplete', null, 'the container is missing');
  // As `docker inspect` shows names; the original takes it, too.
  const name = token.replace(/^\//, '');
  if (!CONTAINER_NAME.test(name))
    throw new RuleError('rule-guest', token, 'it is not a container name or id');
  return name;
}

/** Words that stand in the place of an address. */
const METHODS = ['dhcp', 'udhcpc', 'dhclient', 'dhcpcd'];

/** pipework's `ADDRESS/PREFIX[@GATEWAY]`. */
export function staticAddressOf(token: string, family: 4 | 6 | null): EndpointAddress {
  const [cidr = '', gateway, ...rest] = token.split('@');
  if (rest.length > 0) throw new RuleError('rule-address', token, 'it has more than one "@"');
  if (!cidr.includes('/') && parseIp(cidr) === null) {
    const nearest = nearestOf(token, METHODS);
    const meant = nearest === null ? '' : `. Did you mean "${nearest}"?`;
    throw new RuleError('rule-address', token, `it is neither an address nor a method that is known${meant}`);
  }
  const host = parseHostAddress(cidr);
  if (!host.ok) throw new RuleError('rule-address', token, host.reason);
  if (family !== null && family !== host.value.family) {
    throw new RuleError(
      'rule-address',
      token,
      `it is not an IPv${family} address, as "-a ${family}" asks for`,
    );
  }
  // `ADDRESS/PREFIX@` of a script whose gateway is empty: the original takes it for none.
  const via = gateway === undefined || gateway === '' ? null : parseGateway(gateway, host.value);
  if (via !== null && !via.ok) throw new RuleError('rule-gateway', token, `the gateway: ${via.reason}`);
  return {
    method: 'static',
    family: host.value.family,
    address: `${host.value.address}/${host.value.prefix}`,
    gateway: via?.value ?? null,
  };
}

/** pipework's `[MAC][@VLAN]`, where the MAC may be `U:string`. */
export function macAndVlanOf(token: string | undefined): { mac: string | null; vlan: number | null } {
  if (token === undefined) return { mac: null, vlan: null };
  const at = token.indexOf('@');
  const mac = at < 0 ? token : token.slice(0, at);
  return {
    mac: mac === '' ? null : macOf(mac, token),
    vlan: at < 0 ? null : vlanOf(token.slice(at + 1), token),
  };
}

/** A unicast MAC address, in the form that `ip` shows; `token` is what the error names. */
export function macOf(text: string, token: string): string {
  if (text.startsWith('U:')) {
    if (text === 'U:') throw new RuleError('rule-mac', token, 'the text after "U:" is missing');
    return macFromString(text.slice(2));
  }
  const mac = text.toLowerCase();
  if (!MAC.test(mac)) {
    throw new RuleError('rule-mac', token, 'it is not a MAC address like 02:00:00:00:00:01');
  }
  if (Number.parseInt(mac.slice(0, 2), 16) % 2 === 1) {
    throw new RuleError('rule-mac', token, 'it is a multicast MAC address');
  }
  if (mac === '00:00:00:00:00:00') throw new RuleError('rule-mac', token, 'it is the null MAC address');
  return mac;
}

function vlanOf(text: string, token: string): number {
  if (!/^[1-9]\d{0,3}$/.test(text) || Number(text) > LAST_VLAN) {
    throw new RuleError('rule-vlan', token, `a VLAN is a number from 1 to ${LAST_VLAN}`);
  }
  return Number(text);
}
