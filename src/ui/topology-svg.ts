import type { BridgeView, PortView, Topology } from '../model/topology/view.js';
import { CARD, card, element, escapeXml, type Palette, STYLE, textLine, wrapWords } from './svg.js';
import {
  countTroubles,
  leaseText,
  NOT_SET_UP,
  oneLine,
  originText,
  portText,
  servicesText,
} from './topology-words.js';

const WIDTH = 960;
const MARGIN = 32;
const INNER = WIDTH - 2 * MARGIN;
const COLUMNS = 4;
const GAP = 16;
const CARD_WIDTH = (INNER - 2 * 24 - (COLUMNS - 1) * GAP) / COLUMNS;
/** Characters that fit into a card in its small type. */
const CARD_CHARACTERS = 28;
/** The same in its bold type. */
const WRONG_CHARACTERS = 24;
/** Characters that fit across the picture. */
const LINE_CHARACTERS = 120;

interface Drawn {
  readonly svg: string;
  readonly height: number;
}

/** The picture as one SVG file that needs nothing else: for a wiki page. */
export function topologySvg(topology: Topology): string {
  const parts: string[] = [];
  let y = MARGIN;
  const put = ({ svg, height }: Drawn, gap = 0) => {
    parts.push(`<g transform="translate(0 ${y})">${svg}</g>`);
    y += height + gap;
  };
  put(lanBox(topology));
  const bridges = topology.bridges.map((bridge) => hostBox(bridge, topology.at));
  if (bridges.length === 0) put(plainHost(topology), GAP);
  for (const drawn of bridges) put(drawn, GAP);
  if (topology.direct.length > 0) put(directBox(topology), GAP);
  put(footer(topology));
  const title = `The LAN ${topology.lan.network ?? ''} as bridge-setup sees it`;
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${y}" viewBox="0 0 ${WIDTH} ${y}" role="img" aria-labelledby="title description">`,
    `<title id="title">${escapeXml(title)}</title>`,
    `<desc id="description">${escapeXml(description(topology))}</desc>`,
    `<style>${STYLE}</style>`,
    `<rect class="page" width="${WIDTH}" height="${y}"/>`,
    ...parts,
    '</svg>',
    '',
  ].join('\n');
}

function description({ bridges, at }: Topology): string {
  const ports = bridges
    .flatMap(({ ports: own }) => own)
    .map((port) => `${nameOf(port)} ${port.address ?? ''}`);
  return oneLine(`${ports.length} ports: ${ports.join(', ') || 'none'}. Read at ${at}.`);
}

function lanBox({ lan }: Topology): Drawn {
  const width = 420;
  const x = (WIDTH - width) / 2;
  const names = lan.nameservers.length === 0 ? '' : `name servers ${lan.nameservers.join(', ')}`;
  const lines = wrapWords(oneLine(names), 62).slice(0, 2);
  const height = 58 + 16 * lines.length;
  return {
    svg: [
      element('rect', { class: 'lan', x, y: 0, width, height, rx: height / 2 }),
      textLine(`LAN ${lan.network ?? 'unknown'}`, WIDTH / 2, 24, 'head middle'),
      textLine(lan.gateway === null ? 'no gateway' : `gateway ${lan.gateway}`, WIDTH / 2, 44, 'small middle'),
      ...lines.map((line, index) => textLine(line, WIDTH / 2, 60 + 16 * index, 'small dim middle')),
      wire(WIDTH / 2, height, 32),
    ].join(''),
    height: height + 32,
  };
}

const wire = (x: number, y: number, length: number, kind = 'wire') =>
  element('line', { class: kind, x1: x, y1: y, x2: x, y2: y + length });

/** The host around one bridge: the uplink on its edge, the bridge as a bar, a card for each port. */
function hostBox(bridge: BridgeView, at: string): Drawn {
  const { name, exists, addresses, uplinks, ports, troubles } = bridge;
  const parts: string[] = [];
  const uplink = uplinks.map((link) => `${link.name}${link.mac === null ? '' : `  ${link.mac}`}`).join(', ');
  const problems = troubles.flatMap((text) => wrapWords(`✗ ${oneLine(text)}`, LINE_CHARACTERS));
  const own = addresses
    .map(({ address, from, client }) => `${address} ${originText(from, client)}`)
    .join(', ');
  let y = 24;
  parts.push(
    element('rect', {
      class: uplinks.length > 0 ? 'nic' : 'nic bad',
      x: WIDTH / 2 - 170,
      y: -14,
      width: 340,
      height: 28,
      rx: 6,
    }),
    textLine(uplink === '' ? 'no uplink' : oneLine(uplink), WIDTH / 2, 5, 'small middle'),
    wire(WIDTH / 2, 14, 18),
  );
  y += 8;
  const words = wrapWords(oneLine(exists ? own || 'without an address' : 'missing'), 100);
  const bar = 32 + 16 * words.length;
  parts.push(
    element('rect', {
      class: troubles.length > 0 || !exists ? 'bridge bad' : 'bridge',
      ...{ x: MARGIN + 8, y, width: INNER - 16, height: bar, rx: 8 },
    }),
    textLine(oneLine(name), WIDTH / 2, y + 22, 'head middle'),
    ...words.map((line, index) => textLine(line, WIDTH / 2, y + 40 + 16 * index, 'small middle')),
  );
  y += bar;
  const grid = portGrid(ports, at);
  if (ports.length > 0) {
    parts.push(`<g transform="translate(0 ${y})">${grid.svg}</g>`);
    y += grid.height;
  }
  for (const line of problems) {
    y += 20;
    parts.push(textLine(line, MARGIN + 24, y, 'small wrong'));
  }
  y += 24;
  const frame = element('rect', { class: 'host', x: MARGIN, y: 0, width: INNER, height: y, rx: 12 });
  return { svg: `${frame}${parts.join('')}`, height: y };
}

