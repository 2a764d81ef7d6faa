import type { Answers } from '../model/answers.js';
import type { HostFacts } from '../model/facts.js';
import type { AddressSpec, BridgeSpec } from '../model/spec.js';

/**
 * The bridge that the answers ask for on this host.
 * @param uplink the link that becomes the port; it exists
 */
export function bridgeSpec(answers: Answers, facts: HostFacts, uplink: string): BridgeSpec {
  const { name, stp, forwardDelay, mac } = answers.bridge;
  const uplinkMac = facts.links.find((link) => link.name === uplink)?.mac ?? '';
  return {
    bridge: { name, stp, forwardDelay, mac: (mac === 'uplink' ? uplinkMac : mac).toLowerCase() },
    uplink,
    address: addressSpec(answers),
    ...(answers.safety.firewall === 'follow' ? { followsFirewall: true } : {}),
  };
}

function addressSpec({ address }: Answers): AddressSpec {
  if (address.method !== 'static') return { method: address.method };
  // The schema requires both with "static".
  const { address: own = '', gateway = '', nameservers = null } = address;
  return { method: 'static', address: own, gateway, nameservers };
}
