import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
// @ts-expect-error: a script without types.
import { pictureOf, screenOf } from '../../scripts/picture.js';

const text = (lines: { text: string }[][]) => lines.map((line) => line.map((piece) => piece.text).join(''));

describe('the picture of a terminal', () => {
  it('has what stands there in the end: what was taken away is gone, long lines are broken', () => {
    const written = `  … Set up br0\r\x1b[K  … Set up br0 (1.0 s)\r\x1b[K  \x1b[32mok\x1b[39m  Set up br0\r\n${'x'.repeat(85)}\r\n`;
    expect(text(screenOf(written))).toEqual(['  ok  Set up br0', 'x'.repeat(80), 'xxxxx', '']);
  });

  it('has its colours, and nothing that is no XML', () => {
    const svg = pictureOf('a < b', screenOf('\x1b[1m\x1b[31mFAILED\x1b[39m\x1b[22m <&> \x1b[2mdim\x1b[22m'));
    expect(svg).toContain('<tspan fill="#ff7b72" font-weight="700">FAILED</tspan>');
    expect(svg).toContain('<tspan fill-opacity="0.6">dim</tspan>');
    expect(svg).toContain('<tspan> &lt;&amp;&gt; </tspan>');
    expect(svg).toContain('<title>a &lt; b</title>');
  });
});

describe('docs/pictures/rehearse.svg', () => {
  const read = (file: string) => readFileSync(new URL(`../../${file}`, import.meta.url), 'utf8');

  it('is of this version: the stages have their names, and all went well', () => {
    const picture = read('docs/pictures/rehearse.svg');
    const titles = [...read('src/rehearse/rehearse.ts').matchAll(/stage\('[a-z-]+', '([^']+)'/g)];
    expect(titles.length).toBeGreaterThan(3);
    for (const [, title] of titles) expect(picture).toContain(title);
    expect(picture).toContain('The rehearsal went well.');
    expect(picture).not.toContain('FAILED');
  });
});
