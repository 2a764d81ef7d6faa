import type { Channel, Child, SpawnOptions } from '../../../src/host/host.js';
import type { FakeHost } from './fake-host.js';

/** What a line of a session prints, in its network namespace; an error ends the session, as ip does. */
export type FakeIp = (line: string, netns: string) => unknown[] | null | Error;

const MARK = 'address show dev lo';
const LOOPBACK = '[{"ifindex":1,"ifname":"lo","mtu":65536,"addr_info":[{"local":"127.0.0.1"}]}]';

/** What was seen of the sessions. */
export interface SeenSessions {
  readonly lines: string[];
  /** What was set before the first line of a session, as `KEY VALUE`. */
  readonly settings: string[];
  /** Sessions that run. */
  alive: number;
  /** Workers that are there. */
  open: number;
}

/** Let the workers of the host, and the `ip -batch` sessions in them, answer by a script, and record their lines. */
export function answerSessions(host: FakeHost, ip: FakeIp): SeenSessions {
  const seen: SeenSessions = { lines: [], settings: [], alive: 0, open: 0 };
  host.spawn = (_argv: readonly string[], { channels = 0 }: SpawnOptions = {}): Child => ({
    pid: 7000,
    exited: new Promise(() => {}),
    write: () => {},
    channels: Array.from({ length: channels }, (_, index) => worker(host, ip, seen, 7001 + index)),
    kill: () => {},
  });
  return seen;
}

/** One worker, as the shell of `ip-workers.ts` is. */
function worker(host: FakeHost, ip: FakeIp, seen: SeenSessions, pid: number): Channel {
  let [onLine, onEnd]: Parameters<Channel['listen']> = [() => {}, () => {}];
  let netns: string | null = null;
  let number = 0;
  let begun = false;
  let closed = false;
  seen.open += 1;
  const end = () => {
    if (netns === null) return;
    netns = null;
    seen.alive -= 1;
    onLine('ended');
  };
  const perform = (line: string) => {
    if (netns === null) {
      netns = line;
      number = 0;
      begun = false;
      seen.alive += 1;
      return onLine(`process ${pid}`);
    }
    if (!begun && line !== 'end') {
      begun = line === 'run';
      if (!begun) seen.settings.push(line);
      return;
    }
    number += 1;
    if (line === MARK) return onLine(LOOPBACK);
    const isLast = line === 'end';
    if (!isLast) seen.lines.push(line);
    const answer = isLast ? new Error('Object "end" is unknown, try "ip help".') : ip(line, netns);
    if (answer instanceof Error) {
      onLine(answer.message);
      onLine(`Command failed -:${number}`);
      end();
    } else if (answer !== null) onLine(JSON.stringify(answer));
  };
  const onSignal = host.onSignal;
  host.onSignal = (to, signal) => {
    onSignal(to, signal);
    if (to === pid) end();
  };
  return {
    listen: (...listener) => {
      [onLine, onEnd] = listener;
    },
    write: (text) => {
      setImmediate(() => {
        // What stood behind the line that failed was read by ip.
        for (const line of text.trimEnd().split('\n')) {
          const was = netns;
          if (!closed) perform(line);
          if (was !== null && netns === null) return;
        }
      });
    },
    close: () => {
      if (closed) return;
      closed = true;
      seen.open -= 1;
      end();
      setImmediate(() => onEnd());
    },
  };
}
