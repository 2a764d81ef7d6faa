import type { BridgeSpec } from '../model/spec.js';

/** Kernel's and bridge-utils' default, in seconds. */
export const DEFAULT_FORWARD_DELAY = 15;

/** With STP on, the kernel takes no forward delay below 2 s (BR_MIN_FORWARD_DELAY) and keeps its default instead. */
export function forwardDelay({ bridge }: BridgeSpec): number {
  return bridge.stp ? Math.max(2, bridge.forwardDelay) : bridge.forwardDelay;
}

/** Seconds until a port forwards: it listens, then learns, a forward delay each. Without STP it forwards at once. */
export function maxWait(spec: BridgeSpec): number {
  return spec.bridge.stp ? 2 * (forwardDelay(spec) + 1) : 0;
}
