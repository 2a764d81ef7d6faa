import type { Channel, Host } from './host.js';
import { IpSession } from './ip-session.js';
import { WRITE_SETTINGS } from './settings.js';

/** A shell knows descriptors of one digit: 3 to 9 (POSIX, Shell Command Language, 2.7). */
const WORKERS = 7;

/**
 * Each worker becomes `ip` in the network namespace whose path it is told, for one session after the other. It tells
 * the process, and when that has ended. In the namespace a shell writes settings until it is told to become ip: of
 * those of an interface, `ip` can set but a few. The texts are constant; a shell reads its line byte by byte, so that
 * the next ones are ip's. What runs in the background has no standard input of its own, so it is given another name of
 * the worker's.
 */
const SCRIPT = `settings=$1
shift
for fd in 3 4 5 6 7 8 9; do
  (
    exec <&$fd >&$fd 2>&1 3>&- 4>&- 5>&- 6>&- 7>&- 8>&- 9>&-
    exec 3<&0
    while read -r netns; do
      nsenter --net="$netns" sh -c "$settings" settings ip "$@" <&3 3<&- &
      echo "process $!"
      wait "$!"
      echo ended
    done
  ) &
done
exec 3>&- 4>&- 5>&- 6>&- 7>&- 8>&- 9>&-
wait`;
const CREW = ['sh', '-c', SCRIPT, 'workers', WRITE_SETTINGS, '-details', '-json', '-batch', '-'];

/** The network namespace of whoever opens it. */
const OWN_NETNS = '/proc/self/ns/net';

/**
 * Shells that start `ip` sessions. For Node.js it takes longer to start a process than all else of an attach does, and
 * the longer the more memory it has: fork(2) copies its page tables. A shell is small, and one start makes seven.
 */
export class IpWorkers {
  #free: Channel[] = [];
  #closed = false;

  constructor(private readonly host: Host) {}

  /** Have workers ready. */
  warm(): void {
    if (this.#free.length === 0) this.#hire();
  }

  /** A session in a network namespace, by a path without white space; default: in this one, where no settings are. */
  session(netns?: string): IpSession {
    this.warm();
    const worker = this.#free.pop();
    if (worker === undefined) throw new Error('no shell was started');
    const session = new IpSession(this.host, worker, netns ?? OWN_NETNS, () => this.#takeBack(worker));
    // `ip` takes longer to start than to do what it is asked for.
    if (netns === undefined) session.begin();
    return session;
  }

  /** Let go of those that a burst has needed. Sessions go on. */
  trim(): void {
    for (const worker of this.#free.splice(WORKERS)) worker.close();
  }

  /** Let go of all, of those with a session when it has ended. */
  close(): void {
    this.#closed = true;
    for (const worker of this.#free.splice(0)) worker.close();
  }

  #hire(): void {
    const crew = this.host.spawn(CREW, { channels: WORKERS });
    for (const worker of crew.channels) this.#takeBack(worker);
  }

  #takeBack(worker: Channel): void {
    if (this.#closed) {
      worker.close();
      return;
    }
    worker.listen(
      () => {},
      () => {
        this.#free = this.#free.filter((other) => other !== worker);
      },
    );
    this.#free.push(worker);
  }
}
