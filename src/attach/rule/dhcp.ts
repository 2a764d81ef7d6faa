import type { EndpointAddress } from '../../model/endpoint.js';
import type { DhcpClientName } from '../../model/facts.js';
import { RuleError } from './error.js';
import { words } from './tokens.js';

const DHCP_WORD = /^(dhcp|udhcpc|dhclient|dhcpcd)(-f)?(?::(.*))?$/;

/**
 * Options of the clients (busybox, networking/udhcp/dhcpc.c; dhclient(8); dhcpcd(8)) that say when the client gives up
 * or leaves, how patient it is, and what it prints. None is passed on: the client of an endpoint stays, and tries for
 * ever. A trailing `=` stands for an option with a number.
 */
const WITHOUT_EFFECT: Readonly<Record<DhcpClientName, readonly string[]>> = {
  udhcpc: ['-f', '-b', '-q', '-n', '-S', '-v', '-t=', '-T=', '-A='],
  dhclient: ['-d', '-1', '-v', '-q', '-nw', '-w', '-4'],
  dhcpcd: ['-B', '-b', '-q', '-d', '-w', '-4', '-t='],
};

/** A DHCP word of a rule, as understood. */
export interface DhcpWord {
  readonly address: EndpointAddress;
  /** What the rule asks for and does not matter here, for a person. */
  readonly note: string | null;
}

/**
 * pipework's DHCP words: `dhcp`, `udhcpc[-f]`, `dhclient[-f]`, `dhcpcd[-f]`, each with `:options`. `null`: it is none.
 * `-f` asks the original for a client that stays; here every client does.
 */
export function dhcpOf(token: string, family: 4 | 6 | null, configured: DhcpClientName): DhcpWord | null {
  const [, word, stays, options] = DHCP_WORD.exec(token) ?? [];
  if (word === undefined) return null;
  if (word === 'dhcp' && stays !== undefined) {
    throw new RuleError('rule-address', token, 'write "dhcp": the client stays in any case');
  }
  if (family === 6) throw new RuleError('rule-unsupported', token, 'DHCP for IPv6 is not supported');
  const named = word === 'dhcp' ? null : (word as DhcpClientName);
  const client = named ?? configured;
  const given = words(options ?? '');
  // `dhcp` is busybox's client in the original, whatever is configured here.
  refuseOptions(given, named ?? 'udhcpc', token);
  const note =
    given.length === 0
      ? null
      : `"${token}": the DHCP client stays and tries for ever, so ${given.join(' ')} changes nothing`;
  return { address: { method: 'dhcp', client }, note };
}

function refuseOptions(options: readonly string[], client: DhcpClientName, token: string): void {
  const left = [...options];
  for (let option = left.shift(); option !== undefined; option = left.shift()) {
    if (WITHOUT_EFFECT[client].includes(option)) continue;
    if (!WITHOUT_EFFECT[client].includes(`${option}=`)) {
      const reason = `the option ${option} of ${client} is not supported: a client of ours is called in one way`;
      throw new RuleError('rule-unsupported', token, reason);
    }
    const value = left.shift();
    if (value === undefined || !/^\d{1,6}$/.test(value)) {
      throw new RuleError('rule-option', token, `the option ${option} of ${client} needs a number`);
    }
  }
}
