import type { HostFacts } from '../../model/facts.js';
import type { BridgeSpec } from '../../model/spec.js';
import { keptGateway, type Wanted } from '../wanted.js';
import { staticAddress } from './address.js';
import { type Interfaces, stanzasOf } from './files.js';
import { optionValue } from './syntax.js';

/** The live network that the converted files will make. */
export function wantedNetwork(after: Interfaces, spec: BridgeSpec, facts: HostFacts): Wanted {
  const inet = stanzasOf(after, spec.bridge.name).filter(({ family }) => family === 'inet');
  const dhcp = inet.some(({ method }) => method === 'dhcp');
  const fixed = inet.find(({ method }) => method === 'static');
  return {
    address: dhcp || fixed === undefined ? null : staticAddress(fixed),
    gateway: wantedGateway(inet, spec, facts),
    ipv4: dhcp || fixed !== undefined,
    dhcp,
    // ifupdown 0.8.41, inet.defn: `ip route add default via GATEWAY [metric METRIC] dev IFACE onlink`.
    ...(dhcp || fixed === undefined
      ? {}
      : { route: { metric: Number(optionValue(fixed, 'metric') ?? 0), onlink: true } }),
  };
}

function wantedGateway(
  inet: ReturnType<typeof stanzasOf>,
  spec: BridgeSpec,
  facts: HostFacts,
): string | null {
  if (spec.address.method === 'static') return spec.address.gateway;
  const configured = inet.map((stanza) => optionValue(stanza, 'gateway')).find((gateway) => gateway !== null);
  return keptGateway(configured ?? null, spec, facts);
}
