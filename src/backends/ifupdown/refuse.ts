import { refusal } from '../../errors.js';
import type { BridgeSpec } from '../../model/spec.js';
import type { Interfaces } from './files.js';
import type { Candidate } from './pattern.js';
import { BRIDGE_RULES } from './refuse-bridge.js';
import { FILE_RULES } from './refuse-files.js';
import type { Iface } from './syntax.js';
import { optionValue } from './syntax.js';

/** Throws the first reason, if there is one, why the files cannot be converted safely. */
export function refuseUnsafe(interfaces: Interfaces, spec: BridgeSpec, nic: Candidate): void {
  for (const rule of [...FILE_RULES, ...BRIDGE_RULES]) {
    const error = rule(interfaces, spec, nic);
    if (error !== undefined) throw error;
  }
}

/** The result is refused too when a static address came to stand beside another one with a gateway. */
export function refuseTwoGateways(after: Interfaces, { bridge, address }: BridgeSpec): void {
  if (address.method !== 'static') return;
  const own = ({ name, family }: Iface) => family === 'inet' && name.replace(/:.*$/, '') === bridge.name;
  const [first, second] = after.ifaces.filter(
    (iface) => own(iface) && optionValue(iface, 'gateway') !== null,
  );
  if (first === undefined || second === undefined) return;
  if (optionValue(first, 'metric') !== optionValue(second, 'metric')) return;
  throw refusal(
    'two-gateways',
    `${bridge.name} would have two gateways: ${optionValue(first, 'gateway')} and ${optionValue(second, 'gateway')}.`,
    [{ path: 'address.gateway', message: `another stanza of the uplink has a gateway (${second.path})` }],
    'Leave one gateway in the files, and run bridge-setup again.',
  );
}
