import type { IptablesProgram } from './firewall.js';

/** Insert a rule of iptables(8) into a chain: as the first one, or right before another one. */
export interface InsertRule {
  readonly kind: 'insert-rule';
  readonly program: IptablesProgram;
  /** Absent: `filter`. */
  readonly table?: string;
  readonly chain: string;
  /** The rule that it is put before, like `rule`; absent: it becomes the first of the chain. */
  readonly before?: readonly string[];
  /** As `iptables -S` prints it, behind `-A CHAIN`. */
  readonly rule: readonly string[];
  /** How often the chain had it, further down. */
  readonly copies: number;
}

/** The inverse of `InsertRule`: of rules that are alike, iptables(8) deletes the first. */
export interface RemoveRule extends Omit<InsertRule, 'kind'> {
  readonly kind: 'remove-rule';
}

/** Bind a link to a zone of firewalld (firewall-cmd(1)), now and, with `lasting`, in firewalld's configuration. */
export interface FirewallZone {
  readonly kind: 'firewall-zone';
  readonly link: string;
  readonly zone: string;
  /** The zone that it was bound to; `null`: none. */
  readonly before: string | null;
  /** Nothing else tells firewalld at the next boot. */
  readonly lasting: boolean;
}

/** The inverse of `FirewallZone`. Where firewalld does not run by then, only its configuration is changed back. */
export interface RestoreFirewallZone extends Omit<FirewallZone, 'kind'> {
  readonly kind: 'restore-firewall-zone';
}

/** Add a rule of nft(8) right before another one, or put it in its place. */
export interface NftRuleStep {
  readonly kind: 'nft-rule';
  /** Family and name, e.g. `inet filter`. */
  readonly table: string;
  readonly chain: string;
  /** The rule that is there, as `nft list ruleset` prints it. */
  readonly original: string;
  readonly how: 'beside' | 'instead';
  readonly rule: string;
}

/** The inverse of `NftRuleStep`. */
export interface RemoveNftRule extends Omit<NftRuleStep, 'kind'> {
  readonly kind: 'remove-nft-rule';
}
