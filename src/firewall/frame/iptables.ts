import { wordsOf } from '../iptables.js';
import {
  type Action,
  type FilterProgram,
  isIcmpType,
  isInterface,
  isProtocol,
  isState,
  negated,
  type Rule,
  type Table,
  type Test,
  unknown,
} from './model.js';
import { readSavedTables } from './saved.js';

/** Targets after which the next rule is asked (iptables-extensions(8)). */
const GOES_ON =
  /^(LOG|NFLOG|ULOG|MARK|CONNMARK|TCPMSS|CT|NOTRACK|SET|TRACE|CLASSIFY|DSCP|TOS|TTL|HL|CHECKSUM|AUDIT|SECMARK|CONNSECMARK|RATEEST|TEE|IDLETIMER|TCPOPTSTRIP|LED)$/;
/** Targets of the table nat. */
const TRANSLATES = /^(DNAT|SNAT|MASQUERADE|REDIRECT|NETMAP)$/;

/** One option of a rule, with what stands behind it. */
interface Option {
  readonly name: string;
  readonly values: readonly string[];
  readonly not: boolean;
}

/** Options of a rule up to its target. A word that does not begin with a dash, or is in quotes, belongs to the one before. */
export function optionsOf(words: readonly string[]): { options: Option[]; target: readonly string[] } {
  const options: { name: string; values: string[]; not: boolean }[] = [];
  let not = false;
  for (const [index, word] of words.entries()) {
    if (['-j', '-g', '--jump', '--goto'].includes(word)) return { options, target: words.slice(index) };
    const last = options.at(-1);
    if (word === '!') {
      // Old programs print it behind the option.
      if (last !== undefined && last.values.length === 0 && isOption(words[index + 1]) === false)
        last.not = true;
      else not = true;
    } else if (isOption(word) || last === undefined) {
      options.push({ name: word, values: [], not });
      not = false;
    } else last.values.push(word);
  }
  return { options, target: [] };
}

const isOption = (word: string | undefined) => word !== undefined && /^-[a-z-]/i.test(word);

/** Tables by what `iptables-save` prints. One that its program cannot show is not among them. */
export function readIptables(text: string, program: FilterProgram, family: 4 | 6): Table[] {
  const unreadable = [...text.matchAll(/^# Table `(\w+)' is incompatible/gm)].map(([, name]) => name ?? '');
  return readSavedTables(
    text,
    { program, family: family === 4 ? 'ip' : 'ip6' },
    { leftOut: new Set(unreadable), rule: readRule, end: () => 'return' },
  );
}

function readRule(text: string, isChain: (name: string) => boolean): Rule {
  const { options, target } = optionsOf(wordsOf(text));
  return { text, tests: options.map(testOf), action: actionOf(target, isChain) };
}

function actionOf([how, name]: readonly string[], isChain: (name: string) => boolean): Action {
  if (how === undefined || name === undefined) return { kind: 'none' };
  if (isChain(name)) return { kind: how === '-g' || how === '--goto' ? 'goto' : 'jump', chain: name };
  if (name === 'ACCEPT' || TRANSLATES.test(name)) return { kind: 'accept' };
  if (name === 'DROP' || name === 'REJECT') return { kind: 'drop' };
  if (name === 'RETURN') return { kind: 'return' };
  return { kind: GOES_ON.test(name) ? 'none' : 'unknown' };
}

/** Conditions that say nothing by themselves, or that always hold. */
const HOLDS = ['-m', '--match', '--comment', '--physdev-is-bridged', '--physdev-is-in'];

function testOf({ name, values, not }: Option): Test {
  const [value = ''] = values;
  const known = knownTest(name, value, values);
  return known === null ? unknown : negated(known, not);
}

function knownTest(name: string, value: string, values: readonly string[]): Test | null {
  if (HOLDS.includes(name)) return () => true;
  switch (name) {
    case '-i':
    case '--in-interface':
      return ({ iif, containerPorts }) => isInterface(iif, value, containerPorts);
    case '-o':
    case '--out-interface':
      return ({ oif, containerPorts }) => isInterface(oif, value, containerPorts);
    case '--physdev-in':
      return ({ physIn, containerPorts }) => isInterface(physIn, value, containerPorts);
    case '--physdev-out':
      return ({ physOut, containerPorts }) => isInterface(physOut, value, containerPorts);
    case '--physdev-is-out':
      return ({ oif }) => oif !== 'none';
    case '-p':
    case '--protocol':
      return (seen) => isProtocol(seen, value);
    case '-s':
    case '-d':
    case '--source':
    case '--destination':
      return addressTest(value);
    case '--ctstate':
    case '--state':
      return (seen) => isState(seen, value.split(','));
    case '--icmp-type':
    case '--icmpv6-type':
      return (seen) => isIcmpType(seen, value);
    case '--tcp-flags':
      // `--syn`, as iptables-save prints it.
      return values.join(' ') === 'FIN,SYN,RST,ACK SYN' ? ({ state }) => state === 'new' : null;
    case '--rt-type':
      // A routing header is in no packet of these.
      return () => false;
    case '--dst-type':
    case '--src-type':
      // What passes the bridge is neither for this host nor from it.
      return value === 'LOCAL' ? () => false : null;
    default:
      return null;
  }
}

function addressTest(value: string): Test | null {
  if (/^(0\.0\.0\.0|::)\/0$/.test(value)) return () => true;
  // Those of the loopback link are on no LAN.
  return /^(127\.|::1(\/128)?$)/.test(value) ? () => false : null;
}
