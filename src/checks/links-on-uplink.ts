import type { Finding } from '../model/finding.js';
import { linkNamed } from '../model/links.js';
import type { Check, CheckContext } from './check.js';

/** Kinds that take every frame of the link below, as a bridge does: the kernel allows one of the two. */
const MACVLANS = ['macvlan', 'macvtap', 'ipvlan', 'ipvtap'];

/** By kind, since a veth's peer stands as the link below, too. */
function linksOn({ facts, uplink }: CheckContext, kinds: readonly string[]): string[] {
  return facts.links
    .filter(({ lower, kind }) => lower === uplink && kind !== null && kinds.includes(kind))
    .map(({ name }) => name);
}

function vlans(context: CheckContext): Finding[] {
  const names = linksOn(context, ['vlan']);
  const [first] = names;
  if (first === undefined) return [];
  return [
    {
      check: 'uplink-carries-vlans',
      severity: 'error',
      path: 'bridge.uplink',
      message: `${context.uplink} carries VLANs (${names.join(', ')}), which would be left hanging on a port of the bridge: this version does not move them.`,
      remedy: `Bridge one of them: set bridge.uplink to "${first}". Or remove them first (\`ip link delete ${first}\`, and its stanza).`,
    },
  ];
}

function macvlans(context: CheckContext): Finding[] {
  const names = linksOn(context, MACVLANS);
  const [first] = names;
  if (first === undefined) return [];
  return [
    {
      check: 'uplink-carries-macvlans',
      severity: 'error',
      path: 'bridge.uplink',
      message: `${context.uplink} carries ${names.join(', ')} (macvlan, ipvlan or a tap of these), and the kernel lets no such link become the port of a bridge ("Device or resource busy").`,
      remedy: `Remove them first (\`ip link delete ${first}\`), and connect what used them to the bridge.`,
    },
  ];
}

/** What hangs on the uplink, and would be cut off by the bridge, or keep it from being made. */
export const linksOnUplink: Check = {
  id: 'uplink-carries',
  title: 'Nothing hangs on the uplink',
  group: 'host',
  on: 'not-set-up',
  looksAt: 'VLANs, macvlans and the like on top of the uplink.',
  cause: 'The kernel gives all frames of a port to its bridge, so what hangs on the port is cut off.',
  run: (context) => {
    const { facts, answers, uplink } = context;
    const isOurs = linkNamed(facts, uplink)?.master === answers.bridge.name;
    return isOurs ? [] : [...vlans(context), ...macvlans(context)];
  },
};
