import { NOT_SEEN } from '../model/examination.js';
import type { Finding } from '../model/finding.js';
import type { DoctorContext } from './doctor-check.js';

const make =
  (severity: Finding['severity']) =>
  (check: string, message: string, remedy?: string, cause?: string): Finding => ({
    check,
    severity,
    message,
    ...(cause === undefined ? {} : { cause }),
    ...(remedy === undefined ? {} : { remedy }),
  });

/** Containers or the host are cut off, or will be. */
export const error = make('error');
/** Something that works, and may soon not. */
export const warning = make('warning');
/** Something to know. */
export const note = make('info');
/** Something that only root could have looked at. */
export const notSeen = (what: string): Finding => make('unknown')(NOT_SEEN, `Only root can tell: ${what}.`);
/** All is well, with a word about it. */
export const fine = make('ok');

/** Differences between files and network that a check has in its own hands, by name. */
const CLAIMED: Readonly<Record<string, readonly string[]>> = {
  'bridge-missing': ['bridge-not-there'],
  'bridge-down': ['bridge-down'],
  'bridge-port': ['port-not-in-bridge'],
  'bridge-address': ['address-not-there'],
  'bridge-mac': ['mac-differs'],
  'bridge-timers': ['stp-differs', 'forward-delay-differs'],
  mtu: ['mtu-differs'],
  'port-address': ['port-has-address'],
  'way-out': ['gateway-not-there', 'route-through-port'],
  'dhcp-no-client': ['no-client-on-bridge'],
  'survives-reboot': [
    ...['bridge-not-at-boot', 'bridge-not-in-files', 'port-not-in-files', 'port-has-stanza'],
    ...['address-not-in-files', 'address-is-leased', 'gateway-not-in-files', 'interfaces-unreadable'],
  ],
};
const ALL = Object.values(CLAIMED).flat();

/** What the files against the network have to say about the subject of a check: they know more than the network alone. */
export function toldByFiles({ doctor }: DoctorContext, id: string): Finding[] {
  const names = CLAIMED[id] ?? [];
  return doctor.differences.filter(({ check }) => names.includes(check));
}

/** All other differences. */
export function otherDifferences({ doctor }: DoctorContext): Finding[] {
  return doctor.differences.filter(({ check }) => !ALL.includes(check));
}
