import { wordsOf } from '../iptables.js';
import { optionsOf } from './iptables.js';
import {
  type Action,
  type FilterProgram,
  isInterface,
  isProtocol,
  negated,
  type Rule,
  type Seen,
  type Table,
  type Test,
  unknown,
} from './model.js';
import { readSavedTables } from './saved.js';

const ETHERTYPES: Readonly<Record<string, 'ip' | 'ip6' | 'arp'>> = {
  ...{ ipv4: 'ip', '0800': 'ip', '0x800': 'ip', '0x0800': 'ip', ip: 'ip' },
  ...{ ipv6: 'ip6', '86dd': 'ip6', '0x86dd': 'ip6', ip6: 'ip6', arp: 'arp', '0806': 'arp', '0x0806': 'arp' },
  ...{ '0x806': 'arp' },
};

/** Whether a frame is of this type of Ethernet. */
export function isEthertype({ protocol, family }: Seen, name: string): boolean {
  const own = protocol === 'arp' ? 'arp' : family === 4 ? 'ip' : 'ip6';
  return ETHERTYPES[name.toLowerCase()] === own;
}

const NOT_BRIDGED: ReadonlySet<string> = new Set(['broute']);

/** Tables by what `ebtables-save` prints. The table broute decides what is bridged at all. */
export function readEbtables(text: string, program: FilterProgram): Table[] {
  const isLegacy = program === 'ebtables-legacy';
  return readSavedTables(
    text,
    { program, family: 'bridge' },
    {
      leftOut: NOT_BRIDGED,
      rule: readRule,
      // A chain of the administrator's has a policy, too. nft's variant prints ACCEPT where it returns.
      end: (policy) => (policy === 'DROP' ? 'drop' : policy === 'ACCEPT' && isLegacy ? 'accept' : 'return'),
    },
  );
}

function readRule(text: string, isChain: (name: string) => boolean): Rule {
  const { options, target } = optionsOf(wordsOf(text));
  const tests = options.map(({ name, values, not }) => testOf(name, values[0] ?? '', not));
  return { text, tests, action: actionOf(target[1], isChain) };
}

function actionOf(target: string | undefined, isChain: (name: string) => boolean): Action {
  if (target === undefined || target === 'CONTINUE') return { kind: 'none' };
  if (isChain(target)) return { kind: 'jump', chain: target };
  if (target === 'ACCEPT' || target === 'DROP') return { kind: target === 'ACCEPT' ? 'accept' : 'drop' };
  if (target === 'RETURN') return { kind: 'return' };
  return { kind: 'unknown' };
}

function testOf(name: string, value: string, not: boolean): Test {
  // What is written down on the way.
  if (/^--(log|nflog|ulog)(-|$)/.test(name)) return () => true;
  const known = knownTest(name, value);
  return known === null ? unknown : negated(known, not);
}

function knownTest(name: string, value: string): Test | null {
  switch (name) {
    case '-p':
      return (seen) => isEthertype(seen, value);
    case '-i':
      return ({ iif, containerPorts }) => isInterface(iif, value, containerPorts);
    case '-o':
      return ({ oif, containerPorts }) => isInterface(oif, value, containerPorts);
    case '--logical-in':
    case '--logical-out':
      return ({ bridge }) => isInterface({ name: bridge }, value, []);
    case '--ip-proto':
    case '--ip-protocol':
    case '--ip6-proto':
    case '--ip6-protocol':
      return (seen) =>
        seen.protocol !== 'arp' &&
        name.startsWith('--ip6') === (seen.family === 6) &&
        isProtocol(seen, value);
    default:
      return null;
  }
}
