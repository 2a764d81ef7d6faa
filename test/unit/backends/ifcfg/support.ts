import { expect } from 'vitest';
import { convert } from '../../../../src/backends/ifcfg/convert.js';
import { readScripts } from '../../../../src/backends/ifcfg/files.js';
import type { HostFacts, NetworkManager } from '../../../../src/model/facts.js';
import { files, hostFacts } from '../../support/facts.js';
import { refusedAs, spec, text } from '../support.js';

export const FOLDER = '/etc/sysconfig/network-scripts';
export const NETWORK = '/etc/sysconfig/network';
const IFCFG: NetworkManager = { name: 'ifcfg', active: true, links: ['lo', 'eth0'] };

/** Paths from names: those with a slash as they are, the others below network-scripts. */
const paths = (contents: Readonly<Record<string, string>>) =>
  Object.fromEntries(
    Object.entries(contents).map(([name, content]) => [
      name.startsWith('/') ? name : `${FOLDER}/${name}`,
      content,
    ]),
  );

/** A RHEL 7 host with these files, by name, whose network service configures eth0. */
export function rhelFacts(
  contents: Readonly<Record<string, string>>,
  overrides: Partial<HostFacts> = {},
): HostFacts {
  return hostFacts({
    distro: { id: 'centos', versionId: '7', prettyName: 'CentOS Linux 7 (Core)', family: 'rhel' },
    managers: [IFCFG],
    files: files(paths({ [NETWORK]: '', ...contents })),
    ...overrides,
  });
}

/** Names of files without their folder, as keys. */
function byName(changed: Readonly<Record<string, string | null>>): Record<string, string | null> {
  return Object.fromEntries(
    Object.entries(changed).map(([path, content]) => [path.replace(`${FOLDER}/`, ''), content]),
  );
}

/** The files that a conversion changes, by name; the result has to be a fixed point that can be read. */
export function converted(
  contents: Readonly<Record<string, string>>,
  wanted = spec(),
  overrides: Partial<HostFacts> = {},
) {
  const facts = rhelFacts(contents, overrides);
  const conversion = convert(facts.files, wanted, facts);
  const after = { ...facts.files };
  for (const [path, content] of Object.entries(conversion.changed)) {
    if (content === null) delete after[path];
    else after[path] = { content, mode: 0o644 };
  }
  expect(convert(after, wanted, facts).changed, 'converting again changes nothing').toEqual({});
  const { configs } = readScripts(after, facts.links);
  const own = configs.filter(({ device }) => device === 'eth0' || device === wanted.bridge.name);
  expect(own.flatMap(({ file }) => file.lines.flatMap(({ problem }) => problem ?? []))).toEqual([]);
  return {
    changed: byName(conversion.changed),
    notes: conversion.notes,
    like: conversion.like,
    risks: conversion.risks,
  };
}

/** The code of the refusal for these files. */
export function refused(
  contents: Readonly<Record<string, string>>,
  wanted = spec(),
  overrides: Partial<HostFacts> = {},
): string {
  const facts = rhelFacts(contents, overrides);
  return refusedAs(() => convert(facts.files, wanted, facts));
}

/** The bridge's file as it begins always. */
export const BRIDGE = text(`
  DEVICE=br0
  TYPE=Bridge
  ONBOOT=yes
  STP=no
  DELAY=0
  MACADDR=52:54:00:12:34:56
`);
