import type { ContainerReach } from '../model/doctor-facts.js';
import type { Finding } from '../model/finding.js';
import { inSubnet } from '../model/ipv4.js';
import { linkNamed } from '../model/links.js';
import { acceptRule } from './accept-rule.js';
import type { DoctorCheck, DoctorContext } from './doctor-check.js';
import { error, warning } from './found.js';

/** Containers reach their gateway, and nobody else has their address. */
export const containerReach: DoctorCheck = {
  id: 'container-reach',
  title: 'Containers reach their gateway',
  group: 'containers',
  needs: 'reach',
  on: 'set-up',
  looksAt:
    "In each container's network namespace, over its own interface: whether the gateway answers ARP and a ping, and whether another station answers an ARP probe (RFC 5227) for the container's address. What the container does not get, the host is asked for, too.",
  cause:
    'A packet filter drops frames of the bridge, another station has the address, or the gateway of the rule is not there.',
  run: (context) => (context.doctor.reach ?? []).flatMap((one) => [...taken(one), ...cutOff(one, context)]),
};

const nameOf = ({ container, interfaceName }: ContainerReach) => `${container}, ${interfaceName}`;

function taken(one: ContainerReach): Finding[] {
  if (one.duplicate === null) return [];
  const address = one.address.split('/')[0];
  return [
    error(
      'container-address-taken',
      `${nameOf(one)}: ${address} is also the address of another station, by the MAC address ${one.duplicate}. What is sent to the container reaches one or the other.`,
      'Give one of the two another address: a static one has to be outside the range of the DHCP server.',
      'Both were given it by hand, or the DHCP server gave it to one of the two.',
    ),
  ];
}

function cutOff(one: ContainerReach, context: DoctorContext): Finding[] {
  const { gateway, arp, ping, host, duplicate } = one;
  const { lan, firewall, bridge } = context.doctor;
  // Where two have the address, the answers may be the other one's.
  if (gateway === null || host === null || duplicate !== null) return [];
  const own = linkNamed(context.facts, bridge)?.addresses.filter(({ family }) => family === 4) ?? [];
  const isOnLan = own.some(({ address, prefix }) => inSubnet(gateway, `${address}/${prefix}`));
  // A LAN that drops a second MAC address has its own check, and so has the missing accept rule.
  if (lan?.secondMac === 'own') return [];
  if (arp === false && !host.arp) {
    const where = isOnLan ? '' : `, and ${one.address} is outside the network of ${bridge}`;
    const message = `${nameOf(one)}: its gateway ${gateway} answers neither it nor this host${where}. The container reaches its own subnet only.`;
    const remedy = isOnLan
      ? `Check that ${gateway} is on, and is the gateway of this LAN.`
      : 'Correct address and gateway in the rule (`ADDRESS/PREFIX@GATEWAY`), and re-create the container.';
    return [
      (isOnLan ? warning : error)(
        'container-gateway-silent',
        message,
        remedy,
        'The gateway is off, or the rule names one that the LAN does not have.',
      ),
    ];
  }
  const { drops, suspects } = firewall;
  const filter =
    drops.length > 0
      ? `What drops them: ${drops
          .slice(0, 2)
          .map(({ by }) => by)
          .join('; ')}.`
      : suspects.length > 0
        ? `What may drop them, by something that is not known of a frame: ${suspects.slice(0, 3).join('; ')}.`
        : 'No rule on this host drops them, as far as its packet filters could be read: the port of the switch, or of the hypervisor, may.';
  const look =
    'Compare `ebtables-save`, `nft list ruleset` and `iptables -S FORWARD`; let frames within the bridge pass there.';
  if (arp === false) {
    const message = `${nameOf(one)}: the gateway ${gateway} answers this host, and not the container. Frames between ${bridge}'s ports are dropped.`;
    return [error('container-cut-off', message, look, filter)];
  }
  if (ping === false && host.ping && acceptRule.run(context).length === 0) {
    const message = `${nameOf(one)}: the gateway ${gateway} answers its ARP and not its ping, and it answers this host's. IPv4 packets between ${bridge}'s ports are dropped.`;
    return [error('container-packets-dropped', message, look, filter)];
  }
  return [];
}
