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
//   throw   the nth call of the host door throws, once: of `door` "process" the start of a process, of "files" whatever
//           reads or changes a file of the host
// Where it happens, the file `mark` says so. `noProof`: the run ends when it has committed; its proofs take longer than
// all the rest, and are not what is tried.
import { Buffer } from 'node:buffer';
import childProcess from 'node:child_process';
import syncFs, { appendFileSync, writeFileSync } from 'node:fs';
import fs from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';
import { fileURLToPath } from 'node:url';

const { kind, at, mark, jumpMs, fill, ms, noProof, door } = JSON.parse(process.env.FAULT);
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
    kind in journalFaults || ['none', 'kill-later', 'throw'].includes(kind)
      ? String(path).endsWith('/journal.jsonl')
      : isWrite;
  const hit = kind !== 'throw' && at !== undefined && counts && ++writes === at;
  if (hit) noteHit();
  if (hit && kind in journalFaults) journalFaults[kind]();
  const handle = await open(path, flags, ...rest);
  if (hit && !(kind in journalFaults)) return breakHandle(handle, path);
  return noProof && String(path).endsWith('/journal.jsonl') ? endAfterCommit(handle) : handle;
};
fs.writeFile = async (path, ...rest) => {
  if (kind !== 'throw' && at !== undefined && !(kind in journalFaults) && ++writes === at) {
    noteHit();
    throw broken(path);
  }
  return writeFile(path, ...rest);
};
/** This program's own files are not the host's. */
const OWN = fileURLToPath(new URL('..', import.meta.url));
let calls = 0;

/** Make the nth call of these functions throw. */
function throwOnce(
  module,
  names,
  counts,
  fail = (error) => {
    throw error;
  },
) {
  for (const name of names) {
    const own = module[name];
    module[name] = (...args) => {
      if (counts(args[0]) && ++calls === at) {
        appendFileSync(mark, `${name} ${JSON.stringify(args.slice(0, 2))}\n`);
        const error = new Error(`EAGAIN: as the test wants it, ${name} '${args[0]}'`);
        return fail(Object.assign(error, { code: 'EAGAIN' }));
      }
      return own.call(module, ...args);
    };
  }
}

if (kind === 'throw') {
  const isHosts = (path) => typeof path === 'string' && path.startsWith('/') && !path.startsWith(OWN);
  if (door === 'process') throwOnce(childProcess, ['spawn'], () => true);
  else {
    const promised = [
      'access',
      'link',
      'lstat',
      'mkdir',
      'open',
      'readFile',
      'readdir',
      'readlink',
      'realpath',
    ];
    throwOnce(fs, [...promised, 'rename', 'rm', 'stat', 'statfs', 'writeFile'], isHosts, (error) =>
      Promise.reject(error),
    );
    // What is read without waiting (`IN_MEMORY` in src/host/files.ts).
    throwOnce(syncFs, ['readFileSync', 'readdirSync', 'readlinkSync', 'statSync', 'openSync'], (path) =>
      /^\/(proc|sys|run)\//.test(String(path)),
    );
  }
}
syncBuiltinESMExports();
