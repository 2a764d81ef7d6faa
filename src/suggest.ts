import { closest, distance } from 'fastest-levenshtein';

/** The known word that was probably meant: a slip or two away, more in a long word; `null` when none is near. */
export function nearestOf(word: string, known: readonly string[]): string | null {
  const nearest = closest(word, [...known]);
  return distance(word, nearest) <= Math.max(2, word.length / 3) ? nearest : null;
}
