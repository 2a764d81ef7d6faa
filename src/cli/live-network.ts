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
