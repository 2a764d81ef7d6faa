import { wordAfter } from './route.js';

/** A nexthop object as `ip nexthop show` prints it (ip-nexthop(8)); routes go by its number. */
export interface IpNexthop {
  readonly id: string;
  /** `null`: a group, or a blackhole. */
  readonly link: string | null;
  readonly words: readonly string[];
}

/** What ip(8) prints of a nexthop object and does not take. */
const PRINTED_ONLY = new Set(['scope', 'proto']);
const STATES = new Set(['linkdown', 'dead', 'offload', 'trap']);

/** Parse the lines of `ip nexthop show`. */
export function parseIpNexthops(text: string): IpNexthop[] {
  return text.split('\n').flatMap((line) => {
    const words = line.trim().split(/\s+/);
    const id = words[0] === 'id' ? words[1] : undefined;
    return id === undefined ? [] : [{ id, link: wordAfter(words, 'dev'), words: words.slice(2) }];
  });
}

/** Whether `nexthopLine` can say all of it: of one without a gateway ip(8) does not tell the family. */
export const isMovable = ({ words }: IpNexthop): boolean => words.includes('via') && !words.includes('encap');

/** A line that leads a nexthop object, and with it all its routes, through another link. */
export function nexthopLine({ id, link, words }: IpNexthop, to: string): string {
  const protocol = wordAfter(words, 'proto');
  const kept = words.flatMap((word, index, all) => {
    const key = all[index - 1] ?? '';
    if (STATES.has(word) || PRINTED_ONLY.has(word) || PRINTED_ONLY.has(key)) return [];
    return word === link && key === 'dev' ? [to] : [word];
  });
  const proto = protocol === null || protocol === 'unspec' ? [] : ['proto', protocol];
  return ['nexthop', 'replace', 'id', id, ...kept, ...proto].join(' ');
}
