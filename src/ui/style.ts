import { styleText } from 'node:util';

/** Emphasis that is also legible without colour: words carry the meaning, colour only helps the eye. */
export interface Style {
  bold(text: string): string;
  dim(text: string): string;
  good(text: string): string;
  bad(text: string): string;
  warn(text: string): string;
}

/** Styles of the terminal, or none at all. */
export function style(color: boolean): Style {
  const paint =
    (...format: Parameters<typeof styleText>[0][]) =>
    (text: string) =>
      color
        ? format.reduce<string>((painted, one) => styleText(one, painted, { validateStream: false }), text)
        : text;
  return {
    bold: paint('bold'),
    dim: paint('dim'),
    good: paint('green'),
    bad: paint('red', 'bold'),
    warn: paint('yellow'),
  };
}
