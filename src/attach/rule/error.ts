import { EXIT, SetupError } from '../../errors.js';

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
  | 'rule-vlan'
  | 'rule-extra';

/** In lines of at most 80 columns. */
const RULE_FORM = `
  BRIDGE [-i INTERFACE] [-l HOST_INTERFACE] [-a 4|6] CONTAINER
  {ADDRESS/PREFIX[@GATEWAY]|dhcp|0/0} [MAC][@VLAN]`;

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
      hint: `The form of a rule is:${RULE_FORM}`,
    });
  }
}

/** Text of anybody's, safe for a terminal and a log. */
export function printable(text: string, limit = 80): string {
  const clean = text.replace(/[^\x20-\x7e]/g, '?');
  return clean.length > limit ? `${clean.slice(0, limit)}…` : clean;
}
