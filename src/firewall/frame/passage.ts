import { readEbtables } from './ebtables.js';
import { readIptables } from './iptables.js';
import {
  type Base,
  type Chain,
  type FilterProgram,
  type Interface,
  isInterface,
  type Place,
  type Protocol,
  type Seen,
  type Table,
} from './model.js';
import { readNft } from './nft.js';
import { type Outcome, walk } from './walk.js';

/** What was read of the packet filters of a host, for one of its bridges. Plain data. */
export interface FilterTexts {
  readonly bridge: string;
  /** Port that leads to the LAN; `null`: none is known. */
  readonly uplink: string | null;
  /** Its other ports. */
  readonly ports: readonly string[];
  /** Ports that frames do not pass between (ip-link(8), `isolated on`). */
  readonly isolated: readonly string[];
  /** IPv4 or IPv6 in frames of this bridge passes the hooks of its family, too (br_netfilter). */
  readonly callsIp: { readonly 4: boolean; readonly 6: boolean };
  /** What `nft list ruleset` prints. */
  readonly nft: string;
  readonly iptables: readonly {
    readonly program: FilterProgram;
    readonly family: 4 | 6;
    readonly text: string;
  }[];
  readonly ebtables: readonly { readonly program: FilterProgram; readonly text: string }[];
}

/** Whether frames of one kind pass between the uplink and the ports of containers. */
export interface Passage {
  readonly family: 4 | 6;
  readonly protocol: Protocol;
  readonly passes: 'yes' | 'no' | 'unknown';
  /** What drops it, or may; `null` where nothing does. */
  readonly by: Place | null;
  /** The condition of which nothing is known, where it decides. */
  readonly unsure: Place | null;
  /** Which way it does not pass. */
  readonly way: 'from-lan' | 'to-lan' | null;
}

/** A port that a container could have: its name is one of those that the attach runtime gives. */
const SOME_PORT = 'bs000000000000';

/** Tables of all programs, each read once: a table of iptables-nft is also one of nft. */
export function readTables({ nft, iptables, ebtables }: FilterTexts): Table[] {
  const read = iptables.map(({ text, program, family }) => ({
    program,
    tables: readIptables(text, program, family),
  }));
  const owned = read
    .filter(({ program }) => !program.endsWith('-legacy'))
    .flatMap(({ tables }) => tables.map(({ family, name }) => `${family} ${name}`));
  const frames = ebtables.map(({ text, program }) => ({ program, tables: readEbtables(text, program) }));
  const ownedFrames = frames
    .filter(({ program }) => program !== 'ebtables-legacy')
    .flatMap(({ tables }) => tables.map(({ name }) => `bridge ${name}`));
  return [
    ...read.flatMap(({ tables }) => tables),
    ...frames.flatMap(({ tables }) => tables),
    ...readNft(nft, new Set([...owned, ...ownedFrames])),
  ];
}

/** A chain that the kernel calls and that drops frames for certain. */
export interface Drop {
  readonly table: Table;
  readonly chain: Chain;
  readonly by: Place;
  readonly family: 4 | 6;
  readonly protocols: readonly Protocol[];
}

/** Every chain that drops frames between the uplink and containers, each once for IPv4 and for IPv6. */
export function dropsOf(texts: FilterTexts, tables = readTables(texts)): Drop[] {
  const found = new Map<string, Drop>();
  for (const { frame, hook } of framesAndHooks(texts, tables)) {
    for (const table of tables) {
      for (const { chain, passes, by } of verdictsAt(hook, table, frame)) {
        if (passes !== 'no' || by === null) continue;
        const { family, protocol } = frame;
        const key = `${by.program} ${by.table} ${chain.name} ${family}`;
        const { protocols = [] } = found.get(key) ?? {};
        const all = protocols.includes(protocol) ? protocols : [...protocols, protocol];
        found.set(key, { table, chain, by: found.get(key)?.by ?? by, family, protocols: all });
      }
    }
  }
  return [...found.values()];
}

const KINDS: readonly (readonly [4 | 6, Protocol])[] = [
  [4, 'arp'],
  ...([4, 6] as const).flatMap((family) =>
    (['icmp', 'tcp', 'udp'] as const).map((protocol) => [family, protocol] as const),
  ),
];

/** Whether frames pass between the uplink and containers, by what they carry. */
export function passages(texts: FilterTexts, tables = readTables(texts)): Passage[] {
  const all = framesAndHooks(texts, tables);
  return KINDS.map(([family, protocol]) => {
    const found = all
      .filter(({ frame }) => frame.family === family && frame.protocol === protocol)
      .flatMap(({ frame, hook, way }) =>
        tables.flatMap((table) => verdictsAt(hook, table, frame).map((each) => ({ ...each, way }))),
      );
    const { passes, by, unsure, way } =
      found.find((each) => each.passes === 'no') ??
      found.find((each) => each.passes === 'unknown') ??
      ({ passes: 'yes', by: null, unsure: null, way: null } as const);
    return { family, protocol, passes, by, unsure, way };
  });
}

