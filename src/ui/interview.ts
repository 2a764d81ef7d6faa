import { type Asker, BACK, type Back } from './asker.js';

/** One question, given what was said before. */
export interface Topic<S> {
  /** Whether there is anything to ask. */
  readonly applies: (state: S) => boolean;
  readonly ask: (asker: Asker, state: S, canGoBack: boolean) => Promise<S | Back>;
}

/**
 * Ask one question after another; "back" returns to the one that was really asked before, with what was said then as
 * the offer.
 * @param canLeave whether "back" at the first question is an answer, too
 */
export async function interview<S>(
  topics: readonly Topic<S>[],
  asker: Asker,
  start: S,
  canLeave: boolean,
): Promise<S | Back> {
  const asked: number[] = [];
  let state = start;
  let index = 0;
  while (index < topics.length) {
    const topic = topics[index];
    if (topic === undefined || !topic.applies(state)) {
      index += 1;
      continue;
    }
    const answer = await topic.ask(asker, state, canLeave || asked.length > 0);
    if (answer !== BACK) {
      state = answer;
      asked.push(index);
      index += 1;
      continue;
    }
    const before = asked.pop();
    if (before === undefined) return BACK;
    index = before;
  }
  return state;
}
