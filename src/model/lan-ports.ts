import type { HostFacts, Link } from './facts.js';

/**
 * What bridge-setup, Docker, pipework, libvirt, Proxmox, LXC and systemd-nspawn call the ports of their containers and
 * virtual machines.
 */
const GUEST_PORT = /^(bs[0-9a-f]{1,12}$|veth|v\S*pl\d+$|vnet\d+$|tap|fwpr\d|fwln\d|lxc|v[be]-)/;
/** Kinds that lead to the LAN whatever their name is. */
const UPLINK_KINDS = ['bond', 'team', 'vlan'];
/** Kinds that lead to no LAN. */
const LOCAL_KINDS = ['tun', 'dummy', 'ifb'];

/**
 * Ports of a bridge that lead to the LAN, the likeliest first: NICs. Where there is none, as in a system container whose
 * NIC is a veth, the port that the bridge has its MAC address from, else one that is nobody's container. The MAC address
 * of a bridge need not be a port's: netplan and systemd-networkd give it one of its own.
 * @param recorded ports that are known to be containers'
 */
export function lanPorts(
  { links }: Pick<HostFacts, 'links'>,
  bridge: string,
  recorded: readonly string[] = [],
): Link[] {
  const mac = links.find(({ name }) => name === bridge)?.mac;
  const ports = links.filter(({ name, master }) => master === bridge && !recorded.includes(name));
  const real = ports.filter((port) => port.physical || UPLINK_KINDS.includes(port.kind ?? ''));
  const sameFirst = (found: Link[]) =>
    found.toSorted((a, b) => Number(b.mac === mac) - Number(a.mac === mac));
  if (real.length > 0) return sameFirst(real);
  const others = ports.filter(
    ({ name, kind }) => !GUEST_PORT.test(name) && !LOCAL_KINDS.includes(kind ?? ''),
  );
  return sameFirst(others).slice(0, 1);
}
