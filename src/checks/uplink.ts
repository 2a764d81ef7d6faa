import { linkNamed, uplinkCandidates } from '../facts/uplink.js';
import type { HostFacts, Link } from '../model/facts.js';
import type { Finding } from '../model/finding.js';
import type { Check } from './check.js';

const PATH = 'bridge.uplink';

function problem(check: string, message: string, remedy: string): Finding {
  return { check, severity: 'error', message, path: PATH, remedy };
}

/** "Use eth0 or eth1 instead." */
function others(facts: HostFacts, uplink: string): string {
  const names = uplinkCandidates(facts)
    .map(({ name }) => name)
    .filter((name) => name !== uplink);
  return names.length > 0
    ? `This host has ${names.join(', ')}.`
    : 'This host has no other link that could serve.';
}

function unusable(facts: HostFacts, link: Link, bridge: string): Finding | null {
  const { name } = link;
  if (link.loopback) {
    return problem(
      'uplink-is-loopback',
      `${name} is the loopback link; it leads nowhere.`,
      `Name the NIC that is on the LAN. ${others(facts, name)}`,
    );
  }
  if (link.wireless) {
    return problem(
      'uplink-is-wireless',
      `${name} is a Wi-Fi station, and an access point drops frames of any MAC address but the station's own.`,
      `Use a wired NIC. ${others(facts, name)}`,
    );
  }
  if (link.master !== null && link.master !== bridge) {
    return problem(
      'uplink-is-a-port',
      `${name} is already a port of ${link.master}.`,
      linkNamed(facts, link.master)?.kind === 'bridge'
        ? `Use that bridge: set bridge.name to "${link.master}".`
        : `Use ${link.master} as the uplink instead.`,
    );
  }
  if (link.kind === 'bridge') {
    return problem(
      'uplink-is-a-bridge',
      `${name} is a bridge itself.`,
      `Set bridge.name to "${name}", and bridge.uplink to its port.`,
    );
  }
  if (link.mac === null || /^(00:){5}00$/.test(link.mac)) {
    return problem(
      'uplink-not-ethernet',
      `${name} has no MAC address, so it cannot be a port of a bridge.`,
      others(facts, name),
    );
  }
  return null;
}

/** Whether the uplink can be the port of a bridge. */
export const uplink: Check = {
  id: 'uplink',
  title: 'The uplink can be bridged',
  run: ({ facts, answers, uplink: name }) => {
    const link = linkNamed(facts, name);
    if (link === null) {
      return [
        problem(
          'uplink-not-found',
          `There is no link named ${name}.`,
          `Check the spelling. ${others(facts, name)}`,
        ),
      ];
    }
    const reason = unusable(facts, link, answers.bridge.name);
    return reason === null ? [] : [reason];
  },
};
