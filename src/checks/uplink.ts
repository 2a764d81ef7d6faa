import { uplinkCandidates } from '../facts/uplink.js';
import type { HostFacts, Link } from '../model/facts.js';
import type { Finding } from '../model/finding.js';
import { canBePort, isEthernet, linkNamed } from '../model/links.js';
import type { Check } from './check.js';

const PATH = 'bridge.uplink';

function problem(check: string, message: string, remedy: string): Finding {
  return { check, severity: 'error', message, path: PATH, remedy };
}

/** "This host has eth0, eth1.": those that are no port of something else. */
function others(facts: HostFacts, uplink: string, bridge: string): string {
  const names = uplinkCandidates(facts)
    .filter((link) => canBePort(link) || link.master === bridge)
    .map(({ name }) => name)
    .filter((name) => name !== uplink);
  return names.length > 0
    ? `This host has ${names.join(', ')}.`
    : 'This host has no other link that could serve.';
}

/** A link that something else has already: what has it, and what would serve instead. */
function port(facts: HostFacts, { name }: Link, master: string, instead: string): Finding {
  const found = (message: string, remedy: string) => problem('uplink-is-a-port', message, remedy);
  const kind = master === 'ovs-system' ? 'openvswitch' : linkNamed(facts, master)?.kind;
  switch (kind) {
    case 'bridge':
      return found(
        `${name} is already a port of ${master}.`,
        `Use that bridge: set bridge.name to "${master}", and bridge.existing to true unless its configuration is to be changed.`,
      );
    case 'openvswitch':
      return found(
        `${name} belongs to Open vSwitch, as a port of one of its bridges, and a link has one bridge only.`,
        `Take it out first (\`ovs-vsctl del-port ${name}\`), or choose another uplink. ${instead}`,
      );
    case 'vrf':
      return found(
        `${name} belongs to the VRF ${master}, and a port of a bridge cannot.`,
        `Choose another uplink. ${instead}`,
      );
    default: {
      const what = kind === 'bond' || kind === 'team' ? `the ${kind} ${master}` : master;
      const upper = linkNamed(facts, master);
      return found(
        `${name} is already a port of ${what}.`,
        upper !== null && canBePort(upper)
          ? `Use ${master} as the uplink instead: set bridge.uplink to "${master}".`
          : `Take it out of there first, or choose another uplink. ${instead}`,
      );
    }
  }
}

function unusable(facts: HostFacts, link: Link, bridge: string): Finding | null {
  const { name } = link;
  const instead = others(facts, name, bridge);
  if (link.loopback) {
    return problem(
      'uplink-is-loopback',
      `${name} is the loopback link; it leads nowhere.`,
      `Name the NIC that is on the LAN. ${instead}`,
    );
  }
  if (link.wireless) {
    return problem(
      'uplink-is-wireless',
      `${name} is a Wi-Fi station, and an access point drops frames of any MAC address but the station's own.`,
      `Use a wired NIC. ${instead}`,
    );
  }
  if (link.master !== null && link.master !== bridge) {
    return port(facts, link, link.master, instead);
  }
  if (link.kind === 'bridge') {
    return problem(
      'uplink-is-a-bridge',
      `${name} is a bridge itself.`,
      `Use it as it is: set bridge.name to "${name}" and bridge.existing to true. Or have its configuration changed: set bridge.uplink to its port.`,
    );
  }
  if (!isEthernet(link)) {
    const why =
      link.type === undefined ? 'has no MAC address of Ethernet' : `is no Ethernet link (${link.type})`;
    return problem('uplink-not-ethernet', `${name} ${why}, so it cannot be a port of a bridge.`, instead);
  }
  return null;
}

/** Whether the uplink can be the port of a bridge. */
export const uplink: Check = {
  id: 'uplink',
  title: 'The uplink can be bridged',
  group: 'host',
  looksAt: 'The link that leads to the LAN: that it exists, is wired, and is no part of something else.',
  cause:
    'A bridge takes Ethernet links as ports. A Wi-Fi station may only send frames of its own MAC address, and a link belongs to one bridge, bond or VRF only.',
  run: ({ facts, answers, uplink: name }) => {
    const link = linkNamed(facts, name);
    if (link === null) {
      return [
        problem(
          'uplink-not-found',
          `There is no link named ${name}.`,
          `Check the spelling. ${others(facts, name, answers.bridge.name)}`,
        ),
      ];
    }
    const reason = unusable(facts, link, answers.bridge.name);
    return reason === null ? [] : [reason];
  },
};
