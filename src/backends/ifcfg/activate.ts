import type { DhcpClientName, HostFacts } from '../../model/facts.js';
import type { Step } from '../../model/plan.js';
import type { BridgeSpec } from '../../model/spec.js';
import { expectation, fileSteps, refuseForeignBridge, retiredAddresses } from '../activation.js';
import { bridgeZone, portZone } from '../firewall-zone.js';
import { forwardDelay, maxWait } from '../forward-delay.js';
import { liveChange } from '../live-change.js';
import { step } from '../step.js';
import { isInEffect } from '../wanted.js';
import { fixedAddresses } from './address.js';
import type { Conversion } from './convert.js';
import { clientCommand, clientOfScripts, configuredDns } from './dhcp-command.js';
import { configOf, FOLDER, isConverted, type NetworkScripts } from './files.js';
import { wantedNetwork } from './live.js';
import {
  asManaged,
  heard,
  leasedByManager,
  managedSteps,
  managerOf,
  withoutClients,
} from './network-manager.js';
import { variable } from './shell.js';

/**
 * The steps that put the files into effect: the new files, then the live change. The network scripts keep no record of
 * what is up; they look at the links, and at the PID file of dhclient. None when files and network are as wanted.
 */
export function activation(conversion: Conversion, spec: BridgeSpec, facts: HostFacts): Step[] {
  const { before, after, changed, like } = conversion;
  const wanted = wantedNetwork(after, spec, facts);
  const isManaged = managerOf(facts, spec.uplink) !== null;
  const writes = fileSteps(changed, facts, like);
  if (isInEffect(facts, asManaged(spec, facts), wanted)) return heard(writes, facts);
  if (!isConverted(before, spec.bridge.name, spec.uplink)) refuseForeignBridge(spec, facts, FOLDER);
  const client = clientOfScripts(facts, spec, after);
  const noted = [spec.uplink, spec.bridge.name].flatMap((name) => {
    const config = configOf(before, name);
    return config === null ? [] : fixedAddresses(config.file).map(({ text }) => text);
  });
  const named = variableOf(after, spec.bridge.name, 'ZONE');
  const zone = bridgeZone(spec, facts, named);
  const live = [
    ...zone,
    ...liveChange({
      facts: isManaged ? withoutClients(facts, spec) : facts,
      spec,
      address: wanted.address,
      gateway: wanted.gateway,
      retired: retiredAddresses(noted, spec, facts, wanted),
      forwardDelay: forwardDelay(spec),
      maxWait: maxWait(spec),
      client,
      command: (name, link) => {
        const dns = configuredDns(link === spec.uplink ? before : after, link);
        return { argv: clientCommand(name, link, facts, spec), ...(dns === null ? {} : { dns }) };
      },
    }),
    ...(zone.length > 0 ? portZone(spec, facts) : []),
    ...nameServers(after, spec, client),
  ];
  if (!isManaged) return [...heard(writes, facts), ...live, expectation(spec, facts, wanted)];
  const kept = wanted.dhcp ? leasedByManager(spec, facts) : wanted.address;
  return managedSteps({
    spec,
    writes,
    live,
    expectation: expectation(spec, facts, { ...wanted, address: kept, dhcp: false }, 'manager'),
    profiles: pathsOf(after, [spec.bridge.name, spec.uplink]),
    uuid: variableOf(after, spec.bridge.name, 'UUID'),
  });
}

/** Name servers that were asked for with a static address; beside a lease its client writes them. */
function nameServers(
  after: NetworkScripts,
  { bridge, address }: BridgeSpec,
  client: DhcpClientName | null,
): Step[] {
  if (client !== null || address.method !== 'static' || address.nameservers === null) return [];
  const dns = configuredDns(after, bridge.name);
  if (dns === null) return [];
  const title = `Write ${dns.servers.join(', ')} into resolv.conf`;
  return [step('name-servers', title, { kind: 'configure-name-servers', dns })];
}

/** The files of links. */
function pathsOf(scripts: NetworkScripts, links: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    links.flatMap((link) => {
      const config = configOf(scripts, link);
      return config === null ? [] : [[link, config.path]];
    }),
  );
}

function variableOf(scripts: NetworkScripts, link: string, name: string): string {
  const config = configOf(scripts, link);
  return config === null ? '' : variable(config.file, name);
}
