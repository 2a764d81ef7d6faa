import type { Finding } from '../../model/finding.js';
import type { BridgeSpec } from '../../model/spec.js';
import type { HookDoubt } from './hooks.js';
import type { Option } from './syntax.js';

/** A hook that a person has to check. */
export interface DoubtfulHook {
  readonly option: Option;
  /** The file that it is in. */
  readonly path: string;
  /** Interface of its stanza. */
  readonly of: string;
  readonly doubt: HookDoubt;
}

const WHY: Readonly<Record<HookDoubt, (spec: BridgeSpec) => string>> = {
  unknown: ({ uplink }) =>
    `names ${uplink} in a command that bridge-setup does not know, which is not changed`,
  firewall: ({ uplink }) => `names ${uplink} in a firewall rule, which is not changed`,
  'without-bridge': ({ uplink, bridge }) =>
    `runs while there is no ${bridge.name}, so it stays with ${uplink} as it is`,
};

const REMEDY: Readonly<Record<HookDoubt, (spec: BridgeSpec) => string>> = {
  unknown: ({ uplink, bridge }) =>
    `Check whether it should name ${bridge.name}: it has the addresses of ${uplink} from now on.`,
  firewall: ({ uplink, bridge }) =>
    `Packets of the host come in and go out through ${bridge.name} from now on, and do not match ${uplink}: check whether the rule should name ${bridge.name}.`,
  'without-bridge': ({ bridge }) =>
    `Check whether ${bridge.name} needs it: an "up" command of its stanza runs once it has its address.`,
};

/** A hook for the risks of a plan, with its file and line. */
export function hookRisk({ option, path, of, doubt }: DoubtfulHook, spec: BridgeSpec): Finding {
  const whose = of === spec.uplink ? '' : ` of ${of}`;
  return {
    check: 'hook-names-uplink',
    severity: 'warning',
    message: `"${option.line.text}"${whose} (${path}:${option.line.number}) ${WHY[doubt](spec)}.`,
    remedy: REMEDY[doubt](spec),
  };
}
