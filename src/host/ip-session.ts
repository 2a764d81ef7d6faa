import { EXIT, SetupError } from '../errors.js';
import type { Child, Host } from './host.js';

/**
 * Prints one list, of one link that every network namespace has: what was asked before it has been done. Not
 * `link show`: each `address show` that follows on one would leave the addresses out (iproute2 6.1).
 */
const MARK = 'address show dev lo';

const TIME_LIMIT_MS = 5000;

/**
 * Becomes `ip` in the network namespace whose path it is told: to start a process takes Node.js longer than all else of
 * an attach, so one waits. The text is constant, and the shell reads its line byte by byte: the next ones are ip's.
 */
const ENTER_LATER = ['sh', '-c', 'read -r netns && exec nsenter --net="$netns" ip "$@"', 'enter'];

interface Request {
  readonly lines: readonly string[];
  /** Number of its first line in the session, from 1. */
  readonly from: number;
  readonly lists: unknown[][];
  readonly resolve: (lists: unknown[][]) => void;
  readonly reject: (error: SetupError) => void;
  readonly late: NodeJS.Timeout;
}

/**
 * One `ip -batch` that takes lines as they come: starting a process takes longer than all that it is asked for. It ends
 * with the first line that fails, and nothing that was asked after that has been done.
 *
 * ip remembers the index of each name that it has seen (iproute2, lib/ll_map.c): where a link may be another one of the
 * same name by now, the session has to be a new one.
 */
export class IpSession {
  readonly #child: Child;
  readonly #requests: Request[] = [];
  #lines = 0;
  #words: string[] = [];
  #ended = false;
  #hasAnswered = false;

  /** @param ip how `ip` is called, in another network namespace for instance */
  constructor(host: Host, ip: readonly string[] = ['ip']) {
    this.#child = host.spawn([...ip, '-details', '-json', '-batch', '-'], {
      onLine: (line) => this.#hear(line),
    });
    void this.#child.exited.then(() => this.#end());
  }

  /** One that waits until it is told its network namespace; see `enter`. */
  static waiting(host: Host): IpSession {
    return new IpSession(host, ENTER_LATER);
  }

  /** Tell one that waits its network namespace, by a path without white space. Before its first line. */
  enter(netns: string): void {
    this.#child.write(`${netns}\n`);
  }

  /** Whether it takes no lines any more. */
  get ended(): boolean {
    return this.#ended;
  }

  /** Whether it has ever done anything; an `ip` without -json never does. */
  get hasAnswered(): boolean {
    return this.#hasAnswered;
  }

  /** Run lines; the lists that those of them printed that show something. Throws `ip-failed`, with the line. */
  run(lines: readonly string[]): Promise<unknown[][]> {
    return new Promise((resolve, reject) => {
      // The kernel answers at once: an ip that does not is ended, and with it what it was asked for.
      const late = setTimeout(() => this.close(), TIME_LIMIT_MS).unref();
      const request = { lines, from: this.#lines + 1, lists: [], resolve, reject, late };
      this.#requests.push(request);
      if (this.#ended) return this.#end();
      this.#lines += lines.length + 1;
      this.#child.write(`${[...lines, MARK].join('\n')}\n`);
    });
  }

  /** End it. What was asked for and is not done yet fails. */
  close(): void {
    this.#ended = true;
    this.#child.kill();
  }

  #hear(line: string): void {
    const [request] = this.#requests;
    const list = line.startsWith('[') ? parseList(line) : null;
    if (list === null || request === undefined) {
      if (line.trim() !== '') this.#words.push(line.trim());
      return;
    }
    if (!isMark(list)) {
      request.lists.push(list);
      return;
    }
    this.#hasAnswered = true;
    this.#words = [];
    this.#requests.shift();
    clearTimeout(request.late);
    request.resolve(request.lists);
  }

  #end(): void {
    this.#ended = true;
    const said = this.#words.join(' ');
    const number = Number(/Command failed -:(\d+)/.exec(said)?.[1] ?? Number.NaN);
    const reason = said.replace(/\s*Command failed -:\d+\s*/, '').trim() || 'ip ended';
    for (const { lines, from, reject, late } of this.#requests.splice(0)) {
      clearTimeout(late);
      const line = lines[number - from] ?? lines[0];
      reject(new SetupError('ip-failed', `"ip ${line}" failed: ${reason}`, { exitCode: EXIT.rolledBack }));
    }
  }
}

function parseList(line: string): unknown[] | null {
  try {
    const list: unknown = JSON.parse(line);
    return Array.isArray(list) ? list : null;
  } catch {
    return null;
  }
}

function isMark([first, ...others]: readonly unknown[]): boolean {
  return others.length === 0 && (first as { ifname?: unknown } | undefined)?.ifname === 'lo';
}
