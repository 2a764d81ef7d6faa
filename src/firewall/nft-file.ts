import type { FirewallRule } from '../model/firewall.js';
import { type Move, namesUplink } from './names.js';
import { nftTwin, normalNft } from './nft-rule.js';

/**
 * A file that `nft -f` reads, with the same rules for the bridge. A rule is found where it is a line of its own; what is
 * made of variables is not.
 */
export function followNftFile(
  content: string,
  rules: readonly FirewallRule[],
  move: Move,
): { readonly content: string; readonly covers: readonly FirewallRule[] } {
  const covers = new Set<FirewallRule>();
  const lines = content.split('\n');
  const there = new Set(lines.map(normalNft));
  let set: string | null = null;
  const followed = lines.flatMap((line) => {
    const begun = /^\s*(set|map|chain) (\S+) \{/.exec(line);
    if (begun !== null) set = begun[1] === 'chain' ? null : (begun[2] ?? null);
    const concerned = rules.filter((rule) =>
      rule.kind === 'nft'
        ? normalNft(rule.rule) === normalNft(line)
        : rule.kind === 'nft-element' && rule.set === set,
    );
    const [first] = concerned;
    if (first === undefined) return [line];
    if (first.kind === 'nft-element') {
      const added = withElements(line, move);
      if (added !== null) for (const rule of concerned) covers.add(rule);
      return [added ?? line];
    }
    for (const rule of concerned) covers.add(rule);
    const twin = first.kind === 'nft' ? nftTwin(line, first.hooks, move) : null;
    if (twin === null || twin.how === 'by-hand' || there.has(normalNft(twin.rule))) return [line];
    return twin.how === 'instead' ? [twin.rule] : [line, twin.rule];
  });
  return { content: followed.join('\n'), covers: [...covers] };
}

/** A line of a named set with the bridge's element next to the uplink's; `null`: it has none. */
function withElements(line: string, move: Move): string | null {
  if (!/elements|^\s*"?[\w.:@+*-]+"?\s*(:|,|\}|$)/.test(line)) return null;
  const has = new RegExp(`(^|[\\s{,])"?${move.bridge.replaceAll('.', '\\.')}"?(?=[\\s,:}]|$)`).test(line);
  let found = false;
  const text = line.replaceAll(
    /(?<=[{,]\s*|^\s*)("?)([\w.@+*-]+)\1(\s*:\s*[^,}]*[^,}\s])?(?=\s*(?:[,}]|$))/g,
    (element, _quote, name: string, value: string | undefined) => {
      if (!namesUplink(name, move)) return element;
      found = true;
      return has ? element : `${element}, "${move.bridge}"${value ?? ''}`;
    },
  );
  return found ? text : null;
}
