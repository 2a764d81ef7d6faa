import type { Endpoint } from '../model/endpoint.js';
import type { DhcpClientName } from '../model/facts.js';
import { printable, RuleError } from './rule/error.js';
import { type AttachRule, attachRuleOf, sortOptions, type WaitRule, waitRuleOf } from './rule/grammar.js';
import { tokensOf, words } from './rule/tokens.js';
import { guestOf } from './rule/words.js';

export { printable, RuleError };

/** A rule of a container in pipework's grammar, parsed. */
export interface Rule {
  /** Name or id of the container, as the rule has it. */
  readonly guest: string;
  readonly endpoint: Endpoint;
}

/** Programs that pipework runs inside a container: `ip route`, `ip rule`, `tc`. */
export type InsideProgram = 'route' | 'rule' | 'tc';

/** What a command line in pipework's grammar asks for. */
export type PipeworkCommand =
  | { readonly command: 'attach'; readonly rule: AttachRule }
  | {
      readonly command: 'inside';
      readonly program: InsideProgram;
      readonly guest: string;
      readonly args: readonly string[];
    }
  | { readonly command: 'wait'; readonly rule: WaitRule };

const INSIDE: readonly InsideProgram[] = ['route', 'rule', 'tc'];
/** Of what is handed on as it is; the kernel's own limit is far above. */
const MAX_ARGUMENTS = 256;
const MAX_ARGUMENT = 4096;

/**
 * Parse a command line in pipework's whole grammar (github.com/jpetazzo/pipework, its usage text and README), with the
 * options anywhere. Throws `RuleError`. Never for what a container says: see `parseRule`.
 */
export function parsePipework(args: readonly string[], configured: DhcpClientName): PipeworkCommand {
  const [first = '', ...others] = args;
  // One argument may be a whole rule, as it stands in the environment of a container.
  const all = others.length === 0 ? words(first) : args;
  const given = all[0] === 'pipework' ? all.slice(1) : all;
  const program = INSIDE.find((name) => name === given[0]);
  if (program !== undefined) return insideOf(program, given.slice(1));
  const sorted = sortOptions(tokensOf(given));
  return sorted.flags.has('--wait')
    ? { command: 'wait', rule: waitRuleOf(sorted) }
    : { command: 'attach', rule: attachRuleOf(sorted, configured) };
}

/**
 * Parse a rule of a container. Of pipework's grammar it may use what concerns a port of a bridge; what acts on the
 * host's own NICs, on bridges, on VLANs, or runs programs is for the command line only.
 */
export function parseRule(rule: string | readonly string[], configured: DhcpClientName = 'udhcpc'): Rule {
  const sorted = sortOptions(tokensOf(rule));
  const [first = ''] = sorted.others;
  const [flag] = sorted.flags;
  if (flag !== undefined) throw forCommandLine(flag);
  if (first === 'dummy' || first.startsWith('mac:') || INSIDE.some((name) => name === first)) {
    throw forCommandLine(first);
  }
  const { target, guest, vlan, mac, address, interfaceName, hostInterfaceName } = attachRuleOf(
    sorted,
    configured,
  );
  if (vlan !== null) throw forCommandLine(sorted.others[3] ?? '');
  if (target.by !== 'name') throw forCommandLine(first);
  return { guest, endpoint: { bridge: target.name, interfaceName, hostInterfaceName, mac, address } };
}

function insideOf(program: InsideProgram, [guest, ...args]: readonly string[]): PipeworkCommand {
  const name = guestOf(guest === undefined ? undefined : printable(guest));
  if (args.length === 0) throw new RuleError('rule-incomplete', program, 'what it shall do is missing');
  const tooLong = args.find((arg) => arg.length > MAX_ARGUMENT || arg.includes('\0'));
  if (tooLong !== undefined || args.length > MAX_ARGUMENTS) {
    throw new RuleError('rule-too-long', printable(tooLong ?? program), 'it is too long');
  }
  return { command: 'inside', program, guest: name, args };
}

function forCommandLine(token: string): RuleError {
  return new RuleError(
    'rule-unsupported',
    token,
    'it is not taken from a container, only from the command line "pipework …"',
  );
}
