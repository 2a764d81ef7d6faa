import type { RunningCopy } from '../../src/rehearse/copy.js';
import { eventually, PROJECT } from './support.js';

const BEAT = `${PROJECT}/bench/cutover-beat.js`;
/** An echo not older than this: the connection is alive. */
const ALIVE_MS = 400;
/** TCP tries again at intervals that double, so after an outage it may take as long again. */
const BACK_WITHIN_MS = 60_000;

/** What became of a connection. */
export interface TcpSeen {
  /** Why it ended; `null`: it lives. */
  readonly ended: string | null;
  /** The longest time without an echo, in ms. */
  readonly longestStallMs: number;
}

/** One TCP connection from the LAN to the host, with a byte every 5 ms, echoed. */
export interface TcpWatch {
  /** Wait until it is alive, and end it: what it has seen since that time (ms since the epoch). */
  stop(since: number): Promise<TcpSeen>;
}

/** Start what answers on the host, for all connections to come. */
export function startEcho(copy: RunningCopy): Promise<void> {
  return new Promise((resolve) => {
    copy.sandbox.spawn([process.execPath, BEAT, 'echo'], { onLine: () => resolve() });
  });
}

/** Connect, and wait until the first echoes are back. */
export async function watchTcp(copy: RunningCopy, address: string): Promise<TcpWatch> {
  let said: { ended: string | null; silentMs?: number; arrivals?: number[] } = { ended: null };
  const child = copy.sandbox.spawn([process.execPath, BEAT, 'beat', address], {
    network: { namespace: 'lan' },
    onLine: (line) => {
      if (line.startsWith('{')) said = JSON.parse(line);
    },
  });
  const isAlive = async () => said.ended === null && (said.silentMs ?? ALIVE_MS) < ALIVE_MS;
  await eventually(`${address} answers by TCP`, isAlive);
  return {
    stop: async (since) => {
      await eventually(
        () => `the connection is alive, or has ended: ${JSON.stringify(said)}`,
        async () => said.ended !== null || isAlive(),
        BACK_WITHIN_MS,
      );
      child.kill('SIGTERM');
      await child.exited;
      const times = [since, ...(said.arrivals ?? []).filter((time) => time > since)];
      const gaps = times.slice(1).map((time, index) => time - (times[index] ?? time));
      return { ended: said.ended, longestStallMs: Math.max(...gaps) };
    },
  };
}
