import { readSaved, wordsOf } from '../iptables.js';
import { optionsOf } from './iptables.js';
import {
  type Action,
  type Chain,
  type FilterProgram,
  isInterface,
  isProtocol,
  negated,
  type Seen,
  type Table,
  type Test,
  unknown,
} from './model.js';

const HOOKS: Readonly<Record<string, string>> = {
  ...{ PREROUTING: 'prerouting', FORWARD: 'forward', POSTROUTING: 'postrouting' },
  ...{ INPUT: 'input', OUTPUT: 'output' },
};
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

/** Tables by what `ebtables-save` prints. The table broute decides what is bridged at all. */
export function readEbtables(text: string, program: FilterProgram): Table[] {
  const lines = readSaved(text);
  const names = new Set(lines.map(({ table }) => table).filter((name) => name !== '' && name !== 'broute'));
  return [...names].map((name) => {
    const own = lines.filter(({ table }) => table === name);
    const declared = own.flatMap(({ line }) => {
      const [, chain, policy] = /^:(\S+) (\S+)/.exec(line) ?? [];
      return chain === undefined || policy === undefined ? [] : [[chain, policy] as const];
    });
    const isChain = (target: string) => declared.some(([chain]) => chain === target);
    const chains = declared.map(([chain, policy]): [string, Chain] => {
      const hook = Object.hasOwn(HOOKS, chain) ? HOOKS[chain] : undefined;
      const base =
        hook === undefined
          ? null
          : { hook, policy: policy === 'DROP' ? ('drop' as const) : ('accept' as const), devices: [] };
      const rules = own.flatMap(({ rule }) => {
        if (rule?.chain !== chain) return [];
        const { options, target } = optionsOf(wordsOf(rule.text));
        const tests = options.map(({ name: option, values, not }) => testOf(option, values[0] ?? '', not));
        return [{ text: rule.text, tests, action: actionOf(target[1], isChain) }];
      });
      // A chain of the administrator's has a policy, too. nft's variant prints ACCEPT where it returns.
      const isLegacy = program === 'ebtables-legacy';
      const end = policy === 'DROP' ? 'drop' : policy === 'ACCEPT' && isLegacy ? 'accept' : 'return';
      return [chain, { name: chain, base, rules, end }];
    });
    return { program, family: 'bridge', name, chains: new Map(chains) };
  });
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
