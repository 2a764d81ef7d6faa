import { SetupError } from '../errors.js';
import type { ContainerInfo, Host } from '../host/host.js';
import type { IpSession } from '../host/ip-session.js';
import type { Endpoint } from '../model/endpoint.js';
import { ADDRESS_CONFLICT } from './address-probe.js';
import { EarlyProbe } from './early-probe.js';
import { interfaceSettings } from './interface-settings.js';
import { linksOf, type NetLink } from './ip.js';
import { addressLines, createLines, macOf } from './link.js';
import { linkAlias } from './names.js';
import type { ContainerNetns } from './netns.js';
import type { FoundLink, Wanted } from './reconcile.js';

/** With spanning tree a port takes longer until it forwards, and its container has to wait for that. */
const FORWARDS_WITHIN_MS = 30;
/** BR_STATE_FORWARDING (kernel, include/uapi/linux/if_bridge.h). */
const FORWARDING = '3';

/** `ip` on the host, and in the namespace of the container. */
export interface Sessions {
  readonly outside: IpSession;
  readonly inside: IpSession;
}

/** By host link; `null`: its address cannot be asked for like that. */
type Probes = ReadonlyMap<string, EarlyProbe | null>;

/** Ask the LAN for the static addresses that are wanted, while there is something else to be done. */
export async function askFor(
  host: Host,
  outside: IpSession,
  container: ContainerInfo,
  wanted: readonly Wanted[],
): Promise<Probes> {
  const probes = new Map<string, EarlyProbe | null>();
  for (const { hostLink, endpoint } of wanted) {
    if (!isUsual(endpoint)) continue;
    const probe = EarlyProbe.start(host, outside, endpoint, macOf(container, endpoint));
    probes.set(hostLink, await probe.catch(() => null));
  }
  return probes;
}

/** The attach of one container on the short way. */
export class FastAttach {
  constructor(
    private readonly host: Host,
    private readonly container: ContainerInfo,
    private readonly sessions: Sessions,
    private readonly probes: Probes,
    private readonly onClose: () => void,
  ) {}

  /** End the session in the container. */
  close(): void {
    this.sessions.inside.close();
    this.onClose();
  }

  /**
   * Make one endpoint, and look whether it is there. `null`: it did not work out, and nothing of it is left. Throws
   * when the address is somebody else's.
   */
  async create(want: Wanted, netns: ContainerNetns): Promise<{ link: FoundLink; mtu: number } | null> {
    const { endpoint, hostLink } = want;
    const probe = this.probes.get(hostLink) ?? null;
    const mtu = probe === null ? null : await this.#mtuOf(endpoint.bridge);
    if (probe === null || mtu === null) return null;
    try {
      return { link: await this.#make(want, netns, probe, mtu), mtu };
    } catch (error) {
      // Its name was free a moment ago.
      await this.host.run(['ip', 'link', 'delete', 'dev', hostLink], { check: false });
      if (error instanceof SetupError && error.code === ADDRESS_CONFLICT) throw error;
      return null;
    }
  }

  async #make(
    { endpoint, hostLink }: Wanted,
    netns: ContainerNetns,
    probe: EarlyProbe,
    mtu: number,
  ): Promise<FoundLink> {
    const { inside, outside } = this.sessions;
    const { interfaceName: link } = endpoint;
    const mac = macOf(this.container, endpoint);
    const alias = linkAlias(this.container.id, link);
    await outside.run(createLines({ hostLink, alias, mac, mtu, endpoint, inKernelBridge: true }, netns.path));
    inside.set(interfaceSettings(endpoint));
    await inside.run([`link set dev ${link} up`]);
    await this.#forwards(hostLink);
    await probe.ask(inside);
    await probe.wait();
    await inside.run(addressLines(endpoint));
    await probe.announce(inside);
    const [own] = linksOf((await inside.run([`address show dev ${link}`])).flat());
    const [far] = linksOf((await outside.run([`address show dev ${hostLink}`])).flat());
    await probe.listen(inside);
    return foundLink(hostLink, link, far, own);
  }

  /** `null`: it is no bridge. */
  async #mtuOf(bridge: string): Promise<number | null> {
    const folder = `/sys/class/net/${bridge}`;
    if (!(await this.host.files.exists(`${folder}/bridge`))) return null;
    const mtu = Number(await this.host.files.read(`${folder}/mtu`));
    return mtu > 0 ? mtu : null;
  }

  /** What is asked and announced before the port forwards reaches nobody. */
  async #forwards(hostLink: string): Promise<void> {
    const { files, clock } = this.host;
    const deadline = clock.elapsed() + FORWARDS_WITHIN_MS;
    while (clock.elapsed() < deadline) {
      const state = await files.read(`/sys/class/net/${hostLink}/brport/state`).catch(() => null);
      if (state?.trim() === FORWARDING) return;
      await clock.sleep(1);
    }
  }
}

/** Whether the short way knows how to do it. */
function isUsual({ address, vlan, mac }: Endpoint): boolean {
  // A MAC address that somebody has chosen may be anybody's.
  return mac === null && vlan === undefined && (address.method !== 'static' || address.family === 4);
}

function foundLink(hostLink: string, interfaceName: string, far?: NetLink, own?: NetLink): FoundLink {
  const joined = own !== undefined && own.peerIndex === far?.index && far.peerIndex === own.index;
  return {
    hostLink,
    interfaceName,
    bridge: far?.master ?? null,
    up: far?.up ?? false,
    inside: joined ? own : null,
  };
}
