import { messageOf } from '../errors.js';
import type { Host } from '../host/host.js';
import { runIpBatch } from '../host/ip-batch.js';
import { changeAddressLine, lifetimeWords } from '../iproute/address.js';
import type { HostBefore } from '../model/journal.js';
import { readLink } from './live/ip.js';
import { withRetries } from './retry.js';
import type { Leftover } from './undo.js';

/**
 * Settings of the uplink that network scripts and DHCP clients have changed while it was a port, back to what they were.
 * @param when `first`: before it comes out of the bridge, only those that say what the kernel takes from routers, which
 *   would give it an address and a route in the gap; `last`: all of them
 */
export async function restoreSettings(
  host: Host,
  { details }: HostBefore,
  when: 'first' | 'last',
): Promise<Leftover[]> {
  const leftovers: Leftover[] = [];
  for (const [path, value] of Object.entries(details?.settings ?? {})) {
    if (when === 'first' && !/^ipv6\/.*\/(accept_ra|autoconf|use_tempaddr)/.test(path)) continue;
    const file = `/proc/sys/net/${path}`;
    try {
      await withRetries(host, async () => {
        const present = await host.files.read(file);
        // Not by a temporary file and a rename: /proc has neither.
        if (present !== null && present.trim() !== value) await host.run(['tee', file], { input: value });
      });
    } catch (error) {
      const what = `Set net/${path} to ${value}: ${messageOf(error)}`;
      leftovers.push({ what, remedy: `sysctl -w net/${path}=${value}` });
    }
  }
  return leftovers;
}

/** An uplink that was down before, or had another MTU: a live change sets its port up. */
export async function restoreLink(host: Host, { links, uplink }: HostBefore): Promise<Leftover[]> {
  const was = links.find(({ name }) => name === uplink);
  if (was === undefined) return [];
  const { name, up, mtu } = was;
  try {
    await withRetries(host, async () => {
      const read = async (file: string) => (await host.files.read(`/sys/class/net/${name}/${file}`))?.trim();
      const [mtuNow, flags] = [await read('mtu'), await read('flags')];
      // IFF_UP (linux/if.h).
      const isUp = (Number(flags ?? 0) & 1) === 1;
      if (await host.files.exists(`/sys/class/net/${name}/master`)) return;
      await runIpBatch(host, [
        ...(mtuNow === undefined || mtuNow === String(mtu) ? [] : [`link set dev ${name} mtu ${mtu}`]),
        ...(isUp && !up ? [`link set dev ${name} down`] : []),
      ]);
    });
    return [];
  } catch (error) {
    const what = `${name} is not as before: ${messageOf(error)}`;
    return [{ what, remedy: `ip link set dev ${name} mtu ${mtu} ${up ? 'up' : 'down'}` }];
  }
}

const FOR_EVER = ['valid_lft', 'forever', 'preferred_lft', 'forever'];

/**
 * An address that had no lifetime, and that a lease has given again while the uplink was a port: nobody renews it any
 * more, so it would go with its lifetime, hours after the rollback.
 */
export async function restoreLifetimes(host: Host, { links, uplink }: HostBefore): Promise<Leftover[]> {
  const was = links.find(({ name }) => name === uplink);
  const lasting = was?.addresses.filter(({ family, dynamic }) => family === 4 && !dynamic) ?? [];
  if (was === undefined || lasting.length === 0) return [];
  try {
    await withRetries(host, async () => {
      const now = (await readLink(host, was.name))?.addresses ?? [];
      const given = now.filter(
        (each) =>
          lifetimeWords(each).length > 0 &&
          lasting.some(({ address, prefix }) => each.address === address && each.prefix === prefix),
      );
      const lines = given.map((each) => changeAddressLine(each, was.name, { lifetimes: FOR_EVER }));
      await runIpBatch(host, lines);
    });
    return [];
  } catch (error) {
    const what = `Addresses of ${was.name} have lifetimes, and had none: ${messageOf(error)}`;
    return [{ what, remedy: `ip address show dev ${was.name}` }];
  }
}
