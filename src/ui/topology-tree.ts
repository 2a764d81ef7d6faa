import { useExistingCommand } from '../model/existing-bridge.js';
import type { BridgeView, LinkView, PortView, Topology } from '../model/topology/view.js';
import type { Style } from './style.js';
import {
  countTroubles,
  cut,
  FOR_ROOT,
  leaseText,
  NOT_SET_UP,
  oneLine,
  originText,
  portText,
  servicesText,
} from './topology-words.js';

/** How the tree is drawn. */
export interface TreeOptions {
  /** Columns of the terminal. */
  readonly width: number;
  /** false: plain ASCII. */
  readonly unicode: boolean;
  readonly style: Style;
}

interface Line {
  readonly text: string;
  readonly kind?: 'head' | 'dim' | 'trouble';
}
interface Node {
  readonly lines: readonly Line[];
  readonly children: readonly Node[];
}

const GLYPHS = {
  unicode: { branch: '├── ', last: '└── ', pipe: '│   ', blank: '    ', mark: '✗', cut: '…' },
  ascii: { branch: '|-- ', last: '`-- ', pipe: '|   ', blank: '    ', mark: 'x', cut: '...' },
};
type Glyphs = (typeof GLYPHS)['unicode'];

/** Longest name of a container before it is cut. */
const NAME_WIDTH = 24;

/** The picture as a tree, for a terminal. */
export function treeText(topology: Topology, options: TreeOptions): string {
  const { style: s, width, unicode } = options;
  const glyphs = unicode ? GLYPHS.unicode : GLYPHS.ascii;
  const roots = [
    lanNode(topology, glyphs),
    ...directNodes(topology, glyphs),
    ...unattachedNodes(topology, glyphs),
  ];
  const lines = roots.flatMap((root) => draw(root, '', '', { glyphs, width }));
  const isSetUp = topology.bridges.some(({ exists }) => exists);
  const after: Line[] = [
    { text: servicesText(topology) },
    ...topology.troubles.map((text) => trouble(text, glyphs)),
    ...(topology.complete ? [] : [{ text: FOR_ROOT }]),
    ...(isSetUp ? usableLines(topology) : [{ text: NOT_SET_UP }]),
    ...verdict(topology),
  ];
  lines.push(...after.flatMap((line) => wrapped(line, width, '')));
  return lines.map(({ text, kind }) => paint(unicode ? text : ascii(text), kind, s)).join('\n');
}

/** The way on for a bridge of somebody else's that no container can join yet. */
function usableLines({ bridges }: Topology): Line[] {
  const usable = bridges.find(({ exists, served, existing }) => exists && existing && !served);
  if (usable === undefined || bridges.some(({ served }) => served)) return [];
  const { name } = usable;
  return [
    {
      text: `No container can join ${oneLine(name)} yet: \`${useExistingCommand(name)}\` sets that up, and leaves ${oneLine(name)} as it is.`,
    },
  ];
}

function verdict(topology: Topology): Line[] {
  const count = countTroubles(topology);
  if (count === 0) return [];
  return [
    {
      text: `${count} ${count === 1 ? 'problem' : 'problems'}. Look further with \`bridge-setup doctor\`.`,
      kind: 'trouble',
    },
  ];
}

function lanNode(topology: Topology, glyphs: Glyphs): Node {
  const { lan, bridges, uplink } = topology;
  const gateway = lan.gateway === null ? 'no gateway' : `gateway ${lan.gateway}`;
  const head: Line = { text: `LAN ${lan.network ?? 'unknown'}, ${gateway}`, kind: 'head' };
  const own = uplink === null ? [] : [linkNode(uplink)];
  return {
    lines: [head],
    children: [...own, ...bridges.map((bridge) => bridgeWithUplinks(bridge, topology, glyphs))],
  };
}

function bridgeWithUplinks(bridge: BridgeView, topology: Topology, glyphs: Glyphs): Node {
  const node = bridgeNode(bridge, topology, glyphs);
  if (bridge.uplinks.length === 0) return node;
  return { lines: bridge.uplinks.flatMap((uplink) => linkNode(uplink).lines), children: [node] };
}

function linkNode({ name, mac, up, carrier, addresses }: LinkView): Node {
  const state = up ? (carrier ? 'up' : 'no carrier') : 'down';
  const own = addresses.map(({ address, from, client }) => `${address} ${originText(from, client)}`);
  return { lines: [{ text: [`${oneLine(name)}  ${mac ?? ''}`, state, ...own].join(', ') }], children: [] };
}