interface Step {
  readonly frame: Frame;
  readonly hook: Hook;
  readonly way: 'from-lan' | 'to-lan';
}

/** Connections of each kind, both ways, with the answers to them, at each hook that they pass. */
function framesAndHooks(texts: FilterTexts, tables: readonly Table[]): Step[] {
  const untracked = tables.some(({ chains }) =>
    [...chains.values()].some(({ rules }) =>
      rules.some(({ text }) => /\b(notrack|NOTRACK|--notrack)\b/.test(text)),
    ),
  );
  const uplink: Interface = texts.uplink === null ? 'container' : { name: texts.uplink };
  const ways = [
    ['from-lan', uplink, 'container'],
    ['to-lan', 'container', uplink],
  ] as const;
  return KINDS.flatMap(([family, protocol]) =>
    ways.flatMap(([way, physIn, physOut]) =>
      (['new', 'established'] as const).flatMap((state): Step[] => {
        if (protocol === 'arp' && state === 'established') return [];
        const frame: Frame = {
          ...{ family, protocol, state, physIn, physOut, untracked, bridge: texts.bridge },
          containerPorts: [...texts.ports, SOME_PORT],
        };
        return hooksOf(frame, texts).map((hook) => ({ frame, hook, way }));
      }),
    ),
  );
}

interface Hook {
  readonly families: readonly Table['family'][];
  readonly name: string;
  readonly iif: Interface;
  readonly oif: Interface;
  /** Of a link: only chains of that link are called. */
  readonly device?: Interface;
}

type Frame = Omit<Seen, 'iif' | 'oif'>;

/** Hooks that a frame passes, and how each shows its interfaces: frames go by port, packets by the bridge. */
function hooksOf({ family, protocol, bridge, physIn, physOut }: Frame, { callsIp }: FilterTexts): Hook[] {
  const own: Interface = { name: bridge };
  const none = 'none' as const;
  const packets = [family === 4 ? 'ip' : 'ip6', 'inet'] as const;
  const withIp = protocol !== 'arp' && callsIp[family];
  const ip = (name: string, iif: Interface, oif: Interface): Hook[] =>
    withIp ? [{ families: packets, name, iif, oif }] : [];
  return [
    { families: ['netdev', 'inet'], name: 'ingress', iif: physIn, oif: none, device: physIn },
    { families: ['bridge'], name: 'prerouting', iif: physIn, oif: none },
    ...ip('prerouting', own, none),
    { families: ['bridge'], name: 'forward', iif: physIn, oif: physOut },
    ...ip('forward', own, own),
    { families: ['bridge'], name: 'postrouting', iif: none, oif: physOut },
    ...ip('postrouting', none, own),
    { families: ['netdev'], name: 'egress', iif: none, oif: physOut, device: physOut },
  ];
}

interface Verdict extends Pick<Passage, 'passes' | 'by' | 'unsure'> {
  readonly chain: Chain;
}

function verdictsAt(hook: Hook, table: Table, frame: Frame): Verdict[] {
  if (!hook.families.includes(table.family)) return [];
  // iptables does not let its table nat drop anything, and only the first packet of a connection passes it.
  if (table.name === 'nat' && table.program !== 'nft') return [];
  return [...table.chains.values()].flatMap((chain) => {
    if (chain.base?.hook !== hook.name || !isCalled(chain.base, hook, frame)) return [];
    const found = verdict(walk(table, chain, { ...frame, iif: hook.iif, oif: hook.oif }));
    return found === null ? [] : [{ ...found, chain }];
  });
}

function isCalled({ devices }: Base, { device }: Hook, { containerPorts }: Frame): boolean {
  return device === undefined || devices.some((each) => isInterface(device, each, containerPorts) !== false);
}

/** One verdict of all ways: a frame is dropped for certain only where it is on each of them. `null`: it passes. */
function verdict(ways: readonly Outcome[]): Omit<Verdict, 'chain'> | null {
  const bad = ways.find(({ end }) => end === 'drop') ?? ways.find(({ end }) => end === 'unknown');
  if (bad === undefined) return null;
  const isSure = ways.every(({ end }) => end === 'drop');
  return { passes: isSure ? 'no' : 'unknown', by: bad.at, unsure: isSure ? null : bad.unsure };
}
