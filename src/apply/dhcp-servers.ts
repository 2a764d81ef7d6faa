import { z } from 'zod';
import type { Host } from '../host/host.js';
import { runIpBatch } from '../host/ip-batch.js';
import type { DhcpOffer } from '../model/doctor-facts.js';
import { withEmptyNetns } from './empty-netns.js';

/** Name of the link that asks; 15 characters at most. */
const LINK = 'bs-dhcp';

const offersSchema = z.array(
  z.object({
    server: z.string(),
    address: z.string(),
    mask: z.string().nullable(),
    router: z.string().nullable(),
  }),
);

/**
 * Which DHCP servers the LAN of a bridge has: from a link in a network namespace of its own a DHCPDISCOVER is sent, and
 * none of the offers is taken. The MAC address is made of the bridge's: always the same one, so that servers that hold an
 * offered address for some minutes hold one, however often doctor is run.
 * @param program how this program is called on the host
 * @returns `null`: it could not be asked
 */
export async function findDhcpServers(
  host: Host,
  { name, mac }: { readonly name: string; readonly mac: string },
  program: readonly string[],
): Promise<readonly DhcpOffer[] | null> {
  const own = probeMac(mac);
  try {
    return await withEmptyNetns(host, async ({ pid, ip }) => {
      await runIpBatch(host, [
        `link add link ${name} name ${LINK} address ${own} netns ${pid} type macvlan mode bridge`,
      ]);
      // An IPv6 address of the link's would be heard on the LAN.
      await runIpBatch(host, [`link set ${LINK} addrgenmode none`], ip).catch(() => {});
      await runIpBatch(host, ['link set lo up', `link set ${LINK} up`, `route add default dev ${LINK}`], ip);
      const enter = ip.slice(0, -1);
      const { stdout } = await host.run([...enter, ...program, 'discover-dhcp', own], { timeoutMs: 10_000 });
      return offersSchema.parse(JSON.parse(stdout));
    });
  } catch {
    // No macvlan, no unshare(1), an `ip` that is too old: nothing is known.
    return null;
  }
}

/** The bridge's MAC address as one that is locally administered, and not the bridge's (RFC 9542, 2.1). */
function probeMac(mac: string): string {
  const first = Number.parseInt(mac.slice(0, 2), 16);
  const other = ((first ^ 0x40) & 0xfc) | 0x02;
  return other.toString(16).padStart(2, '0') + mac.slice(2);
}
