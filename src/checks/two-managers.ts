import type { NetworkManager } from '../model/facts.js';
import type { Check } from './check.js';

/** How each manager is told to leave a link alone. */
const RELEASE: Partial<Record<NetworkManager['name'], (uplink: string) => string>> = {
  NetworkManager: (uplink) =>
    `\`unmanaged-devices=interface-name:${uplink}\` below [keyfile] in a file of /etc/NetworkManager/conf.d`,
  'systemd-networkd': (uplink) =>
    `\`Unmanaged=yes\` below [Link] in the .network file of ${uplink} in /etc/systemd/network`,
  dhcpcd: (uplink) => `\`denyinterfaces ${uplink}\` in /etc/dhcpcd.conf`,
  netplan: (uplink) => `take ${uplink} out of the files in /etc/netplan`,
};

/** One program configures the uplink: two of them undo each other's work. */
export const twoManagers: Check = {
  id: 'two-managers',
  title: 'One program configures the uplink',
  group: 'host',
  looksAt:
    'Which programs configure the uplink: ifupdown, NetworkManager, systemd-networkd, netplan, dhcpcd.',
  cause: 'Each of them sets the link up as its own configuration says, and undoes what another one has made.',
  run: ({ facts, uplink }) => {
    const claiming = facts.managers.filter(({ active, links }) => active && links.includes(uplink));
    const others = claiming.flatMap(({ name }) => {
      const release = RELEASE[name];
      return release === undefined ? [] : [{ name, how: release(uplink) }];
    });
    if (!claiming.some(({ name }) => name === 'ifupdown') || others.length === 0) return [];
    const names = others.map(({ name }) => name).join(' and ');
    return [
      {
        check: 'two-managers',
        severity: 'error',
        message: `${uplink} has a stanza in /etc/network/interfaces, and ${names} configures it too: one would undo the bridge that the other makes.`,
        remedy: `Leave ${uplink} to ifupdown (${others.map(({ name, how }) => `${name}: ${how}`).join('; ')}), or remove its stanza.`,
      },
    ];
  },
};
