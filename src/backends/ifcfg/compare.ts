import type { Address, HostFacts, Link } from '../../model/facts.js';
import type { Finding } from '../../model/finding.js';
import { isDhcpv6, linkNamed } from '../../model/links.js';
import { eitherWay, error, normal, warning } from '../difference.js';
import { DEFAULT_FORWARD_DELAY } from '../forward-delay.js';
import { fixedAddresses, isLeased } from './address.js';
import { isOn } from './adopt.js';
import { aliasesOf, type Config, type NetworkScripts, setting } from './files.js';
import { effectiveGateway } from './live.js';
import { leavesForwardDelay, managerOf } from './network-manager.js';
import { isFalse } from './settings.js';
import { variable } from './shell.js';

/** The bridge in the files, and the one that is there. */
export interface Comparison {
  readonly facts: HostFacts;
  readonly scripts: NetworkScripts;
  /** `null`: BRIDGE= of a port alone makes it. */
  readonly config: Config | null;
  readonly ports: readonly Config[];
  readonly link: Link;
}

const textOf = ({ address, prefix }: Address) => `${address}/${prefix}`;
/** In one shell, since the network is gone in between; the port first (ifup of the bridge does not start it). */
const remake = ({ facts, config, link, ports }: Comparison) => {
  if (config !== null && managerOf(facts, link.name) !== null)
    return `nmcli connection up filename ${config.path}`;
  const names = ports.map(({ device }) => device).join(' ');
  return `ifdown ${names}; ifdown ${link.name}; ifup ${names}; ifup ${link.name}`;
};

/** Ports, settings, addresses and the gateway are those of the files. */
export function compareNetwork(compared: Comparison): Finding[] {
  const { config } = compared;
  const found = comparePorts(compared);
  if (config === null) return found;
  return [
    ...found,
    ...compareSettings(compared, config),
    ...compareIpv4(compared, config),
    ...compareIpv6(compared, config),
    ...compareGateway(compared, config),
  ];
}

function comparePorts({ facts, ports, link }: Comparison): Finding[] {
  const found: Finding[] = [];
  for (const { device, path } of ports) {
    const port = linkNamed(facts, device);
    if (port?.master !== link.name) {
      const now =
        port === null ? `there is no ${device}` : `it is ${port.master ? `one of ${port.master}` : 'none'}`;
      found.push(
        error(
          'port-not-in-bridge',
          `${path} makes ${device} the port of ${link.name}, but ${now}.`,
          eitherWay(`ip link set dev ${device} master ${link.name}`),
        ),
      );
    }
    for (const address of port?.master === link.name ? port.addresses : []) {
      if (address.scope !== 'global') continue;
      const what = `${device} is a port of ${link.name}, yet it has the address ${textOf(address)} itself.`;
      found.push(error('port-has-address', what, `Run \`ip address del ${textOf(address)} dev ${device}\`.`));
    }
  }
  const others = facts.links.filter(
    // The host's sides of containers are veths; their attach runtime plugs them in again.
    ({ master, kind, name }) =>
      master === link.name && kind !== 'veth' && !ports.some(({ device }) => device === name),
  );
  for (const { name } of others) {
    const what = `${name} is a port of ${link.name}, but no file has BRIDGE=${link.name} for it.`;
    found.push(
      warning(
        'port-not-in-files',
        what,
        eitherWay(`ip link set dev ${name} nomaster`, 'write BRIDGE= into its file'),
      ),
    );
  }
  return found;
}

function compareSettings(compared: Comparison, { path, file }: Config): Finding[] {
  const { name, mac, mtu, bridge: now } = compared.link;
  const found: Finding[] = [];
  const wantedMac = variable(file, 'MACADDR').toLowerCase();
  if (wantedMac !== '' && wantedMac !== mac?.toLowerCase()) {
    const what = `${path} gives ${name} the MAC address ${wantedMac}, but it has ${mac}: by another one the LAN's DHCP server does not know the host.`;
    found.push(error('mac-differs', what, eitherWay(`ip link set dev ${name} address ${wantedMac}`)));
  }
  const wantedMtu = variable(file, 'MTU');
  if (wantedMtu !== '' && Number(wantedMtu) !== mtu) {
    const what = `${path} gives ${name} an MTU of ${wantedMtu}, but it has ${mtu}.`;
    found.push(warning('mtu-differs', what, eitherWay(`ip link set dev ${name} mtu ${wantedMtu}`)));
  }
  if (now === null) return found;
  const stp = isOn(variable(file, 'STP'));
  if (stp !== now.stp) {
    const what = `By ${path} the spanning tree of ${name} is ${stp ? 'on' : 'off'}, but it is ${now.stp ? 'on' : 'off'}.`;
    found.push(warning('stp-differs', what, eitherWay(`brctl stp ${name} ${stp ? 'on' : 'off'}`)));
  }
  const delay = Number(variable(file, 'DELAY') || DEFAULT_FORWARD_DELAY);
  // With STP on, the kernel takes none below 2 s, whatever the file says.
  const isLeft = leavesForwardDelay(compared.facts, name, stp);
  if (delay !== now.forwardDelay && !(stp && delay < 2) && !isLeft) {
    const what = `By ${path} a port of ${name} waits for ${delay} s until it forwards, but now it is ${now.forwardDelay} s.`;
    found.push(warning('forward-delay-differs', what, eitherWay(`brctl setfd ${name} ${delay}`)));
  }
  return found;
}

