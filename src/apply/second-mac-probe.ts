import { randomBytes } from 'node:crypto';
import { messageOf } from '../errors.js';
import type { Host } from '../host/host.js';
import { runIpBatch } from '../host/ip-batch.js';
import type { ProbeSecondMac, RemoveProbeLink } from '../model/plan.js';
import type { ApplyContext } from './context.js';
import { readAddressMode, readLink } from './live/ip.js';

/** Between two probes that something else cut short. */
const PAUSE_MS = 100;

/**
 * See `ProbeSecondMac`. Fails only on proof: where the probe cannot be made, or is answered from neither MAC address,
 * the warning of the plan stands as it was, and that is said.
 */
export async function probeSecondMac(step: ProbeSecondMac, context: ApplyContext): Promise<void> {
  const { uplink, gateway, remedy } = step;
  const { host, progress } = context;
  let answered: Answered;
  try {
    answered = await probe(step, host);
  } catch (error) {
    progress.note(`A second MAC address could not be probed, so nothing is proved: ${messageOf(error)}`);
    return;
  } finally {
    // With it on the uplink, the kernel would not let that become a port.
    await removeProbeLink(step, host);
  }
  if (answered === 'none') {
    progress.note(
      `${gateway} answers an ARP probe neither from a second MAC address nor from that of ${uplink}, so nothing is proved.`,
    );
  }
  if (answered !== 'own') return;
  throw new Error(
    `the gateway ${gateway} answers the MAC address of ${uplink}, and not a second one. The LAN (hypervisor) drops frames of a second MAC address, so containers would not be reachable. ${remedy}`.trim(),
  );
}

/** Which of the two MAC addresses the gateway answers; with an answer to the second one, nobody asks from the own. */
type Answered = 'second' | 'own' | 'none';

async function probe(step: ProbeSecondMac, host: Host): Promise<Answered> {
  await addProbeLink(step, host);
  if (await answersArp(step, step.link, host)) return 'second';
  return (await answersArp(step, step.uplink, host)) ? 'own' : 'none';
}

/** Make the link of a probe, with a MAC address of its own. */
export async function addProbeLink(
  { uplink, link }: Pick<ProbeSecondMac, 'uplink' | 'link'>,
  host: Host,
): Promise<void> {
  const addressMode = await readAddressMode(host, uplink);
  await runIpBatch(host, [
    // A MAC address that was set: udev would replace one that the kernel made up, in the middle of the probe
    // (systemd.link(5), MACAddressPolicy).
    `link add link ${uplink} name ${link} address ${randomMac()} type macvlan mode bridge`,
    // It is to have no address, and so to say nothing of its own. A kernel without IPv6 has no mode.
    ...(addressMode === null ? [] : [`link set ${link} addrgenmode none`]),
    `link set ${link} up`,
  ]);
}

/** See `RemoveProbeLink`. A link of that name that is no macvlan is not ours. */
export async function removeProbeLink({ link }: Pick<RemoveProbeLink, 'link'>, host: Host): Promise<void> {
  if ((await readLink(host, link))?.kind === 'macvlan') await runIpBatch(host, [`link del ${link}`]);
}

/** A random MAC address, unicast and locally administered (RFC 9542, 2.1): the two lowest bits of the first byte. */
export function randomMac(): string {
  const bytes = randomBytes(6);
  bytes.writeUInt8((bytes.readUInt8(0) & 0b11111100) | 0b10, 0);
  return bytes.toString('hex').replace(/(..)(?=.)/g, '$1:');
}

/** How arping is called here: busybox's, or that of iputils. */
export async function arpingOf(host: Host): Promise<readonly string[]> {
  return (await host.which('busybox')) === null ? ['arping'] : ['busybox', 'arping'];
}

/**
 * Whether the gateway answers a link's own MAC address, by the probe of RFC 5227 (2.1.1): the sender's address is
 * 0.0.0.0, so no neighbour cache of the LAN learns of it.
 *
 * The exit code of busybox's arping does not tell. With -D it is 1 after any ARP frame from the gateway, such as its
 * broadcast search for another host, which arrives in spite of all filters; and after wrong usage. It is 0 also where
 * nothing was sent (busybox, networking/arping.c). Its words do: "Unicast" is a frame to the link's MAC address. Those of
 * iputils, which RHEL has instead, are the same (arping.c of s20160308; read, not run).
 */
async function answersArp(
  { gateway, timeoutSeconds }: ProbeSecondMac,
  link: string,
  host: Host,
): Promise<boolean> {
  const times = String(timeoutSeconds);
  const argv = [...(await arpingOf(host)), '-D', '-I', link, '-c', times, '-w', times, gateway];
  const deadline = host.clock.elapsed() + timeoutSeconds * 1000;
  for (;;) {
    // Ctrl-C would end it early, as if nobody had answered.
    const { exitCode, stdout, stderr } = await host.run(argv, { check: false, ownProcessGroup: true });
    if (/^Unicast re(ply|quest) from /m.test(stdout)) return true;
    const cutShort = /^Broadcast re(ply|quest) from /m.test(stdout);
    const sent = /^Sent [1-9]/m.test(stdout);
    if (!cutShort && !(sent && exitCode === 0)) {
      throw new Error(`\`${argv.join(' ')}\` exited with ${exitCode}: ${(stderr || stdout).trim()}`);
    }
    if (!cutShort || host.clock.elapsed() >= deadline) return false;
    await host.clock.sleep(PAUSE_MS);
  }
}
