import { EXIT, SetupError } from '../errors.js';
import { interfaceName } from '../model/answers.js';
import type { Endpoint, EndpointAddress } from '../model/endpoint.js';
import { parseGateway, parseHostAddress, parseIp } from './address.js';
import { macFromString } from './names.js';

/** A rule in pipework's grammar, parsed. */
export interface Rule {
  /** Name or id of the container, as the rule has it. */
  readonly guest: string;
  readonly endpoint: Endpoint;
}

/** Stable names of what can be wrong with a rule. */
export type RuleErrorCode =
  | 'rule-too-long'
  | 'rule-character'
  | 'rule-incomplete'
  | 'rule-unsupported'
  | 'rule-option'
  | 'rule-interface'
  | 'rule-guest'
  | 'rule-address'
  | 'rule-gateway'
  | 'rule-mac'
  | 'rule-extra';

/** A rule that cannot be followed, and the token that is to blame. */
export class RuleError extends SetupError {
  constructor(
    override readonly code: RuleErrorCode,
    /** As it stands in the rule, made printable; `null` when the fault is in the rule as a whole. */
    readonly token: string | null,
    reason: string,
  ) {
    super(code, token === null ? reason : `"${token}": ${reason}`, {
      exitCode: EXIT.usage,
      hint: `The form of a rule is: ${RULE_FORM}`,
    });
  }
}

const RULE_FORM =
  'BRIDGE [-i INTERFACE] [-l HOST_INTERFACE] [-a 4|6] CONTAINER {ADDRESS/PREFIX[@GATEWAY]|dhcp|0/0} [MAC]';

/** Bounds: a rule may come from the environment of a container, that is, from anybody. */
const MAX_RULE = 1024;
const MAX_TOKEN = 255;
const MAX_TOKENS = 16;
const ALLOWED = /^[A-Za-z0-9_.:/@=,+-]+$/;

const DEFAULT_INTERFACE = 'eth1';
const CONTAINER_NAME = /^[A-Za-z0-9][A-Za-z0-9_.-]*$/;
const MAC = /^([0-9a-f]{2}:){5}[0-9a-f]{2}$/;
const OTHER_COMMANDS = new Set([
  'route',
  'rule',
  'tc',
  'dummy',
  '--wait',
  '--direct-phys',
  '--save',
  '--restore',
]);
const OUR_CLIENT = new Set(['dhcp', 'udhcpc', 'udhcpc-f']);
const DHCP_WORD = /^(dhcp|udhcpc|dhclient|dhcpcd)(-f)?(:|$)/;

/**
 * Parse a rule in pipework's grammar (github.com/jpetazzo/pipework, its usage text), given as text or as arguments.
 * Throws `RuleError`, for anything that is wrong and for what pipework has and this runtime does not.
 */
export function parseRule(rule: string | readonly string[]): Rule {
  const tokens = tokensOf(rule);
  const next = () => tokens.shift();
  if (tokens[0] === 'pipework') next();

  const bridge = bridgeOf(next());
  const options = optionsOf(tokens);
  const guest = guestOf(next());
  const address = addressOf(next(), options.family);
  const mac = macOf(next());
  const extra = next();
  if (extra !== undefined) throw new RuleError('rule-extra', extra, 'nothing is expected here');

  return {
    guest,
    endpoint: {
      bridge,
      interfaceName: options.interfaceName ?? DEFAULT_INTERFACE,
      hostInterfaceName: options.hostInterfaceName,
      mac,
      address,
    },
  };
}

/** Text of anybody's, safe for a terminal and a log. */
export function printable(text: string, limit = 80): string {
  const clean = text.replace(/[^\x20-\x7e]/g, '?');
  return clean.length > limit ? `${clean.slice(0, limit)}…` : clean;
}

function tokensOf(rule: string | readonly string[]): string[] {
  const text = typeof rule === 'string' ? rule : rule.join(' ');
  if (text.length > MAX_RULE) {
    throw new RuleError('rule-too-long', null, `the rule has more than ${MAX_RULE} characters`);
  }
  const tokens = text.split(/[ \t\r\n]+/).filter((token) => token !== '');
  if (tokens.length > MAX_TOKENS) {
    throw new RuleError('rule-too-long', null, `the rule has more than ${MAX_TOKENS} words`);
  }
  for (const token of tokens) {
    if (!ALLOWED.test(token)) {
      throw new RuleError('rule-character', printable(token), 'it has a character that no rule needs');
    }
    if (token.length > MAX_TOKEN) {
      throw new RuleError('rule-too-long', printable(token), `it has more than ${MAX_TOKEN} characters`);
    }
  }
  return tokens;
}

