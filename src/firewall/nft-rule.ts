import { type Move, matchesLink, namesUplink, type Twin } from './names.js';

const SINGLE = /\b(iifname|oifname|iif|oif) (!= )?("?)([\w.:@+*-]+)\3(?=[\s;]|$)/g;
const SET =
  /((?:[a-z0-9]+ )*[a-z0-9]+ \. )?\b(iifname|oifname|iif|oif)((?: \. [a-z0-9]+(?: [a-z0-9]+)*)*) (!= )?(vmap )?\{ ?([^{}]*?) ?\}/g;
const BRIDGED_HOOKS = ['forward', 'postrouting'];

/** Texts in quotes that are no names: what is logged, and comments. */
function withoutTexts(rule: string): { readonly text: string; readonly restore: (text: string) => string } {
  const texts: string[] = [];
  const text = rule.replaceAll(/\b(comment|prefix) "[^"]*"/g, (found) => `\`${texts.push(found) - 1}\``);
  return {
    text,
    restore: (other) => other.replaceAll(/`(\d+)`/g, (_, n) => texts[Number(n)] ?? ''),
  };
}

const elements = (list: string) =>
  list
    .split(',')
    .map((element) => element.trim())
    .filter((each) => each !== '');
const keyOf = (element: string) => element.split(' : ')[0] ?? '';
const namesOfKey = (element: string) =>
  keyOf(element)
    .split(' . ')
    .map((name) => name.trim().replaceAll('"', ''));

/** Names of the interfaces that a rule of nft(8) is about. */
export function nftNames(rule: string): string[] {
  const { text } = withoutTexts(rule);
  const single = [...text.matchAll(SINGLE)].flatMap(([, , , , name]) => name ?? []);
  const inSets = [...text.matchAll(SET)].flatMap(([, , , , , , list]) =>
    elements(list ?? '').flatMap(namesOfKey),
  );
  return [...single, ...inSets];
}

/** A rule without what changes by itself or is only another way to write it. */
export function normalNft(rule: string): string {
  const { text, restore } = withoutTexts(rule.replace(/ # handle \d+$/, ''));
  const plain = text
    .replace(/^(add|insert) rule (?:(?:ip|ip6|inet|arp) )?\S+ \S+ /, '')
    .replaceAll(/counter packets \d+ bytes \d+/g, 'counter')
    .replaceAll(/["]/g, '')
    .replaceAll(/\bmeta (iif|oif)/g, '$1')
    .replaceAll(/\bdport (ssh|http|https|domain)\b/g, (_, name: string) => `dport ${PORTS[name] ?? name}`)
    .replaceAll(/\{([^{}]*)\}/g, (_, list: string) => `{ ${elements(list).sort().join(', ')} }`)
    .replace(/[;\s]+$/, '')
    .replaceAll(/\s+/g, ' ')
    .trim();
  return restore(plain);
}

const PORTS: Readonly<Record<string, string>> = { ssh: '22', http: '80', https: '443', domain: '53' };

/** The same rule for the bridge, or for both links where it has an exception; `null`: it is not about the uplink. */
export function nftTwin(rule: string, hooks: readonly string[], move: Move): Twin | null {
  const { uplink, bridge } = move;
  const { text, restore } = withoutTexts(rule.replaceAll(/counter packets \d+ bytes \d+/g, 'counter'));
  const own = (name: string) => namesUplink(name, move);
  const singles = [...text.matchAll(SINGLE)].filter(([, , , , name]) => own(name ?? ''));
  const sets = [...text.matchAll(SET)].filter(([, , , , , , list]) => {
    const names = elements(list ?? '').flatMap(namesOfKey);
    return names.some(own) && !names.some((name) => matchesLink(name, bridge));
  });
  if (singles.length + sets.length === 0) return null;
  const both = [...singles.map(([, , not]) => not), ...sets.map(([, , , , not]) => not)].some((not) => not);
  if (
    both &&
    [...singles.map(([, , , , name]) => name ?? ''), ...sets.map(([found]) => found)].some((each) =>
      each.includes('*'),
    )
  ) {
    return {
      how: 'by-hand',
      reason: `it has an exception by a wildcard, which then takes in what comes by ${bridge}`,
    };
  }
  const forBridge = (element: string) =>
    namesOfKey(element)
      .map((name) => (own(name) ? bridge : name))
      .map((name) => (matchesLink(name, bridge) || /^[a-z][\w-]*$/i.test(name) ? `"${name}"` : name))
      .join(' . ') + element.slice(keyOf(element).length);
  const twin = text
    .replaceAll(
      SET,
      (found, before: string | undefined, key: string, after: string, not, vmap, list: string) => {
        const all = elements(list);
        const concerned = all.filter((element) => namesOfKey(element).some(own));
        if (!sets.some(([one]) => one === found)) return found;
        const added = concerned.map(forBridge);
        const wanted = both ? [...all, ...added] : added;
        const isOne = !both && vmap === undefined && not === undefined && added.length === 1;
        const value = isOne && after === '' && !before ? added[0] : `{ ${wanted.join(', ')} }`;
        return `${before ?? ''}${byName(key)}${after} ${not ?? ''}${vmap ?? ''}${value}`;
      },
    )
    .replaceAll(SINGLE, (found, key: string, not: string | undefined, _quote, name: string) => {
      if (!own(name)) return found;
      const wanted = both ? `{ "${uplink}", "${bridge}" }` : `"${bridge}"`;
      return `${byName(key)} ${not ?? ''}${wanted}`;
    });
  if (both) return { how: 'instead', rule: restore(twin) };
  return { how: 'beside', rule: restore(leaveBridgedAlone(twin, hooks, move)) };
}

/** By name: the index of a link that is made at the boot is not known when the rules are loaded. */
const byName = (key: string) => (key.endsWith('name') ? key : `${key}name`);

/** What passes between the ports of the bridge comes in and goes out by the bridge; what the host routes does not. */
function leaveBridgedAlone(twin: string, hooks: readonly string[], { bridge, seesBridged }: Move): string {
  if (!seesBridged || !hooks.some((hook) => BRIDGED_HOOKS.includes(hook))) return twin;
  const found = [...twin.matchAll(SINGLE)].find(([, , not, , name]) => !not && name === bridge);
  if (found === undefined) return twin;
  const other = found[1] === 'iifname' ? 'oifname' : 'iifname';
  const decided = [...twin.matchAll(SINGLE)].some(([, key, not]) => !not && byName(key ?? '') === other);
  if (decided) return twin;
  const end = found.index + found[0].length;
  return `${twin.slice(0, end)} ${other} != "${bridge}"${twin.slice(end)}`;
}

/** Whether a rule is about the bridge and not about the uplink. */
export function isNftForBridge(rule: string, { uplink, bridge }: Move): boolean {
  const names = nftNames(rule);
  return names.some((name) => matchesLink(name, bridge)) && !names.some((name) => matchesLink(name, uplink));
}
