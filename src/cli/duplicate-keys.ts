/** Strings, and what gives a JSON text its structure; numbers and words are of no interest. */
const TOKEN = /"[^"\\]*(?:\\.[^"\\]*)*"|[{}[\],:]/gs;
/** More of them tell a person nothing new. */
const MOST = 20;

/** An object or array that is open at a place of the text. */
interface Open {
  /** Keys so far; `null` for an array. */
  readonly keys: Set<string> | null;
  /** Of the value that is being read: a key, or an index. */
  at: string | number;
  expectsKey: boolean;
}

/**
 * Keys that an object of a JSON text has more than once, as paths, in one pass. `JSON.parse` keeps the last one and says
 * nothing, but the person who wrote both may have meant the first.
 * @param text JSON that `JSON.parse` accepts
 */
export function duplicateKeys(text: string): (string | number)[][] {
  const found: (string | number)[][] = [];
  const open: Open[] = [];
  for (const [token] of text.matchAll(TOKEN)) {
    const here = open.at(-1);
    if (token === '{') open.push({ keys: new Set(), at: '', expectsKey: true });
    else if (token === '[') open.push({ keys: null, at: 0, expectsKey: false });
    else if (here === undefined) continue;
    else if (token === '}' || token === ']') open.pop();
    else if (token === ':') here.expectsKey = false;
    else if (token === ',') {
      here.expectsKey = here.keys !== null;
      if (typeof here.at === 'number') here.at += 1;
    } else if (here.expectsKey && here.keys !== null) {
      here.at = JSON.parse(token) as string;
      if (here.keys.has(here.at) && found.length < MOST) found.push(open.map(({ at }) => at));
      here.keys.add(here.at);
    }
  }
  return found;
}
