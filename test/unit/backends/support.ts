import { expect } from 'vitest';
import { convert } from '../../../src/backends/ifupdown/convert.js';
import { SetupError } from '../../../src/errors.js';
import type { HostFacts } from '../../../src/model/facts.js';
import type { AddressSpec, BridgeSpec } from '../../../src/model/spec.js';
import { files, hostFacts, UPLINK_MAC } from '../support/facts.js';

export const INTERFACES = '/etc/network/interfaces';

/** br0 on eth0 with the NIC's MAC address, STP off. */
export function spec(address: AddressSpec = { method: 'keep' }, bridge: Partial<BridgeSpec['bridge']> = {}) {
  return {
    bridge: { name: 'br0', mac: UPLINK_MAC, stp: false, forwardDelay: 0, ...bridge },
    uplink: 'eth0',
    address,
  } satisfies BridgeSpec;
}

/** A template literal as the text it shows: without its first line break and the indentation that all lines share. */
export function text(literal: string): string {
  const lines = literal
    .replace(/^\n/, '')
    .replace(/[ \t]*$/, '')
    .split('\n');
  const indents = lines.filter((line) => line.trim() !== '').map((line) => line.search(/\S/));
  return lines.map((line) => line.slice(Math.min(...indents))).join('\n');
}

/** A host whose /etc/network/interfaces is this text. */
export function factsWith(interfaces: string, overrides: Partial<HostFacts> = {}): HostFacts {
  return hostFacts({ files: files({ [INTERFACES]: interfaces }), ...overrides });
}

/** /etc/network/interfaces after the conversion; it has to be a fixed point. */
export function converted(
  interfaces: string,
  wanted: BridgeSpec = spec(),
  overrides: Partial<HostFacts> = {},
) {
  const facts = factsWith(interfaces, overrides);
  const { changed, notes } = convert(facts.files, wanted, facts);
  const after = changed[INTERFACES] ?? interfaces;
  const again = convert(files({ [INTERFACES]: after }), wanted, facts);
  expect(again.changed, 'converting again changes nothing').toEqual({});
  return { after, notes };
}

/** The code of the refusal. */
export function refusedAs(action: () => unknown): string {
  try {
    action();
  } catch (error) {
    if (!(error instanceof SetupError)) throw error;
    expect(error.exitCode).toBe(3);
    expect(error.hint).toBeTruthy();
    return error.code;
  }
  return 'not refused';
}
