import type { HostFacts } from '../../model/facts.js';
import { linkNamed } from '../../model/links.js';
import type { Step } from '../../model/plan.js';
import type { BridgeSpec } from '../../model/spec.js';
import { expectation, fileSteps, refuseForeignBridge, retiredAddresses } from '../activation.js';
import { bridgeZone } from '../firewall-zone.js';
import { forwardDelay, maxWait } from '../forward-delay.js';
import { liveChange } from '../live-change.js';
import { globalIpv4, isInEffect } from '../wanted.js';
import { staticAddress } from './address.js';
import { type Conversion, isConverted } from './convert.js';
import { clientCommand, clientOfIfupdown } from './dhcp-command.js';
import { aliasesOf, INTERFACES, type Interfaces, isAutomatic, stanzasOf } from './files.js';
import { wantedNetwork } from './live.js';

/**
 * The steps that put the files into effect: the new files, the live change, and ifupdown's own record of it, so that
 * `ifdown`, `ifup` and a reboot go on from there. None when files and network are as wanted.
 */
export function activation(conversion: Conversion, spec: BridgeSpec, facts: HostFacts): Step[] {
  const { before, after } = conversion;
  const wanted = wantedNetwork(after, spec, facts);
  const writes = fileSteps(conversion.changed, facts);
  if (isInEffect(facts, spec, wanted)) return writes;
  if (!isConverted(before, spec)) refuseForeignBridge(spec, facts, INTERFACES);
  const client = wanted.dhcp ? clientOfIfupdown(facts, spec) : null;
  return [
    ...writes,
    ...bridgeZone(spec, facts),
    ...liveChange({
      facts,
      spec,
      address: wanted.address,
      gateway: wanted.gateway,
      ...(wanted.route === undefined ? {} : { route: wanted.route }),
      retired: retiredAddresses(notedAddresses(before, spec), spec, facts, wanted),
      forwardDelay: forwardDelay(spec),
      maxWait: maxWait(spec),
      client,
      // Of the bridge, what the files have now; of the uplink, what it was leased by.
      command: (name, link) => clientCommand(name, link === spec.uplink ? [before] : [after, before], link),
    }),
    books(conversion, spec, facts),
    expectation(spec, facts, wanted),
  ];
}

/** Static addresses of the uplink and the bridge, as the files had them. */
function notedAddresses(before: Interfaces, { uplink, bridge }: BridgeSpec): (string | null)[] {
  return [uplink, bridge.name]
    .flatMap((name) => stanzasOf(before, name))
    .filter(({ family, method }) => family === 'inet' && method === 'static')
    .map(staticAddress);
}

/** What ifup would have noted. */
function books({ before, after }: Conversion, { uplink, bridge }: BridgeSpec, facts: HostFacts): Step {
  const aliases = aliasesInUse(after, bridge.name, [bridge.name, uplink], facts);
  const oldAliases = aliasesInUse(before, uplink, [uplink], facts);
  const port = isAutomatic(after, uplink) ? [uplink] : [];
  const logical = stanzasOf(before, uplink).find((stanza) => stanza.logical !== null)?.logical ?? null;
  // Up by another stanza is another state, and one to go back to.
  const was = logical === null ? uplink : `${uplink}=${logical}`;
  const kept = logical === null ? port : [];
  return {
    id: 'mark-interfaces',
    title: `Tell ifupdown that ${bridge.name} is up`,
    kind: 'mark-interfaces',
    up: [...(kept.length > 0 ? [] : port), bridge.name, ...aliases],
    down: [...(kept.length > 0 ? [] : [was]), ...oldAliases],
    kept,
  };
}

/**
 * Aliases of an interface that boot brings up, or whose address is there now.
 * @param on the links on which to look for it
 */
function aliasesInUse(
  interfaces: Interfaces,
  name: string,
  on: readonly string[],
  facts: HostFacts,
): string[] {
  const live = on.flatMap((link) => globalIpv4(linkNamed(facts, link)));
  const isLive = (alias: string) =>
    stanzasOf(interfaces, alias).some((stanza) => live.includes(staticAddress(stanza) ?? ''));
  return aliasesOf(interfaces, name).filter((alias) => isAutomatic(interfaces, alias) || isLive(alias));
}
