import { fileURLToPath } from 'node:url';

const BEAT = fileURLToPath(new URL('./cutover-beat.js', import.meta.url));
const LAN = { namespace: 'lan' };
/** An answer that took longer would be lost for most who wait for it. */
const LOST_AFTER_MS = 500;
/** How long after the change the network may take to be back. */
const BACK_WITHIN_MS = 15_000;
/** An answer not older than this at the end: it is back. */
const ALIVE_MS = 400;
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** Start the echo server on the copy, for all heartbeats to come. */
export async function startEcho(copy) {
  await new Promise((resolve) => {
    copy.sandbox.spawn([process.execPath, BEAT, 'echo'], { onLine: resolve });
  });
}

/**
 * Do something, and look on from the LAN meanwhile, and afterwards until everything is back.
 * @param targets IPv4 and IPv6 address of the host
 */
export async function observe(copy, targets, work) {
  const pings = { v4: startPing(copy, targets.v4, 'v4'), v6: startPing(copy, targets.v6, 'v6') };
  const tcp = startBeat(copy, targets.v4);
  await sleep(500);
  const from = Date.now();
  const outcome = await work();
  const workMs = Date.now() - from;
  await allBack(copy, targets, tcp);
  await sleep(600);
  const [v4, v6, beat] = await Promise.all([pings.v4.stop(from), pings.v6.stop(from), tcp.stop(from)]);
  return { ...outcome, workMs, totalMs: Date.now() - from, v4, v6, tcp: beat };
}

async function allBack(copy, { v4, v6 }, tcp) {
  const deadline = Date.now() + BACK_WITHIN_MS;
  const isBack = async () =>
    (await copy.lan.ping(v4, 1)) > 0 && (await copy.lan.ping(v6, 1)) > 0 && tcp.isSettled();
  while (!(await isBack()) && Date.now() < deadline) await sleep(100);
}

/**
 * fping(8), since ping(8) takes a whole core at 1 ms, and sends every 10 ms only while nothing answers. It writes
 * into a file in memory, which is read when all is over: whoever reads cannot delay it.
 */
function startPing(copy, address, name) {
  const file = `/tmp/ping.${name}`;
  const ping = 'exec nice -n -10 fping -l -D -i 1 -p 1 -t "$3" "$1" >"$2" 2>&1';
  const child = copy.sandbox.spawn(['sh', '-c', ping, 'ping', address, file, String(LOST_AFTER_MS)], {
    network: LAN,
  });
  return {
    stop: async (from) => {
      const stoppedAt = Date.now();
      child.kill('SIGINT');
      await child.exited;
      return { address, ...pingFigures((await copy.sandbox.read(file)) ?? '', from, stoppedAt) };
    },
  };
}

/** `[1700000000.12345] 192.168.1.10 : [17], 64 bytes, 0.05 ms (…)`, or `[17], timed out (…)`. */
const PING = /^\[(\d+\.\d+)\] \S+ : \[\d+\], (?:(\d+ bytes)|timed out)/gm;

/**
 * Pings sent and lost since the first answer, and the longest silence. Those still on their way at the end have no
 * line, and count as neither.
 */
function pingFigures(text, from, stoppedAt) {
  const times = [];
  let lost = 0;
  for (const [, at, answer] of text.matchAll(PING)) {
    if (answer) times.push(Number(at) * 1000);
    else if (times.length > 0) lost += 1;
  }
  return {
    sent: times.length + lost,
    lost: times.length === 0 ? null : lost,
    ...silence(times, from, stoppedAt),
  };
}

/** The longest time without an answer, and when it began, counted from `from`; the time to the end is one too. */
function silence(times, from, stoppedAt) {
  if (times.length === 0) return { silenceMs: null, silenceAtMs: null, back: false };
  const edges = [...times.slice(1), Math.max(stoppedAt, times.at(-1))];
  const gaps = edges.map((time, index) => time - times[index]);
  const longest = gaps.indexOf(Math.max(...gaps));
  return {
    silenceMs: Math.round(gaps[longest]),
    silenceAtMs: Math.round(times[longest] - from),
    back: stoppedAt - times.at(-1) < ALIVE_MS,
  };
}

function startBeat(copy, address) {
  let said = { ended: null, silentMs: Number.POSITIVE_INFINITY };
  const argv = ['nice', '-n', '-10', process.execPath, BEAT, 'beat', address];
  const child = copy.sandbox.spawn(argv, {
    network: LAN,
    onLine: (line) => {
      if (line.startsWith('{')) said = JSON.parse(line);
    },
  });
  return {
    isSettled: () => said.ended !== null || said.silentMs < ALIVE_MS,
    stop: async (from) => {
      child.kill('SIGTERM');
      await child.exited;
      const { ended, arrivals = [], stoppedAt = from } = said;
      const { silenceMs, silenceAtMs, back } = silence(arrivals, from, stoppedAt);
      const state = ended ?? (back ? 'alive' : 'stalled');
      return { echoes: arrivals.length, stallMs: silenceMs, stallAtMs: silenceAtMs, state };
    },
  };
}
