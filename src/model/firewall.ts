/** Programs that show and change rules of the kernel's iptables interface, old (legacy) or by nf_tables (nft). */
export type IptablesProgram =
  | 'iptables'
  | 'ip6tables'
  | 'iptables-nft'
  | 'ip6tables-nft'
  | 'iptables-legacy'
  | 'ip6tables-legacy';

/** A rule of iptables(8) that names an interface. */
export interface IptablesRule {
  readonly kind: 'iptables';
  readonly program: IptablesProgram;
  readonly table: string;
  readonly chain: string;
  /** Built-in chains from which its chain is reached, e.g. `FORWARD`. */
  readonly hooks: readonly string[];
  /** As `iptables-save` prints it, behind `-A CHAIN`. */
  readonly rule: string;
}

/** A rule of nft(8) that names an interface. */
export interface NftRule {
  readonly kind: 'nft';
  /** Family and name of the table, e.g. `inet filter`. */
  readonly table: string;
  readonly chain: string;
  /** Hooks from which its chain is reached, e.g. `forward`. */
  readonly hooks: readonly string[];
  /** As `nft list ruleset` prints it. */
  readonly rule: string;
}

/** An element of a named set or map of nft(8) that is an interface. */
export interface NftElement {
  readonly kind: 'nft-element';
  readonly table: string;
  readonly set: string;
  /** As `nft list ruleset` prints it, e.g. `"eth0" : accept`. */
  readonly element: string;
}

export type FirewallRule = IptablesRule | NftRule | NftElement;

/** A file from which rules are loaded at a boot. Its content is in the facts' `files`. */
export interface RuleFile {
  readonly path: string;
  /** What `iptables-restore` reads, ufw's variant of that, or what `nft -f` reads. */
  readonly format: 'iptables' | 'ufw' | 'nft';
  /** Of the rules in it; `null`: not known. */
  readonly family: 4 | 6 | null;
}

/** Rules that name interfaces, and the files from which such rules are loaded. */
export interface FirewallRules {
  readonly rules: readonly FirewallRule[];
  readonly files: readonly RuleFile[];
}

/** Something that drops frames between the ports of a bridge. */
export interface FrameDrop {
  /** Rule or policy, with its chain, table and program. */
  readonly by: string;
  /** What bridge-setup would do about it; empty: that is for an administrator. */
  readonly cure: readonly string[];
}
