import { type Interfaces, isStart, stanzasOf } from './files.js';
import { type Candidate, means, readWord, without } from './pattern.js';

/**
 * The configuration as ifup has it for one link: a pattern that means it selects it by name, and where a word gives
 * it the stanza of another name (`auto eth0=home`, `auto /eth*=home`), that stanza is its own, too.
 */
export function forLink(interfaces: Interfaces, link: Candidate): Interfaces {
  const words = wordsFor(interfaces, link);
  const [logical = null] = logicalNames(words);
  const isBorrowed = logical !== null && stanzasOf(interfaces, link.name).length === 0;
  const ifaces = interfaces.ifaces.flatMap((stanza) => {
    if (!isBorrowed || stanza.name !== logical) return [stanza];
    // Comments and blank lines at the end of a stanza are about what comes next.
    const end = stanza.body.findLastIndex(({ kind }) => kind !== 'trivia') + 1;
    return [{ ...stanza, name: link.name, body: stanza.body.slice(0, end), logical }, stanza];
  });
  const selected = words.map(({ keyword }) => ({ keyword, name: link.name }));
  return { ...interfaces, ifaces, selected: [...interfaces.selected, ...selected] };
}

/** Words that start a link, other than by its mere name. */
export function wordsFor({ selected }: Interfaces, link: Candidate) {
  return selected.filter(
    ({ keyword, name }) => isStart(keyword) && name !== link.name && means(readWord(name), link) === true,
  );
}

/** Names of the stanzas that words give to a link in place of that of its own name. */
export function logicalNames(words: readonly { readonly name: string }[]): string[] {
  return [...new Set(words.flatMap(({ name }) => readWord(name).logical ?? []))];
}

/**
 * What becomes of the words that give a link the stanza of another name, once it is a port with a stanza of its own:
 * they mean the other links only. An empty text for none.
 */
export function wordsWithout(interfaces: Interfaces, link: string): ReadonlyMap<string, string> {
  const found = interfaces.selected.flatMap(({ keyword, name }): [string, string][] => {
    const word = readWord(name);
    if (!isStart(keyword) || word.logical === null) return [];
    if (word.variable === null) return word.value === link ? [[name, '']] : [];
    const rest = means(word, { name: link, mac: null }) === true ? without(name, link) : null;
    return rest === null ? [] : [[name, rest]];
  });
  return new Map(found);
}
