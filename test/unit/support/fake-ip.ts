import type { Child, SpawnOptions } from '../../../src/host/host.js';
import type { FakeHost } from './fake-host.js';

/** What a line of a session prints; an error ends the session, as ip does. */
export type FakeIp = (line: string, argv: readonly string[]) => unknown[] | null | Error;

const MARK = 'address show dev lo';

/** Let `ip -batch` sessions of the host answer by a script, and record their lines. */
export function answerSessions(host: FakeHost, ip: FakeIp): { readonly lines: string[]; alive: number } {
  const seen = { lines: [] as string[], alive: 0 };
  host.spawn = (argv: readonly string[], options: SpawnOptions = {}): Child => {
    let end: () => void = () => {};
    let number = 0;
    let ended = false;
    const exited = new Promise<{ exitCode: number | null; signal: string | null }>((resolve) => {
      end = () => {
        if (!ended) seen.alive -= 1;
        ended = true;
        resolve({ exitCode: 1, signal: null });
      };
    });
    seen.alive += 1;
    // The first line of one that waits is its network namespace's.
    let waits = argv[0] === 'sh';
    const perform = (line: string) => {
      if (waits) {
        waits = false;
        return;
      }
      number += 1;
      if (ended) return;
      if (line === MARK) return options.onLine?.('[{"ifindex":1,"ifname":"lo","mtu":65536}]');
      seen.lines.push(line);
      const answer = ip(line, argv);
      if (answer instanceof Error) {
        options.onLine?.(answer.message);
        options.onLine?.(`Command failed -:${number}`);
        end();
      } else if (answer !== null) options.onLine?.(JSON.stringify(answer));
    };
    const write = (text: string) => {
      setImmediate(() => text.trimEnd().split('\n').forEach(perform));
    };
    return { pid: 7000, exited, write, kill: end };
  };
  return seen;
}