/** Cards in rows; each hangs on the bridge by a wire that runs between the rows. */
function portGrid(ports: readonly PortView[], at: string): Drawn {
  const parts: string[] = [];
  let y = 0;
  for (let start = 0; start < ports.length; start += COLUMNS) {
    const row = ports.slice(start, start + COLUMNS).map((port) => portCard(port, at));
    const height = Math.max(...row.map((one) => one.height));
    const first = start === 0;
    row.forEach(({ draw, palette }, index) => {
      const x = MARGIN + 24 + index * (CARD_WIDTH + GAP);
      const middle = x + CARD_WIDTH / 2;
      // Further rows hang on the gap beside the column of the row above.
      const from = first ? wire(middle, y, 24, `wire ${palette}`) : hook(x, middle, y, palette);
      parts.push(from, draw(x, y + 24, height));
    });
    if (!first) parts.push(...row.map((_, index) => rail(index, y)));
    y += 24 + height;
  }
  return { svg: parts.join(''), height: y };
}

const railOf = (index: number) => MARGIN + 24 + index * (CARD_WIDTH + GAP) - GAP / 2;
/** The line down from the bridge, left of a column. */
const rail = (index: number, y: number) =>
  element('line', { class: 'wire', x1: railOf(index), y1: 0, x2: railOf(index), y2: y + 12 });
const hook = (x: number, middle: number, y: number, palette: Palette) =>
  element('path', { class: `wire ${palette}`, d: `M ${x - GAP / 2} ${y + 12} H ${middle} V ${y + 24}` });

const nameOf = ({ container, port }: PortView) => oneLine(container?.name ?? port);

function portCard(port: PortView, at: string) {
  const { container, interfaceName, address, lease, state, trouble } = port;
  const palette: Palette = trouble !== null ? 'bad' : state === 'attached' ? 'good' : 'off';
  const small = [
    ...(container?.image ? [oneLine(container.image)] : []),
    ...(lease === null ? [] : leaseText(lease, at).split('; ')),
  ].flatMap((text) => wrapWords(text, CARD_CHARACTERS));
  const wrong = trouble === null ? [] : wrapWords(`✗ ${oneLine(trouble)}`, WRONG_CHARACTERS);
  return card({
    title: nameOf(port),
    side: interfaceName ?? '',
    main: address === null ? '' : address,
    how: portText(port),
    small,
    wrong,
    palette,
    width: CARD_WIDTH,
  });
}

function plainHost({ uplink }: Topology): Drawn {
  const words =
    uplink === null
      ? 'no link has a default route'
      : [
          `${uplink.name}  ${uplink.mac ?? ''}`,
          ...uplink.addresses.map(({ address, from, client }) => `${address} ${originText(from, client)}`),
        ].join(', ');
  const lines = [...wrapWords(oneLine(words), LINE_CHARACTERS), ...wrapWords(NOT_SET_UP, LINE_CHARACTERS)];
  const height = 24 + 20 * lines.length;
  return {
    svg: [
      element('rect', { class: 'host', x: MARGIN, y: 0, width: INNER, height, rx: 12 }),
      ...lines.map((line, index) => textLine(line, WIDTH / 2, 26 + 20 * index, 'small middle')),
    ].join(''),
    height,
  };
}

function directBox({ direct, at }: Topology): Drawn {
  const grid = portGrid(direct, at);
  const parents = [...new Set(direct.map(({ on }) => oneLine(on)))].join(', ');
  const height = grid.height + 64;
  return {
    svg: [
      element('rect', { class: 'host', x: MARGIN, y: 0, width: INNER, height, rx: 12 }),
      element('rect', { class: 'nic', x: MARGIN + 8, y: 8, width: INNER - 16, height: 32, rx: 8 }),
      textLine(`directly on ${parents}, past the bridge`, WIDTH / 2, 29, 'small middle'),
      `<g transform="translate(0 40)">${grid.svg}</g>`,
    ].join(''),
    height,
  };
}

function footer(topology: Topology): Drawn {
  const count = countTroubles(topology);
  const unattached = topology.unattached.map(({ container, trouble }) => `${container}: ${trouble}`);
  const own = [...topology.troubles, ...unattached].flatMap((text) =>
    wrapWords(`✗ ${oneLine(text)}`, LINE_CHARACTERS),
  );
  const verdict = count === 0 ? [] : [`${count} ${count === 1 ? 'problem' : 'problems'}`];
  const time = topology.at.replace('T', ' ').replace(/\.\d+Z$/, ' UTC');
  const lines = [
    ...own.map((text) => ({ text, kind: 'small wrong' })),
    { text: [servicesText(topology), ...verdict].join('; '), kind: 'small' },
    { text: `bridge-setup status, ${time}`, kind: 'small dim' },
  ];
  return {
    svg: lines.map(({ text, kind }, index) => textLine(text, MARGIN, 14 + 18 * index, kind)).join(''),
    height: 18 * lines.length + CARD.bottom,
  };
}
