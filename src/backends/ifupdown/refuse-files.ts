import { refusal, type SetupError } from '../../errors.js';
import type { BridgeSpec } from '../../model/spec.js';
import { type Interfaces, isStart, stanzasOf } from './files.js';
import { matchesGlob } from './glob.js';

/** A reason not to touch the files; nothing when it does not hold. */
export type Rule = (interfaces: Interfaces, spec: BridgeSpec) => SetupError | undefined;

const template: Rule = ({ files }) => {
  for (const [path, { nodes }] of files) {
    const lines = nodes.flatMap((node) => [node, ...('body' in node ? node.body : [])]);
    const mako = lines.find(({ line }) => /^(%|<%)/.test(line.text));
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

const unreadable: Rule = ({ problems }) =>
  problems.length === 0
    ? undefined
    : refusal(
        'interfaces-unreadable',
        'ifup itself cannot read the network configuration to its end.',
        problems.map(({ path, line, message }) => ({ message: `${path}:${line}: ${message}` })),
        'Correct these lines ("ifquery --list" must not complain), and run bridge-setup again.',
      );

const mapped: Rule = ({ mappings, selected }, { uplink, bridge }) => {
  const mapping = mappings.find(({ patterns }) =>
    patterns.some((pattern) => [uplink, bridge.name].some((name) => matchesGlob(pattern, name))),
  );
  const renaming = selected.find(({ name }) => name.startsWith(`${uplink}=`));
  if (mapping === undefined && renaming === undefined) return undefined;
  return refusal(
    'uplink-mapped',
    `${uplink} gets the name of its stanza at run time ("${mapping?.line.text ?? renaming?.name}").`,
    [],
    `Give ${uplink} a stanza of its own, "iface ${uplink} …", and remove the mapping.`,
  );
};

/** `auto /eth*`, `allow-hotplug mac/aa:…`: interfaces(5), "Pattern matching interfaces". */
const pattern: Rule = ({ selected }, { uplink }) => {
  const hit = selected.find(({ keyword, name }) => {
    const [variable, glob = ''] = name.split('/');
    if (!isStart(keyword) || !name.includes('/')) return false;
    // What a variable of sysfs says is not known here, so it may well be this NIC.
    return variable !== '' || matchesGlob(glob.replace(/=.*$/, ''), uplink);
  });
  if (hit === undefined) return undefined;
  return refusal(
    'uplink-pattern',
    `"${hit.keyword} ${hit.name}" may bring up ${uplink}, and a port of a bridge must not be configured itself.`,
    [],
    'Name the interfaces in that line one by one.',
  );
};

const inherited: Rule = (interfaces, { uplink, bridge }) => {
  const own = (name: string) => [uplink, bridge.name].includes(name.replace(/:.*$/, ''));
  const iface = interfaces.ifaces.find(
    ({ name, inherits }) => inherits !== null && (own(name) || own(inherits)),
  );
  if (iface === undefined) return undefined;
  return refusal(
    'stanza-inherits',
    `"${iface.line.text}" (${iface.path}) takes options from another stanza.`,
    [],
    'Copy these options into the stanza, remove "inherits", and run bridge-setup again.',
  );
};

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
export const FILE_RULES: readonly Rule[] = [template, unreadable, mapped, pattern, inherited, noScripts];
