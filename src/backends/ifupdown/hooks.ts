import type { Option } from './syntax.js';
import { withValue } from './syntax.js';

/** Commands of a stanza: interfaces(5), "IFACE OPTIONS". */
const HOOKS = ['pre-up', 'up', 'post-up', 'down', 'pre-down', 'post-down'];
/** Programs that work on the NIC itself, whether they name it or say `$IFACE`. On a bridge they fail, and so does ifup. */
const NIC_PROGRAM = /(^|[\s/;&|])(ethtool|mii-tool|iw|iwconfig)\s/;
/** Between the simple commands of a shell line. */
const SEPARATOR = /(&&|\|\||[;|&\n])/;

/** Whether an option is a command that ifup(8) runs. */
export function isHook({ name }: Option): boolean {
  return HOOKS.includes(name);
}

/** Whether a text names an interface as a word; `eth0.10` and `eth00` are others, `eth0:0` is an alias of it. */
export function namesLink(text: string, link: string): boolean {
  return word(link).test(text);
}

/** Where a hook of the uplink goes when a bridge takes over its addresses. */
export type HookMove =
  | { readonly to: 'bridge'; readonly option: Option; readonly rewritten: boolean }
  | { readonly to: 'port' };

/**
 * What is about addresses and routes follows them to the bridge, with the name in it changed; what else names the
 * NIC stays with the NIC; what names neither follows the stanza.
 */
export function moveHook(option: Option, uplink: string, bridge: string): HookMove {
  const parts = option.value.split(SEPARATOR);
  const moved = parts.map((part) =>
    isLayer3(part) ? part.replace(word(uplink, 'g'), (_, alias: string) => bridge + alias) : part,
  );
  const value = moved.join('');
  if (value !== option.value) return { to: 'bridge', option: withValue(option, value), rewritten: true };
  if (namesLink(option.value, uplink) || NIC_PROGRAM.test(option.value)) return { to: 'port' };
  return { to: 'bridge', option, rewritten: false };
}

/** A simple command about addresses, routes, rules or neighbours: ip(8), route(8), or ifconfig(8) with an address. */
function isLayer3(command: string): boolean {
  const argv = command
    .trim()
    .replace(/^((then|do|else|exec|!)\s+)+/, '')
    .split(/\s+/);
  const program = argv.shift()?.replace(/^.*\//, '');
  if (program === 'route') return true;
  if (program === 'ifconfig') return /^(\d|add$|inet6?$)/.test(argv[1] ?? '');
  if (program !== 'ip') return false;
  // ip(8) accepts any unambiguous beginning: "ip r", "ip -6 addr".
  const object = argv.find((arg) => !/^(-.*|inet6?)$/.test(arg)) ?? '';
  const objects = ['address', 'route', 'rule', 'neighbour', 'neighbor'];
  return object !== '' && objects.some((name) => name.startsWith(object));
}

function word(link: string, flags = ''): RegExp {
  const name = link.replaceAll('.', '\\.');
  return new RegExp(`(?<![\\w.:$-])${name}((?::\\w+)?)(?![\\w.-])`, flags);
}
