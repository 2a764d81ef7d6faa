import { stripVTControlCharacters } from 'node:util';
import { describe, expect, it } from 'vitest';
import { style } from '../../../src/ui/style.js';

const KINDS = ['bold', 'dim', 'good', 'bad', 'warn'] as const;

describe.each(KINDS)('%s', (kind) => {
  it('has no escape codes without colour', () => {
    expect(style(false)[kind]('text')).toBe('text');
  });

  it('paints the text, and ends what it began, with colour', () => {
    const painted = style(true)[kind]('text');
    expect(painted.length).toBeGreaterThan(4);
    expect(stripVTControlCharacters(painted)).toBe('text');
    expect(painted.startsWith('text') || painted.endsWith('text')).toBe(false);
  });
});
