import type { Finding } from './finding.js';

/** What a check is about, in the order in which a person reads it. */
export type CheckGroup =
  | 'host'
  | 'bridge'
  | 'addresses'
  | 'dhcp'
  | 'docker'
  | 'runtime'
  | 'containers'
  | 'lan';

/** The groups by the words for them, in order. */
export const GROUP_TITLES: Readonly<Record<CheckGroup, string>> = {
  host: 'Host',
  bridge: 'Bridge',
  addresses: 'Addresses and routes',
  dhcp: 'DHCP of the host',
  docker: 'Docker and its firewall',
  runtime: 'Attach runtime',
  containers: 'Containers',
  lan: 'LAN',
};

/** Worst last. `unknown`: it could not be looked at. */
export type CheckStatus = 'ok' | 'info' | 'unknown' | 'warning' | 'error';

/** Name of the finding of a check that could not look: doctor does not run as root, or may not ask the LAN. */
export const NOT_SEEN = 'not-seen';

/** How one check came out. */
export interface CheckResult {
  readonly id: string;
  readonly title: string;
  readonly group: CheckGroup;
  readonly status: CheckStatus;
  /** Why that happens, where the finding does not say more. */
  readonly cause: string;
  readonly findings: readonly Finding[];
}

/** How all checks that apply to a host came out. */
export interface Examination {
  readonly checks: readonly CheckResult[];
  /** No check found an error. */
  readonly ok: boolean;
}
