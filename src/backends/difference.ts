import ipaddr from 'ipaddr.js';
import type { Link } from '../model/facts.js';
import type { Finding } from '../model/finding.js';

/** What the next boot, or ifup, would make another network of. */
export function error(check: string, message: string, remedy: string): Finding {
  return { check, severity: 'error', message, remedy };
}

/** What the next boot, or ifup, would change without cutting the host off. */
export function warning(check: string, message: string, remedy: string): Finding {
  return { check, severity: 'warning', message, remedy };
}

/** The files against the network: which of them is right, only a person knows. */
export function eitherWay(command: string, edit = 'correct the file'): string {
  return `If the file is right, run \`${command}\`; if the network is right, ${edit}.`;
}

/** An address as the kernel writes it; `null` when it is none. */
export function normal(address: string): string | null {
  return ipaddr.isValid(address) ? ipaddr.parse(address).toString() : null;
}

/** The files make a bridge that is not there. */
export function bridgeNotThere(bridge: string, link: Link | null, path: string): Finding {
  const now = link === null ? `there is no ${bridge}` : `${bridge} is not a bridge`;
  return error(
    'bridge-not-there',
    `${path} makes the bridge ${bridge}, but ${now}.`,
    eitherWay(`ifup ${bridge}`),
  );
}

/** The bridge is there, and down. */
export function bridgeDown(bridge: string): Finding {
  return error('bridge-down', `${bridge} is down.`, eitherWay(`ip link set dev ${bridge} up`));
}
