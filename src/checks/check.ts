import type { Answers } from '../model/answers.js';
import type { CheckGroup } from '../model/examination.js';
import type { HostFacts } from '../model/facts.js';
import type { Finding } from '../model/finding.js';

/** What a check may look at. */
export interface CheckContext {
  readonly facts: HostFacts;
  readonly answers: Answers;
  /** The uplink by name, "auto" settled. */
  readonly uplink: string;
}

/**
 * What a user may be kept from seeing: all that is root's own; Docker; DHCP clients of other users; configuration files;
 * the answers of the LAN to the host, to its containers, and of its DHCP servers.
 */
export type Need = 'root' | 'docker' | 'clients' | 'files' | 'lan' | 'reach' | 'offers';

/** One question to the host. A check only looks; what would help stands in the remedy of its finding. */
export interface Check<Context = CheckContext> {
  readonly id: string;
  /** What is so where nothing is found. */
  readonly title: string;
  readonly group: CheckGroup;
  /** What has to be seen for it: doctor does not run it without, and reports it as not seen. */
  readonly needs?: Need;
  /** Hosts that doctor asks it of; all where it is absent. */
  readonly on?: 'set-up' | 'not-set-up';
  /** One sentence. */
  readonly looksAt: string;
  /** Why it comes to what is found. */
  readonly cause: string;
  run(context: Context): readonly Finding[];
}
