import type { HostFacts } from '../../model/facts.js';
import type { Finding } from '../../model/finding.js';

/** TODO. */
export function differences(_facts: HostFacts, _bridge: string): Finding[] {
  return [];
}