function compareIpv4(compared: Comparison, config: Config): Finding[] {
  const { facts, scripts, link } = compared;
  const { path, file } = config;
  const live = link.addresses.filter(({ family, scope }) => family === 4 && scope === 'global');
  const found: Finding[] = [];
  const client = facts.dhcpClients.running.find((each) => each.link === link.name && !isDhcpv6(each));
  if (isLeased(file)) {
    const leased = live.some(({ dynamic }) => dynamic) || (client !== undefined && live.length > 0);
    const what = `BOOTPROTO=${variable(file, 'BOOTPROTO')} (${path}) leases an address, but`;
    if (!leased) {
      const none = `${what} ${link.name} has none that is leased.`;
      found.push(error('method-differs', none, eitherWay(remake(compared))));
    } else if (
      client === undefined &&
      managerOf(facts, link.name) === null &&
      !facts.dhcpClients.running.some((each) => each.link === null)
    ) {
      const ends = `${what} no DHCP client runs on ${link.name}: the address ends with its lease.`;
      found.push(error('no-client-on-bridge', ends, `Run \`${remake(compared)}\`, in one shell.`));
    }
    return found;
  }
  if (client !== undefined) {
    const what = `${client.name} leases an address for ${link.name}, but ${path} has no BOOTPROTO=dhcp.`;
    found.push(error('method-differs', what, eitherWay(remake(compared), 'write BOOTPROTO=dhcp')));
  }
  const fixed = fixedAddresses(file).flatMap(({ text }) => text ?? []);
  for (const text of fixed) found.push(...fixedAddress(compared, path, text, live));
  // Aliases inherit some of their settings, and ranges are many: which addresses they make is not compared.
  if (aliasesOf(scripts, link.name).length > 0) return found;
  for (const address of live.filter((each) => !fixed.includes(textOf(each)))) {
    const what = `${link.name} has the address ${textOf(address)}, which no file gives it: after a reboot it is gone.`;
    const way = eitherWay(
      `ip address del ${textOf(address)} dev ${link.name}`,
      'write the address into the file',
    );
    found.push(warning('address-not-in-files', what, way));
  }
  return found;
}

function fixedAddress({ link }: Comparison, path: string, text: string, live: readonly Address[]): Finding[] {
  const present = live.find((address) => textOf(address) === text);
  const gives = `${path} gives ${link.name} the address ${text}, but it has`;
  if (present === undefined) {
    const now = live.map(textOf).join(', ') || 'none';
    return [
      error('address-not-there', `${gives} ${now}.`, eitherWay(`ip address add ${text} dev ${link.name}`)),
    ];
  }
  if (!present.dynamic) return [];
  const forEver = `ip address change ${text} dev ${link.name} valid_lft forever preferred_lft forever`;
  return [error('address-is-leased', `${gives} it as a lease only, which ends.`, eitherWay(forEver))];
}

/** Static addresses; a router's come and go. Prefix length 64 without a word about it (sysconfig.txt). */
function compareIpv6({ link, scripts }: Comparison, config: Config): Finding[] {
  if (isFalse(setting(scripts, config, 'IPV6INIT'))) return [];
  const words = [
    variable(config.file, 'IPV6ADDR'),
    ...variable(config.file, 'IPV6ADDR_SECONDARIES').split(/\s+/),
  ];
  return words.flatMap((word) => {
    const [address = '', prefix = '64'] = word.split('/');
    const text = normal(address);
    if (text === null) return [];
    if (link.addresses.some((each) => each.family === 6 && textOf(each) === `${text}/${prefix}`)) return [];
    const what = `${config.path} gives ${link.name} the address ${text}/${prefix}, which it has not.`;
    return [error('address-not-there', what, eitherWay(`ip address add ${text}/${prefix} dev ${link.name}`))];
  });
}

function compareGateway({ facts, scripts, ports, link }: Comparison, config: Config): Finding[] {
  const routes = facts.routes.filter(({ family, destination }) => family === 4 && destination === 'default');
  const found: Finding[] = [];
  const gateway = effectiveGateway(scripts, config, link.name);
  if (gateway !== null && !routes.some((route) => route.link === link.name && route.gateway === gateway)) {
    const now = routes.map((route) => `via ${route.gateway ?? ''} dev ${route.link}`).join('", "');
    const what = `${config.path} sends what leaves the LAN to ${gateway} through ${link.name}, but ${now === '' ? 'there is no default route' : `the default route is "${now}"`}.`;
    found.push(
      error('gateway-not-there', what, eitherWay(`ip route replace default via ${gateway} dev ${link.name}`)),
    );
  }
  for (const route of routes.filter((each) => ports.some(({ device }) => device === each.link))) {
    const what = `The default route "via ${route.gateway ?? ''} dev ${route.link}" leads through a port of ${link.name}.`;
    found.push(error('route-through-port', what, `Remove it: \`ip route del default dev ${route.link}\`.`));
  }
  return found;
}
