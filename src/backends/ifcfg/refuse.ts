import { refusal, type SetupError } from '../../errors.js';
import type { HostFacts } from '../../model/facts.js';
import type { BridgeSpec } from '../../model/spec.js';
import { aliasesOf, type Config, configOf, configsOf, NETWORK_FILE, type NetworkScripts } from './files.js';
import { parse } from './parse.js';
import { FILE_RULES } from './refuse-files.js';
import { UPLINK_RULES } from './refuse-uplink.js';
import { movedFiles, namesOnBridge } from './routes.js';
import { isNetworkSetting } from './settings.js';
import type { ShellFile, ShellProblem } from './shell.js';

/** What a rule looks at. */
export interface Situation {
  readonly scripts: NetworkScripts;
  /** The uplink's file. */
  readonly port: Config;
  readonly spec: BridgeSpec;
  readonly facts: HostFacts;
}

/** A reason not to touch the files; nothing when it does not hold. */
export type Rule = (situation: Situation) => SetupError | undefined;

/**
 * Throws the first reason, if there is one, why the files cannot be converted safely.
 * @returns the uplink's file
 */
export function refuseUnsafe(scripts: NetworkScripts, spec: BridgeSpec, facts: HostFacts): Config {
  const port = onlyConfig(scripts, spec.uplink);
  const situation = { scripts, port, spec, facts };
  for (const rule of [unreadable, ...FILE_RULES, ...UPLINK_RULES]) {
    const error = rule(situation);
    if (error !== undefined) throw error;
  }
  return port;
}

function onlyConfig(scripts: NetworkScripts, uplink: string): Config {
  const [config, ...others] = configsOf(scripts, uplink);
  if (config === undefined) {
    throw refusal(
      'uplink-not-in-ifcfg',
      `No ifcfg file in /etc/sysconfig/network-scripts configures ${uplink}.`,
      [{ path: 'bridge.uplink', message: 'the network scripts do not configure it' }],
      'Choose the uplink that they configure, or write a file for this one.',
    );
  }
  if (others.length > 0) {
    const paths = [config, ...others].map(({ path }) => path);
    throw refusal(
      'uplink-configured-twice',
      `Several files configure ${uplink}, and the network scripts bring up each of them: ${paths.join(', ')}.`,
      others.map(({ path }) => ({ message: `${path}: is it a backup?`, remedy: `mv ${path} /root/` })),
      'Leave one of them in that folder; of backups, only names with ~ .bak .old .orig at the end are passed over.',
    );
  }
  return config;
}

const CODES: Readonly<Record<ShellProblem['kind'], { code: string; hint: string }>> = {
  syntax: {
    code: 'ifcfg-syntax',
    hint: 'bridge-setup reads files of plain NAME=value lines, and runs nothing in them: correct these lines.',
  },
  crlf: {
    code: 'ifcfg-crlf',
    hint: 'The lines end as on Windows, and the scripts take the carriage return for part of each value: sed -i "s/\\r$//" FILE.',
  },
  expansion: {
    code: 'ifcfg-expansion',
    hint: 'What bash would put there is known at run time only, and bridge-setup runs nothing: write the value itself.',
  },
};

/** Files that take part in the change, and have to be plain texts. */
const unreadable: Rule = ({ scripts, port, spec }) => {
  const bridge = configOf(scripts, spec.bridge.name);
  const names = namesOnBridge(scripts, spec.uplink, spec.bridge.name);
  const sourced = movedFiles(scripts, port, names).filter(({ from, content }) => isSourced(from, content));
  const read: { path: string; file: ShellFile }[] = [
    port,
    ...(bridge === null ? [] : [bridge]),
    ...aliasesOf(scripts, spec.uplink),
    { path: NETWORK_FILE, file: scripts.network },
    ...sourced.map(({ from, content }) => ({ path: from, file: parse(content) })),
  ];
  const found = read.flatMap(({ path, file }) => problemsOf(path, file, file === port.file));
  const [first] = found;
  if (first === undefined) return undefined;
  const { code, hint } = CODES[first.kind];
  return refusal(
    code,
    `The configuration of ${spec.uplink} is more than a list of settings.`,
    found.map(({ message }) => ({ message })),
    hint,
  );
};

/** `ADDRESS0=…` files are sourced; the others are lines for ip(8). */
function isSourced(path: string, content: string): boolean {
  return path.endsWith('.route') || (/\/route6?-[^/]*$/.test(path) && /^[ \t]*ADDRESS[0-9]+=/m.test(content));
}

/**
 * @param staysPort what is about the NIC stays in its file, where `ETHTOOL_OPTS="-K ${DEVICE} tso on"` means the same
 *   as before
 */
function problemsOf(path: string, file: ShellFile, staysPort: boolean) {
  return file.lines.flatMap(({ number, problem, assignments }) => {
    const where = `${path}:${number}`;
    if (problem !== null) return [{ kind: problem.kind, message: `${where}: ${problem.message}` }];
    return assignments.flatMap(({ name, variables }) => {
      if (variables.length === 0) return [];
      const moves = [name, ...variables].some(isNetworkSetting) || name === 'DEVICE' || name === 'BRIDGE';
      if (staysPort && !moves) return [];
      return [{ kind: 'expansion' as const, message: `${where}: the variable $${variables[0]} in ${name}` }];
    });
  });
}