function bridgeNode(bridge: BridgeView, topology: Topology, glyphs: Glyphs): Node {
  const { name, exists, existing, addresses, stp, ports, troubles } = bridge;
  const own = addresses.map(({ address, from, client }) => `${address} ${originText(from, client)}`);
  const words = exists
    ? [
        own.join(', ') || 'without an address',
        ...(stp ? ['STP on'] : []),
        ...(existing ? ['not configured by bridge-setup'] : []),
      ]
    : ['missing'];
  const columns = widths(ports);
  return {
    lines: [
      { text: `${oneLine(name)}  ${words.join(', ')}`, kind: 'head' },
      ...troubles.map((text) => trouble(text, glyphs)),
    ],
    children: ports.map((port) => portNode(port, topology.at, columns, glyphs)),
  };
}

function directNodes({ direct, at }: Topology, glyphs: Glyphs): Node[] {
  const parents = [...new Set(direct.map(({ on }) => on))];
  return parents.map((on) => {
    const ports = direct.filter((port) => port.on === on);
    return {
      lines: [{ text: `${oneLine(on)}  directly, past the bridge`, kind: 'head' }],
      children: ports.map((port) => portNode(port, at, widths(ports), glyphs)),
    };
  });
}

function unattachedNodes({ unattached }: Topology, glyphs: Glyphs): Node[] {
  if (unattached.length === 0) return [];
  const children = unattached.map(({ container, interfaceName, trouble: wrong }) => {
    const words = [cut(oneLine(container), NAME_WIDTH), ...(interfaceName === null ? [] : [interfaceName])];
    return { lines: [{ text: words.join('  ') }, trouble(wrong, glyphs)], children: [] };
  });
  return [{ lines: [{ text: 'Not attached', kind: 'head' }], children }];
}

const label = ({ container, port }: PortView) => cut(oneLine(container?.name ?? port), NAME_WIDTH);

function widths(ports: readonly PortView[]) {
  const longest = (text: (port: PortView) => string) => Math.max(0, ...ports.map((one) => text(one).length));
  return {
    name: longest(label),
    inside: longest(({ interfaceName }) => interfaceName ?? ''),
    address: longest(({ address }) => address ?? ''),
  };
}

function portNode(port: PortView, at: string, columns: ReturnType<typeof widths>, glyphs: Glyphs): Node {
  const { address, lease, trouble: wrong } = port;
  const words = [
    label(port).padEnd(columns.name),
    (port.interfaceName ?? '').padEnd(columns.inside),
    (address ?? '').padEnd(columns.address),
    portText(port),
  ];
  return {
    lines: [
      { text: words.join('  ').trimEnd() },
      ...(lease === null ? [] : [{ text: leaseText(lease, at), kind: 'dim' } as const]),
      ...(wrong === null ? [] : [trouble(wrong, glyphs)]),
    ],
    children: [],
  };
}

const trouble = (text: string, { mark }: Glyphs): Line => ({
  text: `${mark} ${oneLine(text)}`,
  kind: 'trouble',
});

function draw(
  node: Node,
  first: string,
  rest: string,
  options: { readonly glyphs: Glyphs; readonly width: number },
): Line[] {
  const { glyphs, width } = options;
  // What stands below a node with children keeps the line to them.
  const below = node.children.length > 0 ? glyphs.pipe : '';
  const own = node.lines.flatMap((line) => wrapped(line, width - rest.length - below.length));
  const lines = own.map((line, index) => ({
    ...line,
    text: `${index === 0 ? first : rest + below}${line.text}`,
  }));
  return [
    ...lines,
    ...node.children.flatMap((child, index) => {
      const isLast = index === node.children.length - 1;
      return draw(
        child,
        rest + (isLast ? glyphs.last : glyphs.branch),
        rest + (isLast ? glyphs.blank : glyphs.pipe),
        options,
      );
    }),
  ];
}

/** A line that is broken between words where it is too long. */
function wrapped({ text, kind }: Line, width: number, indent = '  '): Line[] {
  const lines: string[] = [];
  let current = '';
  for (const word of text.split(/(?<=\S)(?= +\S)/)) {
    if (current !== '' && current.length + word.length > width) {
      lines.push(current);
      current = indent + word.trimStart();
    } else current += word;
  }
  return [...lines, current].map((one) => ({ text: one, ...(kind === undefined ? {} : { kind }) }));
}

function ascii(text: string): string {
  return text.replace(/…/g, '...').replace(/[^\x20-\x7e]/g, '?');
}

function paint(text: string, kind: Line['kind'], s: Style): string {
  if (kind === 'trouble') return s.bad(text);
  if (kind === 'dim') return s.dim(text);
  return kind === 'head' ? s.bold(text) : text;
}
