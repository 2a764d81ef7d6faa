import { EXIT, SetupError } from '../errors.js';
import type { Channel, Host } from './host.js';
import { type Setting, settingLines } from './settings.js';

/**
 * Prints one list, of one link that every network namespace has: what was asked before it has been done. Not
 * `link show`: each `address show` that follows on one would leave the addresses out (iproute2 6.1).
 */
const MARK = 'address show dev lo';

const TIME_LIMIT_MS = 5000;

/** No command of ip's: a batch has no other word for its end, and a worker's input goes on. */
const LAST = 'end';
/** What makes the shell of a worker become ip (`settings.ts`). */
const BEGIN = 'run';
/** What a worker says (`ip-workers.ts`). */
const STARTED = /^process (\d+)$/;
const OVER = 'ended';

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
 * One `ip -batch` of a worker (`ip-workers.ts`), which takes lines as they come: starting a process takes longer than
 * all that it is asked for. It ends with the first line that fails, and nothing that was asked after that has been done.
 *
 * ip remembers the index of each name that it has seen (iproute2, lib/ll_map.c): where a link may be another one of the
 * same name by now, the session has to be a new one.
 */
export class IpSession {
  readonly #requests: Request[] = [];
  #lines = 0;
  #words: string[] = [];
  #pid: number | null = null;
  #begun = false;
  #ended = false;
  #hasAnswered = false;

  /** @param onFree the worker is free for another session; never called for one that is not fit for it */
  constructor(
    private readonly host: Host,
    private readonly worker: Channel,
    netns: string,
    private readonly onFree: () => void,
  ) {
    worker.listen(
      (line) => this.#hear(line),
      () => this.#end(),
    );
    worker.write(`${netns}\n`);
  }

  /** Whether it takes no lines any more. */
  get ended(): boolean {
    return this.#ended;
  }

  /** Whether it has ever done anything; an `ip` without -json never does. */
  get hasAnswered(): boolean {
    return this.#hasAnswered;
  }

  /** Start `ip`; by itself it starts with the first lines. */
  begin(): void {
    if (this.#begun || this.#ended) return;
    this.#begun = true;
    this.worker.write(`${BEGIN}\n`);
  }

  /** Write settings of the namespace, before the first lines: those find them set. */
  set(settings: readonly Setting[]): void {
    if (this.#begun) throw new Error('settings come before the first lines of a session');
    if (settings.length > 0) this.worker.write(`${settingLines(settings).join('\n')}\n`);
  }

  /** Run lines; the lists that those of them printed that show something. Throws `ip-failed`, with the line. */
  run(lines: readonly string[]): Promise<unknown[][]> {
    return new Promise((resolve, reject) => {
      // The kernel answers at once: an ip that does not is ended, and with it what it was asked for.
      const late = setTimeout(() => this.close(), TIME_LIMIT_MS).unref();
      const request = { lines, from: this.#lines + 1, lists: [], resolve, reject, late };
      this.#requests.push(request);
      if (this.#ended) return this.#fail();
      this.begin();
      this.#lines += lines.length + 1;
      this.worker.write(`${[...lines, MARK].join('\n')}\n`);
    });
  }

  /** End it. What was asked for and is not done yet fails. */
  close(): void {
    if (this.#ended) return;
    this.#ended = true;
    if (this.#requests.length === 0) this.worker.write(`${LAST}\n`);
    else this.#kill();
  }

  /** It would still do what it was asked for. */
  #kill(): void {
    if (this.#pid !== null) this.host.signal(this.#pid, 'SIGTERM');
    this.worker.close();
    this.#fail();
  }

  #hear(line: string): void {
    const [request] = this.#requests;
    const started = STARTED.exec(line);
    if (started !== null) {
      this.#pid = Number(started[1]);
      return;
    }
    if (line === OVER) {
      this.#over();
      return;
    }
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

  /** `ip` is no more. What a worker that ended by itself has been told since then would be taken for something else. */
  #over(): void {
    if (this.#ended) this.onFree();
    else this.worker.close();
    this.#end();
  }

  #end(): void {
    this.#ended = true;
    this.#fail();
  }

  #fail(): void {
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

/** An address that was asked for may be one of the loopback's, too: then it shows that one alone. */
function isMark([first, ...others]: readonly unknown[]): boolean {
  const { ifname, addr_info } = (first ?? {}) as { ifname?: unknown; addr_info?: { local?: unknown }[] };
  if (others.length > 0 || ifname !== 'lo') return false;
  return !addr_info?.length || addr_info.some(({ local }) => local === '127.0.0.1');
}
