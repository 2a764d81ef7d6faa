import { type Asker, BACK, type ChoiceQuestion, Stopped, type TextQuestion } from '../../../src/ui/asker.js';

/** What somebody says to a question: a value; `null`: Enter alone; `<`: back; `^C`. */
type Saying = string | null;

/** Somebody who says what stands in a list, by a word of each question; what is not in it is answered by Enter. */
export function scripted(sayings: readonly (readonly [string, Saying])[]) {
  const left = [...sayings];
  /** The questions that were put, with what was offered. */
  const asked: { readonly message: string; readonly offered: string; readonly choices: readonly string[] }[] =
    [];
  const next = (message: string): Saying => {
    const [first] = left;
    if (first === undefined || !message.includes(first[0])) return null;
    left.shift();
    if (first[1] === '^C') throw new Stopped();
    return first[1];
  };
  const asker: Asker = {
    async choose<T extends string>({ message, choices, offered, canGoBack }: ChoiceQuestion<T>) {
      asked.push({ message, offered, choices: choices.map(({ name }) => name) });
      const said = next(message);
      if (said === '<' && canGoBack) return BACK;
      const found = choices.find(({ value }) => value === (said ?? offered));
      if (found === undefined) throw new Error(`${message}: there is no ${said ?? offered}`);
      return found.value;
    },
    async text({ message, offered, problem, canGoBack }: TextQuestion) {
      asked.push({ message, offered, choices: [] });
      const said = next(message);
      if (said === '<' && canGoBack) return BACK;
      const why = problem(said ?? offered);
      if (why !== null) throw new Error(`${message}: ${why}`);
      return said ?? offered;
    },
    enter: async () => true,
  };
  return { asker, asked, left };
}
