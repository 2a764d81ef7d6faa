import {
  dockerNetworkOn,
  existingBridges,
  hasIpv4,
  isDockerBridge,
  portDelay,
} from '../model/existing-bridge.js';
import type { HostFacts, Link } from '../model/facts.js';
import type { Finding } from '../model/finding.js';
import { lanPorts } from '../model/lan-ports.js';
import { linkNamed } from '../model/links.js';
import { macRemedy, stpRemedy } from './bridge-settings.js';
import type { Check } from './check.js';

const NAME = 'bridge.name';

const refused = (check: string, message: string, remedy: string, path = NAME): Finding => ({
  check,
  severity: 'error',
  path,
  message,
  remedy,
});

/** "This host has vmbr0, vmbr1." */
function others(facts: HostFacts, name: string): string {
  const names = existingBridges(facts)
    .map((link) => link.name)
    .filter((each) => each !== name);
  return names.length > 0
    ? `Name one that leads to the LAN: ${names.join(', ')}.`
    : 'No other bridge of this host leads to the LAN: make one with the NIC as its port first, or leave bridge.existing out.';
}

/** Why containers cannot be put on this bridge; empty: they can. */
function refusals(facts: HostFacts, name: string, uplink: string, given: string): Finding[] {
  const link = linkNamed(facts, name);
  const instead = others(facts, name);
  if (link === null)
    return [refused('existing-bridge-not-found', `There is no bridge ${name} on this host.`, instead)];
  if (link.kind !== 'bridge') {
    const what = link.kind === 'openvswitch' ? 'one of Open vSwitch' : `a ${link.kind ?? 'NIC'}`;
    return [refused('existing-not-a-bridge', `${name} is no bridge of the kernel's, but ${what}.`, instead)];
  }
  if (isDockerBridge(facts, name)) {
    const network = dockerNetworkOn(facts, name);
    const whose = network === null ? 'is a bridge of Docker' : `belongs to the Docker network "${network}"`;
    const remedy = /^(docker|br-)/.test(name)
      ? instead
      : `Remove that network (\`docker network rm ${network}\`), or name another bridge. ${instead}`;
    return [
      refused(
        'existing-bridge-is-dockers',
        `${name} ${whose}, which gives out its addresses and filters its frames.`,
        remedy,
      ),
    ];
  }
  const ports = lanPorts(facts, name);
  if (ports.length === 0) {
    const all = facts.links.filter(({ master }) => master === name).map((port) => port.name);
    const has =
      all.length === 0 ? 'no port' : `only ports of containers or virtual machines (${all.join(', ')})`;
    return [
      refused(
        'existing-bridge-without-uplink',
        `${name} has ${has}: it does not lead to the LAN.`,
        `Make the NIC a port of it where it is configured. ${instead}`,
      ),
    ];
  }
  if (given !== 'auto' && linkNamed(facts, uplink)?.master !== name) {
    return [
      refused(
        'existing-uplink-elsewhere',
        `${uplink} is not a port of ${name}.`,
        `Leave bridge.uplink out, or name its port: ${ports.map((port) => port.name).join(', ')}.`,
        'bridge.uplink',
      ),
    ];
  }
  return link.up
    ? []
    : [refused('existing-bridge-down', `${name} is down.`, `Bring it up: \`ip link set dev ${name} up\`.`)];
}

const warning = (check: string, message: string, remedy: string): Finding => ({
  check,
  severity: 'warning',
  message,
  remedy,
});

/** What is not as it should be with a bridge that containers can be put on. */
export function existingWarnings(facts: HostFacts, link: Link): Finding[] {
  const { name, mac, bridge } = link;
  const delay = portDelay(link);
  return [
    ...(hasIpv4(link)
      ? []
      : [
          warning(
            'existing-without-address',
            `${name} has no IPv4 address, so this host is not on its LAN: containers are, and the host does not reach them there. The proof asks the gateway that a test container gets, its DHCP server, or a neighbour.`,
            `If the LAN has none of these, name a host to ask in verify.ping. Or give ${name} an address where it is configured.`,
          ),
        ]),
    ...(delay > 0
      ? [
          warning(
            'existing-stp',
            `STP is on at ${name}, with a forward delay of ${bridge?.forwardDelay} s: the port of each container that starts forwards only after ${delay} s. The proof waits for that.`,
            stpRemedy(facts, name),
          ),
        ]
      : []),
    ...(bridge?.macSet === false && mac !== null
      ? [
          warning(
            'existing-mac-follows',
            `Nobody has set the MAC address of ${name}: it is the lowest of its ports, and may change when one joins or leaves. The LAN would then know the host by another one.`,
            macRemedy(facts, name, mac),
          ),
        ]
      : []),
  ];
}

/** Whether a bridge of somebody else's can take containers. */
export const existingBridge: Check = {
  id: 'existing-bridge',
  title: 'The bridge that is there can take containers',
  group: 'bridge',
  looksAt:
    'With bridge.existing: that the bridge is there, is not one of Docker, is up and has a port that leads to the LAN; its address, STP, and whether its MAC address is set.',
  cause:
    'Somebody else configures this bridge, and bridge-setup changes nothing of it: so it has to lead to the LAN already.',
  run({ facts, answers, uplink }) {
    const { name, existing, uplink: given } = answers.bridge;
    if (!existing) return [];
    const found = refusals(facts, name, uplink, given);
    const link = linkNamed(facts, name);
    return found.length > 0 || link === null ? found : existingWarnings(facts, link);
  },
};
