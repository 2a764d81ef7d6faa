import { type Action, allOf, type Chain, type Place, type Seen, type Table, type Truth } from './model.js';

/** A way that a frame may take through a chain. */
export interface Outcome {
  readonly end: 'accept' | 'drop' | 'return' | 'unknown';
  readonly at: Place;
  /** The first rule on this way of which it is not known whether it matches; `null`: the frame takes this way for certain. */
  readonly unsure: Place | null;
}

const MAX_DEPTH = 64;

/** All ways that a frame may take through a chain that the kernel calls, each once it is decided. */
export function walk(table: Table, base: Chain, seen: Seen): Outcome[] {
  const place = (chain: string, rule: string | null): Place => ({
    program: table.program,
    table: table.program === 'nft' ? `${table.family} ${table.name}` : table.name,
    ...{ chain, rule, base: base.name },
  });
  const known = new Map<string, Outcome[]>();

  /** What becomes of a frame that does this; the ones that `return` go on behind the rule. */
  function follow(action: Action, at: Place, depth: number): Outcome[] {
    switch (action.kind) {
      case 'accept':
      case 'drop':
      case 'unknown':
        return [{ end: action.kind, at, unsure: null }];
      case 'none':
      case 'return':
        return [{ end: 'return', at, unsure: null }];
      case 'jump':
      case 'goto':
        return through(action.chain, depth + 1);
      case 'map': {
        const found: Outcome[] = [];
        for (const { test, action: value } of action.entries) {
          const truth = test(seen);
          if (truth === false) continue;
          const unsure = truth === null ? at : null;
          found.push(...follow(value, at, depth).map((each) => ({ ...each, unsure: each.unsure ?? unsure })));
          if (truth === true) return found;
        }
        return [...found, { end: 'return', at, unsure: null }];
      }
    }
  }

  function through(name: string, depth: number): Outcome[] {
    const chain = table.chains.get(name);
    const before = known.get(name);
    if (before !== undefined) return before;
    if (chain === undefined || depth > MAX_DEPTH)
      return [{ end: 'unknown', at: place(name, null), unsure: null }];
    const found: Outcome[] = [];
    const finish = () => {
      known.set(name, found);
      return found;
    };
    // The first rule that may or may not have matched: all that comes behind it is taken only perhaps.
    let passed: Place | null = null;
    for (const rule of chain.rules) {
      const truth = allOf(rule.tests)(seen);
      if (truth === false) continue;
      const at = place(name, rule.text);
      const doubt = truth === null ? at : null;
      const outcomes = follow(rule.action, at, depth).map((each) => ({
        ...each,
        unsure: passed ?? doubt ?? each.unsure,
      }));
      const ends = outcomes.filter(({ end }) => end !== 'return');
      found.push(...ends);
      const back = outcomes.find(({ end }) => end === 'return');
      // A chain that is gone to, and not called, comes back to where its caller was called from.
      const leaves = leavesChain(rule.action, seen);
      if (leaves !== false && back !== undefined) found.push({ end: 'return', at, unsure: passed ?? doubt });
      if (truth === true && (leaves === true || back === undefined)) return finish();
      if (ends.length > 0 || leaves !== false) {
        passed ??= doubt ?? outcomes.find(({ unsure }) => unsure !== null)?.unsure ?? at;
      }
    }
    found.push({ end: chain.end, at: place(name, null), unsure: passed });
    return finish();
  }

  return through(base.name, 0).map((outcome) =>
    outcome.end === 'return'
      ? { ...outcome, end: base.base?.policy ?? 'accept', at: place(base.name, null) }
      : outcome,
  );
}

/** Whether what does not end in an action ends the chain, too. */
function leavesChain(action: Action, seen: Seen): Truth {
  if (action.kind !== 'map') return action.kind === 'return' || action.kind === 'goto';
  let sure = true;
  for (const { test, action: value } of action.entries) {
    const truth = test(seen);
    if (truth === false) continue;
    const leaves = leavesChain(value, seen);
    if (truth === true) return sure ? leaves : null;
    if (leaves !== false) sure = false;
  }
  return sure ? false : null;
}
