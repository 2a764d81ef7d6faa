import type { HostFacts } from '../model/facts.js';
import { hostAddressProblem, inSubnet } from '../model/ipv4.js';
import { defaultRoute, linkNamed } from '../model/links.js';
import type { Draft } from '../ui/questions.js';

/**
 * Why a value cannot be taken on this host, beyond what the schema of the answers says; `null` when it can. Said at the
 * question, so that it is not the plan that fails.
 * @param own address of the host now, with prefix length; empty: it has none
 */
export function problemOnHost(path: string, draft: Draft, facts: HostFacts, own: string): string | null {
  switch (path) {
    case 'bridge.name':
      return nameProblem(draft.name, facts);
    case 'address.address':
      return hostAddressProblem(draft.address);
    case 'verify.container.address':
      return proofAddressProblem(draft, facts, own);
    default:
      return null;
  }
}

function nameProblem(name: string, facts: HostFacts): string | null {
  const link = linkNamed(facts, name);
  if (link === null || link.kind === 'bridge' || link.kind === 'openvswitch') return null;
  return `${name} is there already, and is no bridge; give the bridge another name, like br0`;
}

/** A container elsewhere could not reach the gateway, and one with the address of another host would cut that one off. */
function proofAddressProblem(
  { proofAddress, method, address: wanted, gateway }: Draft,
  facts: HostFacts,
  own: string,
): string | null {
  const isStatic = method === 'static';
  const lan = isStatic ? wanted : own;
  const [address = ''] = proofAddress.split('/');
  if (lan !== '' && !inSubnet(address, lan)) return `${address} is not in the network of this host, ${lan}`;
  if ([lan, own].some((each) => each.startsWith(`${address}/`))) return 'is the address of this host';
  const ways = [isStatic ? gateway : '', defaultRoute(facts)?.gateway];
  if (ways.includes(address))
    return 'is the address of the gateway, which the container would take away from it';
  return (
    hostAddressProblem(proofAddress) ??
    (lan === '' ? null : hostAddressProblem(`${address}/${lan.split('/')[1]}`))
  );
}
