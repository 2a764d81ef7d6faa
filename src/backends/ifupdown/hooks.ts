import { type Command, commandsOf, meansLink, namesLink, withName, withoutVariable } from './command.js';
import type { Option } from './syntax.js';
import { withValue } from './syntax.js';

/** Commands of a stanza: interfaces(5), "IFACE OPTIONS". */
const HOOKS = ['pre-up', 'up', 'post-up', 'down', 'pre-down', 'post-down'];
/** Those that ifup runs before bridge-utils makes the bridge, or ifdown after it has removed it. */
const WITHOUT_BRIDGE = ['pre-up', 'post-down'];

/** Whether an option is a command that ifup(8) runs. */
export function isHook({ name }: Option): boolean {
  return HOOKS.includes(name);
}

/** Whether a hook starts a DHCP client on the link of its stanza. */
export function leasesAddress({ value }: Option, link: string): boolean {
  return commandsOf(value, link).some(({ subject, text }) => subject === 'dhcp' && meansLink(text, link));
}

/**
 * Why a person has to check a hook: it names the link in a command that is `unknown` here or belongs to a `firewall`,
 * or it needs the bridge at a time `without-bridge`.
 */
export type HookDoubt = 'unknown' | 'firewall' | 'without-bridge';

/** Where a hook of the uplink goes when a bridge takes over its addresses. */
export type HookMove =
  | {
      readonly to: 'bridge';
      readonly option: Option;
      readonly rewritten: boolean;
      readonly doubt: HookDoubt | null;
    }
  | { readonly to: 'port'; readonly option: Option; readonly doubt: HookDoubt | null };

/**
 * What is about addresses, routes and aliases follows them to the bridge, with the name in it changed; what else names
 * the NIC stays with the NIC; what names neither follows the stanza.
 * @param of whose stanza it is: in those of others, and of aliases, the bridge is there all the time
 * @param withFirewall rules of iptables and nftables follow as well: they go by the bridge's name, whether it is there
 *   yet or not
 */
export function moveHook(
  option: Option,
  uplink: string,
  bridge: string,
  of: 'uplink' | 'other' = 'uplink',
  withFirewall = false,
): HookMove {
  const commands = commandsOf(option.value, uplink);
  const others = commands.filter((each) => !isRule(each));
  if (
    withFirewall &&
    others.length < commands.length &&
    !others.some(({ text }) => namesLink(text, uplink))
  ) {
    const renamed = commands.map((each) => (isRule(each) ? withName(each.text, uplink, bridge) : each.text));
    const value = renamed.join('');
    if (value !== option.value)
      return { to: 'bridge', option: withValue(option, value), rewritten: true, doubt: null };
  }
  const means = (text: string) => (of === 'uplink' ? meansLink : namesLink)(text, uplink);
  const about = (subject: Command['subject']) =>
    commands.some((each) => each.subject === subject && means(each.text));
  const doubt = doubtOf(commands, uplink);
  if (about('address')) {
    if (of === 'uplink' && WITHOUT_BRIDGE.includes(option.name))
      return { to: 'port', option, doubt: 'without-bridge' };
    const value = commands.map((each) => onBridge(each, uplink, bridge)).join('');
    const rewritten = value !== option.value;
    return { to: 'bridge', option: rewritten ? withValue(option, value) : option, rewritten, doubt };
  }
  if (about('nic') || namesLink(option.value, uplink)) return { to: 'port', option, doubt };
  return { to: 'bridge', option, rewritten: false, doubt: null };
}

/** A command of iptables or nft; those of ebtables, and matches of physdev, go by the port. */
const isRule = ({ subject, text }: Command): boolean =>
  subject === 'firewall' && /\b(ip6?tables\S*|nft)\s/.test(text) && !/ebtables|physdev/.test(text);

function doubtOf(commands: readonly Command[], uplink: string): HookDoubt | null {
  const naming = commands.filter(({ text }) => namesLink(text, uplink)).map(({ subject }) => subject);
  if (naming.includes('unknown') || naming.includes('dhcp')) return 'unknown';
  return naming.includes('firewall') ? 'firewall' : null;
}

/** A command beside one about addresses, in a stanza whose `$IFACE` is the bridge from now on. */
function onBridge({ text, subject }: Command, uplink: string, bridge: string): string {
  if (subject === 'address') return withName(text, uplink, bridge);
  if (subject === 'nic') return withoutVariable(text, uplink);
  // [ "$IFACE" = eth0 ]
  const compares = subject === 'harmless' && withoutVariable(text, '') !== text;
  return compares ? withName(text, uplink, bridge) : text;
}
