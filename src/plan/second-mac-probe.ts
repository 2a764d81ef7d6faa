import type { HostFacts } from '../model/facts.js';
import type { Finding } from '../model/finding.js';
import { defaultRoute, linkNamed } from '../model/links.js';
import type { Step } from '../model/plan.js';

/** Begins like all links of ours, which no part of the program takes for an uplink. */
const PROBE_LINK = 'bsprobe0';

/**
 * The step that proves what the check `foreign-mac` can only fear, where the gateway can be asked. It comes before
 * the first change of a file or the network, so that there is hardly anything to take back.
 */
export function probeSteps(facts: HostFacts, uplink: string, findings: readonly Finding[]): Step[] {
  const warning = findings.find(({ check, severity }) => check === 'foreign-mac' && severity === 'warning');
  const gateway = defaultRoute(facts, [uplink])?.gateway;
  // The kernel lets a port of a bridge carry no macvlan ("Device or resource busy").
  const isPort = linkNamed(facts, uplink)?.master != null;
  if (warning === undefined || !gateway || isPort) return [];
  return [
    {
      id: 'probe-second-mac',
      title: `Probe whether ${gateway} answers a second MAC address on ${uplink}`,
      kind: 'probe-second-mac',
      uplink,
      link: PROBE_LINK,
      gateway,
      remedy: warning.remedy ?? '',
      timeoutSeconds: 3,
    },
  ];
}
