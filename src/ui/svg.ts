import { cut } from './topology-words.js';

/** Colours of a card: all is well, something is wrong, nothing runs there. */
export type Palette = 'good' | 'bad' | 'off';

/** Measures of a card, in pixels. */
export const CARD = { top: 12, line: 16, bottom: 14 };

/** Colours and type of the picture, for light and dark pages. */
export const STYLE = [
  'text{font:14px ui-sans-serif,system-ui,"Segoe UI","DejaVu Sans",sans-serif;fill:#1f2933}',
  '.head{font-weight:600;font-size:16px}.small{font-size:12px}.middle{text-anchor:middle}.end{text-anchor:end}',
  '.main{font:600 14px ui-monospace,"DejaVu Sans Mono",Menlo,monospace}',
  '.dim{fill:#616e7c}.wrong{fill:#b42318;font-weight:600}',
  '.page{fill:#fff}.lan{fill:#e6f0fa;stroke:#3e7cb1}.host{fill:#f7f9fb;stroke:#9aa5b1;stroke-dasharray:6 4}',
  '.nic{fill:#fff;stroke:#52606d}.bridge{fill:#dbeafe;stroke:#3e7cb1;stroke-width:1.5}',
  '.card{fill:#fff;stroke:#cbd2d9}.stripe.good{fill:#2f855a}.stripe.bad{fill:#b42318}.stripe.off{fill:#9aa5b1}',
  '.wire{stroke:#52606d;stroke-width:1.5;fill:none}.wire.bad{stroke:#b42318;stroke-dasharray:4 3}.wire.off{stroke:#9aa5b1;stroke-dasharray:2 4}',
  '.nic.bad,.bridge.bad{fill:#fdecea;stroke:#b42318}',
  '@media(prefers-color-scheme:dark){text{fill:#e4e7eb}.dim{fill:#9aa5b1}.wrong{fill:#ff8a7a}.page{fill:#14181d}',
  '.lan{fill:#16293b}.host{fill:#1a2027}.nic,.card{fill:#222a33}.bridge{fill:#1c3350}.wire{stroke:#9aa5b1}.nic.bad,.bridge.bad{fill:#45201d}}',
].join('');

/** Text for XML 1.0, wherever it stands: names of containers are anybody's. */
export function escapeXml(text: string): string {
  const entities: Readonly<Record<string, string>> = {
    '&': '&amp;',
    '<': '&lt;',
    '>': '&gt;',
    '"': '&quot;',
    "'": '&#39;',
  };
  // What is no character of XML (its production 2) cannot be escaped either.
  return text
    .replace(/[^\t\n\r\x20-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/gu, '?')
    .replace(/[&<>"']/g, (character) => entities[character] ?? '');
}

/** An empty element. */
export function element(name: string, attributes: Readonly<Record<string, string | number>>): string {
  const words = Object.entries(attributes).map(([key, value]) => ` ${key}="${escapeXml(String(value))}"`);
  return `<${name}${words.join('')}/>`;
}

/** One line of text. */
export function textLine(text: string, x: number, y: number, kind: string): string {
  return `<text class="${kind}" x="${x}" y="${y}" xml:space="preserve">${escapeXml(text)}</text>`;
}

/** Text in lines of a number of characters, broken between words, or within one that is too long. */
export function wrapWords(text: string, length: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    const pieces = word.match(new RegExp(`.{1,${length}}`, 'gu')) ?? [''];
    for (const piece of pieces) {
      if (line !== '' && [...line].length + 1 + [...piece].length > length) {
        lines.push(line);
        line = piece;
      } else line = line === '' ? piece : `${line} ${piece}`;
    }
  }
  return line === '' ? lines : [...lines, line];
}

interface CardContent {
  readonly title: string;
  readonly side: string;
  readonly main: string;
  readonly how: string;
  readonly small: readonly string[];
  readonly wrong: readonly string[];
  readonly palette: Palette;
  readonly width: number;
}

/** A card, to be drawn at a place and as high as its row. */
export function card({ title, side, main, how, small, wrong, palette, width }: CardContent) {
  const rows = [
    ...(main === '' ? [] : [{ text: main, kind: 'main' }]),
    ...(how === '' ? [] : [{ text: how, kind: 'small' }]),
    ...small.map((text) => ({ text, kind: 'small dim' })),
    ...wrong.map((text) => ({ text, kind: 'small wrong' })),
  ];
  const height = CARD.top + 18 + rows.length * (CARD.line + 2) + CARD.bottom;
  const draw = (x: number, y: number, rowHeight: number) =>
    [
      `<g><title>${escapeXml(`${title} ${side}`.trim())}</title>`,
      element('rect', { class: 'card', x, y, width, height: rowHeight, rx: 6 }),
      element('rect', { class: `stripe ${palette}`, x, y, width: 5, height: rowHeight, rx: 2 }),
      textLine(cut(title, 18), x + 16, y + CARD.top + 10, 'head'),
      textLine(side, x + width - 10, y + CARD.top + 10, 'small dim end'),
      ...rows.map(({ text, kind }, index) =>
        textLine(text, x + 16, y + CARD.top + 32 + index * (CARD.line + 2), kind),
      ),
      '</g>',
    ].join('');
  return { draw, height, palette };
}
