import type { HostFacts } from '../model/facts.js';
import type { Step } from '../model/plan.js';
import type { BridgeSpec } from '../model/spec.js';
import { step } from './step.js';

/**
 * firewalld goes by the link, and the bridge would be in the default zone, which may let nobody in.
 * @param named the zone that a network file gives the bridge, which tells firewalld at a boot (`ZONE` of ifcfg files)
 */
export function bridgeZone(
  { uplink, bridge }: BridgeSpec,
  { netfilter: { zones = {}, lastingZones = {} } }: HostFacts,
  named = '',
): Step[] {
  const zone = zones[uplink];
  if (zone === undefined) return [];
  const lasting = named !== zone && lastingZones[uplink] === zone && lastingZones[bridge.name] !== zone;
  if (zones[bridge.name] === zone && !lasting) return [];
  return [zoneStep('firewall-zone', bridge.name, zone, zones[bridge.name] ?? null, lasting)];
}

/**
 * The port is in its zone before packets come in on it again. Going there it changes nothing: stands behind the live
 * change, after which ifup of a port whose file names no zone any more takes it out.
 */
export function portZone({ uplink }: BridgeSpec, { netfilter: { zones = {} } }: HostFacts): Step[] {
  const zone = zones[uplink];
  return zone === undefined ? [] : [zoneStep('firewall-zone-port', uplink, zone, zone, false)];
}

function zoneStep(id: string, link: string, zone: string, before: string | null, lasting: boolean): Step {
  const title = `${zone === before ? 'Keep' : 'Put'} ${link} in the zone ${zone} of firewalld`;
  return step(id, title, { kind: 'firewall-zone', link, zone, before, lasting });
}
