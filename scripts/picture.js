// `node scripts/picture.js FILE.svg COMMAND…`: runs a command in a terminal of 80 columns, made by script(1), and draws
// what it has shown, colours and all. docs/pictures/ is made so; needs what the command needs.
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';

const COLUMNS = 80;
/** Measures of a letter and of the margin, in pixels. */
const [WIDTH, HEIGHT, MARGIN, BAR] = [8.43, 19, 18, 30];
/** The colours that styles use, by their SGR parameter (ECMA-48, 8.3.117). */
const COLOURS = { 31: '#ff7b72', 32: '#7ee787', 33: '#e3b341', 36: '#79c0ff' };

/**
 * What stands on a terminal after this was written to it: lines of pieces with one style each. Knows what this program
 * writes: text, CR, LF, SGR and "erase to the end of the line".
 * @param {string} bytes
 */
export function screenOf(bytes) {
  const lines = [[]];
  let column = 0;
  let sgr = new Set();
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control sequences are what this is about.
  for (const [token, parameters, kind] of bytes.matchAll(/\x1b\[([0-9;?]*)([A-Za-z])|[\s\S]/gu)) {
    const line = lines.at(-1);
    if (kind === 'm') sgr = styled(sgr, parameters);
    else if (kind === 'K') line.length = Math.min(line.length, column);
    else if (kind !== undefined) continue;
    else if (token === '\r') column = 0;
    else if (token === '\n') {
      lines.push([]);
      column = 0;
    } else if (column === COLUMNS) {
      lines.push([{ text: token, style: styleOf(sgr) }]);
      column = 1;
    } else line[column++] = { text: token, style: styleOf(sgr) };
  }
  return lines.map(pieces);
}

const styleOf = (sgr) => [...sgr].sort().join(' ');

function styled(before, parameters) {
  const after = new Set(before);
  for (const code of parameters.split(';').map(Number)) {
    if (code === 0) after.clear();
    else if (code === 22) for (const one of [1, 2]) after.delete(one);
    else if (code === 39) for (const one of Object.keys(COLOURS)) after.delete(Number(one));
    else after.add(code);
  }
  return after;
}

/** Letters of one style together. */
function pieces(letters) {
  const found = [];
  for (const { text, style } of Array.from(letters, (one) => one ?? { text: ' ', style: '' })) {
    if (found.at(-1)?.style === style) found.at(-1).text += text;
    else found.push({ text, style });
  }
  return found;
}

const escapeXml = (text) =>
  text.replace(/[&<>"]/g, (letter) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' })[letter]);

/** A terminal as a picture. */
export function pictureOf(title, lines) {
  const width = Math.ceil(COLUMNS * WIDTH + 2 * MARGIN);
  const height = BAR + lines.length * HEIGHT + 2 * MARGIN - 6;
  const rows = lines.map((line, index) => {
    const spans = line.map(({ text, style }) => `<tspan${attributes(style)}>${escapeXml(text)}</tspan>`);
    const y = BAR + MARGIN + 10 + index * HEIGHT;
    return line.length === 0
      ? ''
      : `<text x="${MARGIN}" y="${y}" xml:space="preserve">${spans.join('')}</text>`;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}">
<title>${escapeXml(title)}</title>
<style>text{font:14px ui-monospace,"DejaVu Sans Mono",Menlo,Consolas,monospace;fill:#d6dde4}</style>
<rect width="${width}" height="${height}" rx="8" fill="#14181d"/>
${['#ff5f56', '#ffbd2e', '#27c93f'].map((fill, index) => `<circle cx="${20 + index * 20}" cy="17" r="6" fill="${fill}"/>`).join('')}
${rows.filter(Boolean).join('\n')}
</svg>
`;
}

function attributes(style) {
  const codes = style.split(' ').filter(Boolean);
  const colour = codes.map((code) => COLOURS[code]).find(Boolean);
  return [
    colour ? ` fill="${colour}"` : '',
    codes.includes('1') ? ' font-weight="700"' : '',
    codes.includes('2') ? ' fill-opacity="0.6"' : '',
  ].join('');
}

function main([file, ...argv]) {
  const command = argv.map((word) => `'${word.replaceAll("'", "'\\''")}'`).join(' ');
  const run = `stty cols ${COLUMNS} rows 24; ${command}`;
  const { NO_COLOR: _, ...env } = process.env;
  const { stdout, status, error } = spawnSync(
    'script',
    ['--quiet', '--return', '--command', run, '/dev/null'],
    {
      encoding: 'utf8',
      env: { ...env, TERM: 'xterm-256color' },
      maxBuffer: 2 ** 26,
    },
  );
  if (error) throw error;
  if (status !== 0) throw new Error(`${argv.join(' ')} exited ${status}:\n${stdout}`);
  const shown = argv.join(' ').replace(/^\S*node \S*bin\/bridge-setup\.js/, 'npx bridge-setup');
  const prompt = [
    { text: '# ', style: '2' },
    { text: shown, style: '1' },
  ];
  writeFileSync(file, pictureOf(shown, [prompt, ...screenOf(stdout.trimEnd())]));
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) main(process.argv.slice(2));