function bridgeOf(token: string | undefined): string {
  if (token === undefined) throw new RuleError('rule-incomplete', null, 'the rule is empty');
  if (OTHER_COMMANDS.has(token)) throw unsupported(token, 'this command of pipework is');
  if (token.startsWith('mac:')) throw unsupported(token, 'a NIC named by its MAC address is');
  return linkName(token);
}

interface Options {
  readonly interfaceName: string | null;
  readonly hostInterfaceName: string | null;
  readonly family: 4 | 6 | null;
}

function optionsOf(tokens: string[]): Options {
  const given = new Map<string, string>();
  for (let option = tokens[0]; option?.startsWith('-'); option = tokens[0]) {
    tokens.shift();
    if (OTHER_COMMANDS.has(option)) throw unsupported(option, 'this option of pipework is');
    if (!['-i', '-l', '-a'].includes(option)) {
      throw new RuleError('rule-option', option, 'there is no such option');
    }
    if (given.has(option)) throw new RuleError('rule-option', option, 'the option stands here twice');
    const value = tokens.shift();
    if (value === undefined) throw new RuleError('rule-option', option, 'the option has no value');
    given.set(option, value);
  }
  const family = given.get('-a');
  if (family !== undefined && family !== '4' && family !== '6') {
    throw new RuleError('rule-option', family, 'the address family is 4 or 6');
  }
  const inside = given.get('-i');
  const outside = given.get('-l');
  return {
    interfaceName: inside === undefined ? null : linkName(inside),
    hostInterfaceName: outside === undefined ? null : linkName(outside),
    family: family === undefined ? null : family === '4' ? 4 : 6,
  };
}

function linkName(token: string): string {
  const parsed = interfaceName.safeParse(token);
  if (!parsed.success) {
    throw new RuleError('rule-interface', token, parsed.error.issues[0]?.message ?? 'not an interface name');
  }
  // `ip` would take a leading dash for an option; `lo` is there already, in every namespace.
  if (!/^[A-Za-z0-9]/.test(token) || token === 'lo') {
    throw new RuleError('rule-interface', token, 'it cannot be the name of an interface');
  }
  return token;
}

function guestOf(token: string | undefined): string {
  if (token === undefined) throw new RuleError('rule-incomplete', null, 'the container is missing');
  if (!CONTAINER_NAME.test(token))
    throw new RuleError('rule-guest', token, 'it is not a container name or id');
  return token;
}

function addressOf(token: string | undefined, family: 4 | 6 | null): EndpointAddress {
  if (token === undefined) throw new RuleError('rule-incomplete', null, 'the address (or "dhcp") is missing');
  if (token === '0/0') return { method: 'none' };
  if (DHCP_WORD.test(token)) return dhcpOf(token, family);
  const [cidr = '', gateway, ...rest] = token.split('@');
  if (rest.length > 0) throw new RuleError('rule-address', token, 'it has more than one "@"');
  if (!cidr.includes('/') && parseIp(cidr) === null) {
    throw new RuleError('rule-address', token, 'it is neither an address nor a method that is known');
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
  const via = gateway === undefined ? null : parseGateway(gateway, host.value);
  if (via !== null && !via.ok) throw new RuleError('rule-gateway', token, `the gateway: ${via.reason}`);
  return {
    method: 'static',
    family: host.value.family,
    address: `${host.value.address}/${host.value.prefix}`,
    gateway: via?.value ?? null,
  };
}

/** `udhcpc-f` is pipework's way to ask for a client that stays; here every client does. */
function dhcpOf(token: string, family: 4 | 6 | null): EndpointAddress {
  if (token.includes(':')) throw unsupported(token, 'options for the DHCP client are');
  if (!OUR_CLIENT.has(token)) throw unsupported(token, 'this DHCP client is', 'Write "dhcp" or "udhcpc".');
  if (family === 6) throw unsupported(token, 'DHCP for IPv6 is');
  return { method: 'dhcp', client: 'udhcpc' };
}

function macOf(token: string | undefined): string | null {
  if (token === undefined) return null;
  if (token.includes('@')) throw unsupported(token, 'a VLAN is');
  if (token.startsWith('U:')) {
    if (token === 'U:') throw new RuleError('rule-mac', token, 'the text after "U:" is missing');
    return macFromString(token.slice(2));
  }
  const mac = token.toLowerCase();
  if (!MAC.test(mac))
    throw new RuleError('rule-mac', token, 'it is not a MAC address like 02:00:00:00:00:01');
  if (Number.parseInt(mac.slice(0, 2), 16) % 2 === 1) {
    throw new RuleError('rule-mac', token, 'it is a multicast MAC address');
  }
  if (mac === '00:00:00:00:00:00') throw new RuleError('rule-mac', token, 'it is the null MAC address');
  return mac;
}

function unsupported(token: string, what: string, remedy = ''): RuleError {
  return new RuleError('rule-unsupported', token, `${what} not supported yet. ${remedy}`.trim());
}
