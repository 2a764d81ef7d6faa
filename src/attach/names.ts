import { createHash } from 'node:crypto';

const ALIAS = /^bridge-setup:([0-9a-f]{12}):([A-Za-z0-9_.-]{1,15})$/;

/** What an alias of ours says about its link. */
export interface LinkOwner {
  /** The first 12 characters of the container's id. */
  readonly container: string;
  readonly interfaceName: string;
}

/** The short form of a container id, as `docker ps` shows it. */
export function shortId(containerId: string): string {
  return containerId.slice(0, 12);
}

/**
 * Name of the host's side of a veth. A digest, because the names of a container and its interface do not fit into
 * the 15 characters that the kernel has (IFNAMSIZ); from the id, so that it is found again without a record.
 */
export function hostLinkName(containerId: string, interfaceName: string): string {
  return `bs${digest('host-link', containerId, interfaceName).toString('hex').slice(0, 12)}`;
}

/**
 * MAC address of a container's interface: from its name, not its id, so that a reservation on the LAN's DHCP
 * server survives the re-creation of the container. Locally administered and unicast (IEEE 802, U/L and I/G bits),
 * and never `fe:…`, which is for the host's sides.
 * @param machine identity of the host (`machine.ts`), so that containers of one name on two hosts of a LAN have two;
 *   `null`: by the names alone, as earlier versions did
 */
export function containerMac(
  bridge: string,
  containerName: string,
  interfaceName: string,
  machine: string | null = null,
): string {
  const bytes =
    machine === null
      ? digest('mac', bridge, containerName, interfaceName)
      : digest('mac-of-host', machine, bridge, containerName, interfaceName);
  return macOf([(bytes.readUInt8(0) & 0x7c) | 0x02, ...bytes.subarray(1, 6)]);
}

/** MAC address of pipework's `U:string`: `02:` and the first five bytes of the MD5 of the string and a newline. */
export function macFromString(text: string): string {
  const bytes = createHash('md5').update(`${text}\n`).digest();
  return macOf([0x02, ...bytes.subarray(0, 5)]);
}

/**
 * MAC address of the host's side. A bridge without an address of its own takes the lowest of its ports (br_stp_if.c);
 * `fe:` is higher than any NIC's, so that a container never changes the address of the host. libvirt does the same.
 * It must not be the container's own, which a rule may give: the bridge keeps frames for the address of a port to
 * itself, and the container would be reached from the host, but not from the LAN.
 */
export function hostSideMac(containerSideMac: string): string {
  const rest = containerSideMac.slice(2, -2);
  const last = Number.parseInt(containerSideMac.slice(-2), 16);
  return `fe${rest}${(last ^ 0xff).toString(16).padStart(2, '0')}`;
}

/**
 * The host name that is told to the DHCP server (option 12): the container's own; its name when Docker has made the
 * host name up from the id, since that is another one after each re-creation. With what a host name can have (RFC 1123,
 * 2.1), and at most 63 characters; `null` when nothing is left.
 */
export function dhcpHostname(container: {
  readonly id: string;
  readonly name: string;
  readonly hostname: string;
}): string | null {
  const { id, name, hostname } = container;
  const given = hostname === '' || hostname === shortId(id) ? name : hostname;
  const clean = given.replace(/[^A-Za-z0-9.-]/g, '-').slice(0, 63);
  return clean.replace(/^[.-]+|[.-]+$/g, '') || null;
}

/** The alias that marks a host link as ours (`ip link set … alias`), and says whose it is. */
export function linkAlias(containerId: string, interfaceName: string): string {
  return `bridge-setup:${shortId(containerId)}:${interfaceName}`;
}

/**
 * The alias that marks an interface inside a container as ours, where there is no host link. Another one than the host
 * links': a NIC on its way back to the host must never be taken for a link that may be deleted.
 */
export function insideAlias(containerId: string, interfaceName: string): string {
  return `bridge-setup-inside:${shortId(containerId)}:${interfaceName}`;
}

/** The owner that an alias names; `null` when the alias is not one of ours. */
export function parseAlias(alias: string | null): LinkOwner | null {
  const [, container, interfaceName] = ALIAS.exec(alias ?? '') ?? [];
  return container === undefined || interfaceName === undefined ? null : { container, interfaceName };
}

function digest(...parts: readonly string[]): Buffer {
  // No part can hold a slash, so the joined text is unambiguous.
  return createHash('sha256').update(parts.join('/')).digest();
}

function macOf(bytes: readonly number[]): string {
  return bytes.map((byte) => byte.toString(16).padStart(2, '0')).join(':');
}
