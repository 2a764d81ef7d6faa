import type { Firewall } from '../apply/context.js';
import { ensureAcceptRule, removeAcceptRule } from '../attach/accept-rule.js';
import { collectLinks, collectRoutes } from '../facts/links.js';
import { collectDns } from '../facts/system.js';
import type { Host } from '../host/host.js';
import type { NetworkState } from '../model/journal.js';
import { networkState } from './read-facts.js';

/** A reader of the live network: links, routes and name servers as they are now. */
export function liveNetwork(host: Host): () => Promise<NetworkState> {
  return async () =>
    networkState({
      links: await collectLinks(host),
      routes: await collectRoutes(host),
      dns: await collectDns(host),
    });
}

/** Docker's firewall, as the attach runtime handles it. */
export function dockerFirewall(host: Host): Firewall {
  return {
    accept: async (bridge) => {
      const failed = (await ensureAcceptRule(host, bridge)).find(
        ({ state }) => state === 'failed' || state === 'waiting',
      );
      if (failed) throw new Error(failed.detail);
    },
    remove: async (bridge) => void (await removeAcceptRule(host, bridge)),
  };
}
