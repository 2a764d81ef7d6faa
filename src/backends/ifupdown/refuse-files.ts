import { refusal, type SetupError } from '../../errors.js';
import { matchesGlob } from '../../model/glob.js';
import type { BridgeSpec } from '../../model/spec.js';
import { aliasesOf, type Interfaces, stanzasOf } from './files.js';
import { isHook } from './hooks.js';
import type { Candidate } from './pattern.js';
import { patternOnUplink } from './refuse-pattern.js';
import type { BodyNode, Iface, Node, Option } from './syntax.js';
import { optionsOf, optionValue, sameOption, words } from './syntax.js';

/** A reason not to touch the files, as they are for this NIC; nothing when it does not hold. */
export type Rule = (interfaces: Interfaces, spec: BridgeSpec, nic: Candidate) => SetupError | undefined;

const template: Rule = ({ files }) => {
  for (const [path, { nodes }] of files) {
    const lines = nodes.flatMap((node) => [node, ...('body' in node ? node.body : [])]);
    const mako = lines.find(({ line }) => /^(%|<%)|\$\{[^}]*\}/.test(line.text) && !isCommand(line.text));
    if (mako === undefined) continue;
    return refusal(
      'mako-template',
      `${path} is a Mako template of ifupdown2, not a plain interfaces(5) file.`,
      [{ message: `line ${mako.line.number}: ${mako.line.text}` }],
      'Write the stanzas out, as "ifquery -a" shows them, and run bridge-setup again.',
    );
  }
  return undefined;
};

/**
 * Words of ifupdown-ng and ifupdown2 that make another network than Debian's ifupdown would: it rejects an iface line
 * without a family, and joins two addresses of one stanza to one that is none.
 */
const dialect: Rule = ({ files, ifaces }, { uplink }) => {
  const twice = ifaces.filter(({ name }) => name === uplink).flatMap(secondAddress);
  const ng = [...files.values()].flatMap(({ nodes }) =>
    nodes.flatMap((node) => [node, ...(node.kind === 'iface' ? node.body : [])].filter(isForeign)),
  );
  const [found] = [...ng, ...twice];
  if (found === undefined) return undefined;
  return refusal(
    'ifupdown-dialect',
    `"${found.line.text}" is written for ifupdown-ng or ifupdown2, which Debian's ifupdown does not understand.`,
    [{ message: `line ${found.line.number}: ${found.line.text}` }],
    'Write it as interfaces(5) of ifupdown has it: a family and a method in each iface line, a stanza for each address.',
  );
};

function isForeign(node: Node | BodyNode): boolean {
  if (node.kind === 'iface') return /^iface\s+\S+$/.test(node.line.text);
  if (node.kind === 'option')
    return ['use', 'requires', 'template', 'inherit', 'inherits'].includes(node.name);
  return node.kind === 'other' && /^template\s/.test(node.line.text);
}

function secondAddress(stanza: Iface): Option[] {
  return optionsOf(stanza)
    .filter(({ name }) => name === 'address')
    .slice(1);
}

/** `rename eth0=lan0`: from the next ifup on, the uplink has another name. */
const renamedLink: Rule = ({ files }, { uplink }) => {
  const nodes = [...files.values()].flatMap((file) => file.nodes);
  const hit = nodes
    .filter(({ kind, line }) => kind === 'other' && /^rename\s/.test(line.text))
    .flatMap(({ line }) => words(line.text).slice(1))
    .find((word) => {
      const [from = '', to = ''] = word.split('=');
      const isMeant = from === uplink || (from.startsWith('/') && matchesGlob(from.slice(1), uplink));
      return isMeant && to !== uplink;
    });
  if (hit === undefined) return undefined;
  return refusal(
    'uplink-renamed',
    `"rename ${hit}" gives ${uplink} another name the next time ifup runs, and the bridge would lose its port.`,
    [{ path: 'bridge.uplink', message: 'will be called otherwise' }],
    'Reboot, so that it has its new name, or remove that line.',
  );
};

/** A command may use `${IFACE}`, which is the shell's. */
const isCommand = (text: string) => /^(pre-|post-)?(up|down)\s/.test(text);

const unreadable: Rule = ({ problems }) =>
  problems.length === 0
    ? undefined
    : refusal(
        'interfaces-unreadable',
        'ifup itself cannot read the network configuration to its end.',
        problems.map(({ path, line, message }) => ({ message: `${path}:${line}: ${message}` })),
        'Correct these lines ("ifquery --list" must not complain), and run bridge-setup again.',
      );

const mapped: Rule = (interfaces, { uplink, bridge }) => {
  const logical = stanzasOf(interfaces, uplink).flatMap((stanza) => stanza.logical ?? []);
  const names = [uplink, ...logical, ...aliasesOf(interfaces, uplink), bridge.name];
  for (const mapping of interfaces.mappings) {
    const name = names.find((each) => mapping.patterns.some((pattern) => matchesGlob(pattern, each)));
    if (name === undefined) continue;
    const script = optionValue(mapping, 'script') ?? 'a script';
    return refusal(
      'uplink-mapped',
      `"${mapping.line.text}": ${script} chooses the stanza of ${name} each time that ifup runs.`,
      [{ message: `Which addresses ${bridge.name} would have, only that script knows.` }],
      `Give ${uplink} a stanza of its own, "iface ${uplink} …", and let the mapping name the other interfaces only.`,
    );
  }
  return undefined;
};

/** An option that the uplink's stanza has itself and inherits: ifup joins the two to one value, and fails. */
const inheritedTwice: Rule = (interfaces, { uplink }) => {
  const stanzas = [uplink, ...aliasesOf(interfaces, uplink)].flatMap((name) => stanzasOf(interfaces, name));
  for (const stanza of stanzas.filter(({ inherits }) => inherits !== null)) {
    const options = optionsOf(stanza).filter((option) => !isHook(option) && !isList(option));
    const twice = options.find(({ name }, index) =>
      options.some((other, at) => at > index && sameOption(other.name, name)),
    );
    if (twice === undefined) continue;
    return refusal(
      'inherited-twice',
      `"${stanza.line.text}" (${stanza.path}) has the option "${twice.name}" of its own and inherits another.`,
      [{ message: 'ifup does not override it: it joins both values to one, which is none.' }],
      `Leave "${twice.name}" in one of the two stanzas, and run bridge-setup again.`,
    );
  }
  return undefined;
};

/** Several values are as good as one. */
function isList({ name }: Option): boolean {
  return /^(dns-|bridge-ports$)/.test(name.replaceAll('_', '-'));
}

const noScripts: Rule = (interfaces, { uplink, bridge }) => {
  const inStanza = stanzasOf(interfaces, uplink)
    .flatMap(({ body }) => body)
    .find((node) => node.kind === 'selection' && node.keyword === 'no-scripts');
  const hit =
    inStanza ??
    interfaces.selected.find(
      ({ keyword, name }) => keyword === 'no-scripts' && matchesGlob(name, bridge.name),
    );
  if (hit === undefined) return undefined;
  return refusal(
    'scripts-disabled',
    `"no-scripts" covers ${bridge.name}, but it is a script of bridge-utils that makes the bridge.`,
    [],
    'Remove that line, or name the interfaces it is meant for.',
  );
};

/** What cannot be read, or settles what the uplink is only at run time. */
export const FILE_RULES: readonly Rule[] = [
  template,
  inheritedTwice,
  dialect,
  unreadable,
  renamedLink,
  mapped,
  patternOnUplink,
  noScripts,
];
