import { inSubnet, networkOf } from '../model/ipv4.js';
import { linkNamed } from '../model/links.js';
import type { DoctorCheck } from './doctor-check.js';
import { warning } from './found.js';

/** All stations have one idea of how large the LAN is. */
export const containerNetmask: DoctorCheck = {
  id: 'netmask',
  title: 'Host, containers and DHCP server agree on the netmask',
  group: 'containers',
  needs: 'root',
  on: 'set-up',
  looksAt: "The prefix lengths of the host's address, of the containers' and of what DHCP servers offer.",
  cause:
    'One of them was written by hand. A station with too long a prefix sends to its neighbours by the gateway, and one with too short a prefix looks for others on the LAN who are not there.',
  run({ facts, doctor: { topology, bridge, dhcpOffers } }) {
    const own = linkNamed(facts, bridge)?.addresses.find(
      ({ family, scope }) => family === 4 && scope === 'global',
    );
    if (own === undefined) return [];
    const network = networkOf(`${own.address}/${own.prefix}`);
    const isNear = (address: string, prefix: number) =>
      inSubnet(address, network) || inSubnet(own.address, `${address}/${prefix}`);
    const containers = topology.endpoints.flatMap(
      ({ containerName, interfaceName, address, state, method, bridge: on }) => {
        const [ip = '', bits] = address?.split('/') ?? [];
        const prefix = Number(bits);
        // One with /32 is alone on purpose: all of its packets go by the gateway.
        if (state !== 'attached' || on !== bridge || bits === undefined || prefix === 32) return [];
        if (prefix === own.prefix || !isNear(ip, prefix)) return [];
        const remedy =
          method === 'dhcp'
            ? `The DHCP server gave it /${prefix}: correct the prefix of ${bridge}, or the server.`
            : `Give the rule the prefix of the LAN (${ip}/${own.prefix}), and re-create the container.`;
        return [
          warning(
            'netmask-differs',
            `${containerName}, ${interfaceName}: has ${address}, and this host has ${own.address}/${own.prefix}: one of the two prefix lengths is wrong.`,
            remedy,
          ),
        ];
      },
    );
    const offers = (dhcpOffers ?? []).flatMap(({ server, address, mask }) => {
      const prefix = mask === null ? null : prefixOf(mask);
      if (prefix === null || prefix === own.prefix || !isNear(address, prefix)) return [];
      return [
        warning(
          'netmask-differs',
          `The DHCP server ${server} gives addresses of /${prefix}, and ${bridge} has ${own.address}/${own.prefix}: one of the two prefix lengths is wrong.`,
          `Correct the prefix of ${bridge} in the network configuration, or the range of the DHCP server.`,
        ),
      ];
    });
    return [...containers, ...offers];
  },
};

const prefixOf = (mask: string): number =>
  mask
    .split('.')
    .map((octet) => Number(octet).toString(2).replaceAll('0', '').length)
    .reduce((sum, bits) => sum + bits, 0);
