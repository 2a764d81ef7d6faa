import { posix } from 'node:path';
import type { HostFacts } from '../../model/facts.js';
import { isGlob, matchesGlob } from '../../model/glob.js';
import { parse } from './parse.js';
import { inherit, type Stanza } from './stanza.js';
import type { Iface, Include, InterfacesFile, Mapping, Node, Option, SyntaxProblem } from './syntax.js';
import { optionsOf } from './syntax.js';

/** The file that ifup reads first. */
export const INTERFACES = '/etc/network/interfaces';

/** All that ifup reads, in the order in which it reads it. */
export interface Interfaces {
  readonly files: ReadonlyMap<string, InterfacesFile>;
  /** Every line of them, in the order in which ifup reads them: those of a file that is sourced follow that line. */
  readonly nodes: readonly Node[];
  readonly ifaces: readonly Stanza[];
  readonly mappings: readonly Mapping[];
  /** Words of `auto`, `allow-*`, … lines, those without a word settled to the stanza they stand in. */
  readonly selected: readonly { readonly keyword: string; readonly name: string }[];
  readonly problems: readonly (SyntaxProblem & { readonly path: string })[];
}

/** Read the configuration as ifup does: interfaces(5), "Including other files". Nothing is an error here. */
export function readInterfaces(files: HostFacts['files']): Interfaces {
  const read = new Map<string, InterfacesFile>();
  const nodes: { path: string; node: Node }[] = [];
  const problems: (SyntaxProblem & { path: string })[] = [];

  const visit = (path: string) => {
    const content = Object.hasOwn(files, path) ? files[path]?.content : undefined;
    // ifup reads no file twice, which also ends circles.
    if (content === undefined || read.has(path)) return;
    const file = parse(content);
    read.set(path, file);
    problems.push(...file.problems.map((problem) => ({ ...problem, path })));
    for (const node of file.nodes) {
      nodes.push({ path, node });
      if (node.kind !== 'source' && node.kind !== 'source-directory') continue;
      const { paths, unclear } = included(node, path, Object.keys(files));
      if (unclear !== null) problems.push({ path, line: node.line.number, message: unclear });
      for (const each of paths) visit(each);
    }
  };
  visit(INTERFACES);

  const ifaces: Stanza[] = [];
  for (const { path, node } of nodes) {
    if (node.kind !== 'iface') continue;
    const stanza = inherit(node, path, ifaces);
    if (stanza !== null) ifaces.push(stanza);
    // Its line is a problem already when the name itself is missing.
    else if (node.inherits) problems.push({ path, line: node.line.number, message: unknown(node) });
  }

  return {
    files: read,
    nodes: nodes.map(({ node }) => node),
    problems,
    ifaces,
    mappings: nodes.flatMap(({ node }) => (node.kind === 'mapping' ? [node] : [])),
    selected: nodes.flatMap(({ node }) => selectedBy(node)),
  };
}

/** Stanzas of one interface, in the order in which ifup runs them. */
export function stanzasOf(interfaces: Interfaces, name: string) {
  return interfaces.ifaces.filter((iface) => iface.name === name);
}

/** Values of `bridge_ports` that a stanza has; `null` when it does not make a bridge. */
export function bridgePorts(iface: Iface): string[] | null {
  const ports = optionsOf(iface).filter(isBridgePorts);
  return ports.length === 0 ? null : ports.flatMap(({ value }) => value.split(/\s+/));
}

/** Whether one of a bridge's stanzas has the uplink among its ports. */
export function holds(stanzas: readonly Iface[], uplink: string): boolean {
  return stanzas.some((stanza) => bridgePorts(stanza)?.includes(uplink));
}

function isBridgePorts({ name }: Option): boolean {
  return name === 'bridge_ports' || name === 'bridge-ports';
}

/** Aliases of an interface that have a stanza: `eth0:0`, `eth0:1`, … */
export function aliasesOf(interfaces: Interfaces, name: string): string[] {
  const aliases = interfaces.ifaces.filter((iface) => iface.name.startsWith(`${name}:`));
  return [...new Set(aliases.map((iface) => iface.name))];
}

/** Whether boot or udev brings an interface up: `auto NAME` or `allow-CLASS NAME`. */
export function isAutomatic(interfaces: Interfaces, name: string): boolean {
  return interfaces.selected.some((word) => word.name === name && isStart(word.keyword));
}

/** Keywords that bring interfaces up, as opposed to `no-auto-down` and `no-scripts`. */
export function isStart(keyword: string): boolean {
  return keyword === 'auto' || keyword.startsWith('allow-');
}

function unknown({ inherits, family }: Iface): string {
  return `no stanza above has the name "${inherits}"${family === null ? '' : ` and the family ${family}`}, to inherit from`;
}

function selectedBy(node: Node) {
  if (node.kind === 'selection') return node.names.map((name) => ({ keyword: node.keyword, name }));
  if (node.kind !== 'iface') return [];
  return node.body.flatMap((inner) =>
    inner.kind === 'selection' ? [{ keyword: inner.keyword, name: node.name }] : [],
  );
}

function included({ kind, patterns }: Include, from: string, known: readonly string[]) {
  const paths: string[] = [];
  for (const pattern of patterns) {
    // ifup gives the words to wordexp(3), which knows quotes, variables and the tilde; who uses them is asked.
    if (/["'`$\\~{}]/.test(pattern)) {
      return { paths, unclear: `"${kind} ${pattern}": only plain names and * ? [ ] are understood` };
    }
    const absolute = posix.resolve(posix.dirname(from), pattern);
    const matches = known.filter((path) =>
      kind === 'source'
        ? path === absolute || (isGlob(absolute) && matchesGlob(absolute, path, true))
        : /^[a-zA-Z0-9_-]+$/.test(posix.basename(path)) && matchesGlob(absolute, posix.dirname(path), true),
    );
    paths.push(...matches.sort());
  }
  return { paths, unclear: null };
}
