import type { HostFacts } from '../../model/facts.js';
import type { BridgeSpec } from '../../model/spec.js';
import { render } from '../../templates.js';
import { DEFAULT_FORWARD_DELAY, forwardDelay, maxWait } from '../forward-delay.js';
import { newOption, type Style, withOption } from './options.js';
import { parse } from './parse.js';
import type { Iface, Option } from './syntax.js';
import { optionsOf, optionValue } from './syntax.js';

/** Seconds that a bridge waits at boot for a NIC that udev has not found yet; none are lost once it is there. */
const HOTPLUG_WAIT = 20;

/**
 * The options of the bridge: bridge-utils-interfaces(5), bridge-utils 1.7.
 * @param hotplug the uplink was `allow-hotplug`, so the bridge may be started before it is there
 */
export function bridgeOptions(spec: BridgeSpec, hotplug: boolean, style: Style): Option[] {
  const text = render('ifupdown/bridge.ejs', {
    uplink: spec.uplink,
    stp: spec.bridge.stp,
    forwardDelay: forwardDelay(spec),
    maxWait: maxWait(spec),
    mac: spec.bridge.mac,
    waitForPort: hotplug ? HOTPLUG_WAIT : 0,
  });
  const { nodes } = parse(`iface template inet manual\n${text}`);
  const [stanza] = nodes.flatMap((node) => (node.kind === 'iface' ? [node] : []));
  if (stanza === undefined) return [];
  return optionsOf(stanza).map(({ name, value }) => newOption(name, value, style));
}

/**
 * A stanza that makes the bridge already, changed where it differs from what is wanted.
 * @param first the stanza that creates the bridge; a later one only repeats options
 */
export function adjusted(stanza: Iface, spec: BridgeSpec, facts: HostFacts, first: boolean): Iface {
  // The spelling of the stanza at hand: bridge_ports or bridge-ports.
  const dash = optionsOf(stanza).some(({ name }) => name === 'bridge-ports') ? '-' : '_';
  const all = ['ports', 'stp', 'fd', 'maxwait', 'hw'].map((name) => `bridge${dash}${name}`);
  const wanted = (name: string, value: string, differs: (present: string | null) => boolean) => {
    const present = optionValue(stanza, `bridge_${name}`);
    if (present === null && !first) return;
    if (differs(present)) after = withOption(after, `bridge${dash}${name}`, value, all);
  };

  const { stp, mac } = spec.bridge;
  const delay = forwardDelay(spec);
  let after = stanza;
  wanted('stp', stp ? 'on' : 'off', (present) => /^(on|yes)$/.test(present ?? 'off') !== stp);
  wanted('fd', String(delay), (present) => Number(present ?? DEFAULT_FORWARD_DELAY) !== delay);
  // Its wait is its own affair, unless it would not wait for STP at all.
  wanted('maxwait', String(maxWait(spec)), (present) => stp && present !== null && Number(present) === 0);
  wanted('hw', mac, (present) => {
    const pinned = facts.links.find(({ name }) => name === present)?.mac ?? present;
    return mac !== '' && pinned?.toLowerCase() !== mac.toLowerCase();
  });
  return after;
}
