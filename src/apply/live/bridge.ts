import type { Host } from '../../host/host.js';
import { runIpBatch } from '../../host/ip-batch.js';
import type { AddPort, CreateBridge, RemoveBridge, RemovePort, SourceCheck } from '../../model/live.js';
import { readAddressMode, readLink, requireLink, settled } from './ip.js';

/**
 * Settings of a link that the bridge does not take over from its port (ip-sysctl.rst): `rp_filter` is set apart, the
 * kernel's own addresses are made on one of the two only, and the others are read-only.
 */
const NOT_COPIED = new Set(['rp_filter', 'addr_gen_mode', 'stable_secret', 'mc_forwarding']);

const conf = (family: string, link: string, name: string) => `/proc/sys/net/${family}/conf/${link}/${name}`;

/** Loose: RFC 3704. */
const LOOSE = '2';

/** See `CreateBridge`. */
export async function createBridge(step: CreateBridge, host: Host): Promise<void> {
  const { bridge, port, mac, stp, forwardDelay } = step;
  const { mtu } = await requireLink(host, port);
  const addressMode = await readAddressMode(host, port);
  if ((await readLink(host, bridge)) === null) {
    const pinned = mac === '' ? '' : ` address ${mac}`;
    // Hundredths of a second (USER_HZ).
    const timers = `stp_state ${stp ? 1 : 0} forward_delay ${forwardDelay * 100}`;
    await runIpBatch(host, [
      `link add ${bridge}${pinned} mtu ${mtu} type bridge ${timers}`,
      // Else its own link-local address races with the one that is copied to it. A kernel without IPv6 has no mode.
      ...(addressMode === null ? [] : [`link set ${bridge} addrgenmode none`]),
    ]);
    await setTimers(host, step);
  }
  await copySettings(host, port, bridge);
  await setSourceCheck(host, bridge, LOOSE);
  await runIpBatch(host, [`link set ${bridge} up`]);
  await settled(host, async () =>
    (await requireLink(host, bridge)).up ? null : `${bridge} does not come up`,
  );
}

/** An old kernel, such as that of RHEL 7, leaves the settings of a new bridge out, and says nothing. Here it takes them. */
async function setTimers(host: Host, { bridge, stp, forwardDelay }: CreateBridge): Promise<void> {
  const wanted = { stp_state: stp ? 1 : 0, forward_delay: forwardDelay * 100 };
  for (const [name, value] of Object.entries(wanted)) {
    const path = `/sys/class/net/${bridge}/bridge/${name}`;
    const present = await host.files.read(path);
    if (present === null || present.trim() === String(value)) continue;
    // With STP the kernel has limits of its own (br_set_forward_delay): what is beyond them stays as it made it.
    await host.run(['tee', path], { input: String(value), check: false });
  }
}

async function copySettings(host: Host, from: string, to: string): Promise<void> {
  for (const family of ['ipv4', 'ipv6']) {
    for (const name of await host.files.list(conf(family, from, ''))) {
      if (NOT_COPIED.has(name)) continue;
      const wanted = await readSetting(host, conf(family, from, name));
      const present = await readSetting(host, conf(family, to, name));
      if (wanted === null || present === null || wanted === present) continue;
      // Where a link begins to forward IPv6, the kernel drops the default routes that routers have advertised to any.
      if (family === 'ipv6' && name === 'forwarding' && wanted !== '0') continue;
      await host.run(['tee', conf(family, to, name)], { input: wanted, check: false });
    }
  }
  await keepSecondaries(host, to);
}

/** From now on an address may go while others of its subnet stay; a bridge that a boot has made may be without that. */
export async function keepSecondaries(host: Host, link: string): Promise<void> {
  await writeSetting(host, conf('ipv4', link, 'promote_secondaries'), '1');
}

/** `null`: this kernel has none, or it has no value (EIO: `stable_secret` of IPv6). */
async function readSetting({ files }: Host, path: string): Promise<string | null> {
  try {
    return (await files.read(path))?.trim() ?? null;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EIO') return null;
    throw error;
  }
}

/** Not by a temporary file and a rename: /proc and /sys have neither. */
async function writeSetting(host: Host, path: string, value: string): Promise<void> {
  await host.run(['tee', path], { input: value });
}

async function setSourceCheck(host: Host, link: string, value: string): Promise<void> {
  await writeSetting(host, conf('ipv4', link, 'rp_filter'), value);
}

/** See `SourceCheck`. */
export async function sourceCheck({ bridge, port, mode }: SourceCheck, host: Host): Promise<void> {
  if ((await readLink(host, bridge)) === null) return;
  const own = await host.files.read(conf('ipv4', port, 'rp_filter'));
  await setSourceCheck(host, bridge, mode === 'loose' ? LOOSE : (own ?? LOOSE).trim());
}

/** See `RemoveBridge`. Refuses while it has ports: they would lose their LAN. */
export async function removeBridge({ bridge }: RemoveBridge, host: Host): Promise<void> {
  const link = await readLink(host, bridge);
  if (link === null || link.kind !== 'bridge') return;
  const ports = await host.files.list(`/sys/class/net/${bridge}/brif`);
  if (ports.length > 0) throw new Error(`${bridge} still has ports: ${ports.join(', ')}`);
  await runIpBatch(host, [`link del ${bridge}`]);
}

/** See `AddPort`. */
export async function addPort({ bridge, port, timeoutSeconds }: AddPort, host: Host): Promise<void> {
  if ((await requireLink(host, port)).master !== bridge) {
    await runIpBatch(host, [`link set ${port} up`, `link set ${port} master ${bridge}`]);
  }
  await settled(
    host,
    async () => {
      if ((await requireLink(host, bridge)).state !== 'UP') return `${bridge} has no port that forwards`;
      // 3: forwarding (BR_STATE_FORWARDING, linux/if_bridge.h).
      const state = await host.files.read(`/sys/class/net/${port}/brport/state`);
      return state?.trim() === '3' ? null : `${port} does not forward frames yet`;
    },
    timeoutSeconds,
  );
}

/** See `RemovePort`. */
export async function removePort({ bridge, port }: RemovePort, host: Host): Promise<void> {
  const link = await readLink(host, port);
  if (link === null || link.master !== bridge) return;
  await runIpBatch(host, [`link set ${port} nomaster`]);
  await settled(host, async () => {
    const { master, up } = await requireLink(host, port);
    return master === null && up ? null : `${port} is still a port of ${master}`;
  });
}
