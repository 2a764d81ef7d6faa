import type { RunningCopy } from './copy.js';

/**
 * Look for containers from the LAN while `verify` runs: every address that the LAN's DHCP server handed out, beside
 * the host's, is asked for an answer.
 */
export function watchContainers(inside: RunningCopy): { stop(): Promise<string[]> } {
  const answered = new Set<string>();
  let running = true;
  const work = (async () => {
    while (running) {
      const leases = (await inside.sandbox.read('/tmp/lan.leases')) ?? '';
      for (const [, address] of leases.matchAll(/^\d+ \S+ (\d+\.\d+\.\d+\.\d+) /gm)) {
        if (
          address &&
          !inside.isHost(address) &&
          !answered.has(address) &&
          (await inside.lan.ping(address, 1)) > 0
        )
          answered.add(address);
      }
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  })();
  // The copy may end before anybody waits for this.
  work.catch(() => {});
  return {
    stop: async () => {
      running = false;
      await work;
      return [...answered];
    },
  };
}

/** What must be the same after undo: configuration files, addresses, routes, name servers. */
export async function snapshot(inside: RunningCopy): Promise<Record<string, string>> {
  const shown = async (...argv: string[]) => (await inside.sandbox.run(argv)).stdout;
  return {
    '/etc/network': await shown('sh', '-c', 'cd /etc/network && find . -type f -exec sha256sum {} + | sort'),
    '/etc/resolv.conf': await shown('cat', '/etc/resolv.conf'),
    addresses: withoutLifetimes(await shown('ip', '-4', '-oneline', 'address', 'show')),
    routes: await shown('ip', '-4', 'route', 'show'),
  };
}

/** Addresses per link: the order and index of links, and the rest of a lease, change by themselves. */
const withoutLifetimes = (text: string): string =>
  text
    .split('\n')
    .map((line) => /^\d+: (\S+)\s+inet (\S+)/.exec(line)?.slice(1).join(' ') ?? '')
    .filter((line) => line !== '')
    .sort()
    .join('\n');

/** What differs between two snapshots, in words. */
export function compare(
  before: Readonly<Record<string, string>>,
  after: Readonly<Record<string, string>>,
): string[] {
  return Object.keys(before)
    .filter((what) => before[what] !== after[what])
    .map((what) => `${what} differ: before "${before[what]?.trim()}", after "${after[what]?.trim()}"`);
}
