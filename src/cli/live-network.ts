import type { ApplyDoor, Firewall } from '../apply/context.js';
import { ensureAcceptRule, removeAcceptRule, removeRecorded } from '../attach/accept-rule.js';
import { detachAll } from '../attach/engine.js';
import { collectDhcpClients } from '../facts/dhcp-clients.js';
import { collectLinks, collectRoutes } from '../facts/links.js';
import { collectNetworkDetails } from '../facts/network-details.js';
import { collectDns } from '../facts/system.js';
import type { Host } from '../host/host.js';
import type { NetworkState } from '../model/journal.js';
import { stepProgress } from '../ui/steps.js';
import type { CliContext } from './context.js';
import { networkState } from './read-facts.js';

/** A reader of the live network: links, routes and name servers as they are now. */
function liveNetwork(host: Host): () => Promise<NetworkState> {
  return async () =>
    networkState({
      links: await collectLinks(host),
      routes: await collectRoutes(host),
      dns: await collectDns(host),
    });
}

/** What steps do to the machine beside files and commands, as the other parts of the program do it, and how it is shown. */
export function applyDoor({ host, output }: Pick<CliContext, 'host' | 'output'>): ApplyDoor {
  return {
    host,
    readNetwork: liveNetwork(host),
    readDetails: (uplink) => collectNetworkDetails(host, uplink),
    dhcpClients: async () => (await collectDhcpClients(host)).running,
    firewall: dockerFirewall(host),
    removeEndpoints: async (bridge) => {
      await detachAll(host, bridge);
      // What the runtime has added since the set-up.
      await removeRecorded(host, bridge);
    },
    progress: stepProgress(output),
  };
}

/** The firewall, as the attach runtime handles it. */
function dockerFirewall(host: Host): Firewall {
  return {
    accept: async (bridge) => {
      // What only an administrator may change is no reason to give up: the proof and doctor name it.
      const failed = (await ensureAcceptRule(host, bridge)).find(({ state }) => state === 'failed');
      if (failed) throw new Error(failed.detail);
    },
    remove: (bridge) => removeAcceptRule(host, bridge),
  };
}
