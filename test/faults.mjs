// Preloaded into bridge-setup by tests (NODE_OPTIONS=--import=…): something happens at its nth write. FAULT is
// {"kind", "at", "mark"}:
//   kill    kill -9 of the tool right before its nth write to the journal. An intent is written before each effect
//           and a line after it, so this is before and after every effect
//   stall   the tool stands still there
//   ENOSPC, EIO   the nth write of any file fails, with half of it written
//   hup     the terminal is lost there
//   clock   from there on the clock is `jumpMs` off
//   fill    the disk below the folder `fill` fills up there, and stays full
//   kill-later  kill -9 after `ms`, whatever it is doing
// Where it happens, the file `mark` says so. `noProof`: the run ends when it has committed; its proofs take longer than
// all the rest, and are not what is tried.
import { Buffer } from 'node:buffer';
import { appendFileSync, writeFileSync } from 'node:fs';
import fs from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';

const { kind, at, mark, jumpMs, fill, ms, noProof } = JSON.parse(process.env.FAULT);
// Not for its children: the watchdog lives on.
delete process.env.NODE_OPTIONS;
delete process.env.FAULT;

const { open, writeFile } = fs;
const now = Date.now;
let writes = 0;

const journalFaults = {
  kill: () => process.kill(process.pid, 'SIGKILL'),
  stall: () => {
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
  },
  hup: () => process.kill(process.pid, 'SIGHUP'),
  fill: () => {
    // Both small and large gaps.
    for (const size of [1 << 16, 1 << 10, 1]) fillUp(Buffer.alloc(size));
  },
  clock: () => {
    Date.now = () => now() + jumpMs;
  },
};

function fillUp(block) {
  try {
    for (;;) appendFileSync(`${fill}/filler`, block);
  } catch (error) {
    if (error.code !== 'ENOSPC') throw error;
  }
}

const noteHit = () => writeFileSync(mark, '');
if (kind === 'none') noteHit();
if (kind === 'kill-later') {
  setTimeout(() => {
    noteHit();
    process.kill(process.pid, 'SIGKILL');
  }, ms).unref();
}

/** What follows the end in the journal is done in a few milliseconds. */
const END_MS = 200;
function endAfterCommit(handle) {
  const own = handle.appendFile.bind(handle);
  handle.appendFile = async (content) => {
    await own(content);
    if (String(content).includes('"committed"')) setTimeout(() => process.exit(0), END_MS);
  };
  return handle;
}

const broken = (path) =>
  Object.assign(new Error(`${kind}: as the test wants it, write '${path}'`), { code: kind });

/** The handle of a file whose writes fail half way. */
function breakHandle(handle, path) {
  for (const method of ['writeFile', 'appendFile']) {
    const own = handle[method].bind(handle);
    handle[method] = async (content) => {
      await own(Buffer.from(content).subarray(0, Math.floor(Buffer.byteLength(content) / 2)));
      throw broken(path);
    };
  }
  return handle;
}

fs.open = async (path, flags, ...rest) => {
  const isWrite = typeof flags === 'string' && /[wa]/.test(flags);
  const counts =
    kind in journalFaults || kind === 'none' || kind === 'kill-later'
      ? String(path).endsWith('/journal.jsonl')
      : isWrite;
  const hit = at !== undefined && counts && ++writes === at;
  if (hit) noteHit();
  if (hit && kind in journalFaults) journalFaults[kind]();
  const handle = await open(path, flags, ...rest);
  if (hit && !(kind in journalFaults)) return breakHandle(handle, path);
  return noProof && String(path).endsWith('/journal.jsonl') ? endAfterCommit(handle) : handle;
};
fs.writeFile = async (path, ...rest) => {
  if (at !== undefined && !(kind in journalFaults) && ++writes === at) {
    noteHit();
    throw broken(path);
  }
  return writeFile(path, ...rest);
};
syncBuiltinESMExports();
