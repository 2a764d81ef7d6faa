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
//   die     kill -9 at that call instead
// `watchdogOfOneKilledAt`: the tool is killed at this write to its journal, and its watchdog, which then goes on with the
// work, is what the fault happens to; its calls count from then on.
//   none    nothing; the file `counts` says how many of each of these a run has
// Where it happens, the file `mark` says so. `noProof`: the run ends when it has committed; its proofs take longer than
// all the rest, and are not what is tried.
import { Buffer } from 'node:buffer';
import childProcess from 'node:child_process';
import syncFs, { appendFileSync, existsSync, writeFileSync } from 'node:fs';
import fs from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';
import { fileURLToPath } from 'node:url';

const asked = JSON.parse(process.env.FAULT);
const { watchdogOfOneKilledAt: killAt } = asked;
const isWatchdog = process.argv.includes('watch');
const killed = `${asked.mark}-kill`;
const { kind, at, mark, jumpMs, fill, ms, noProof, door } =
  killAt === undefined || isWatchdog ? asked : { ...asked, kind: 'kill', at: killAt, mark: killed };
if (killAt === undefined || isWatchdog) {
  // Not for its children: the watchdog lives on.
  delete process.env.NODE_OPTIONS;
  delete process.env.FAULT;
}
const WRITE_FAULTS = ['ENOSPC', 'EIO'];
/** Whether it happens at a call of the host door, not at a write. */
const atCall = kind === 'throw' || kind === 'die';

const { open, writeFile } = fs;
const now = Date.now;
/** Moments at which something could have happened so far. */
const counted = { journal: 0, writes: 0, process: 0, files: 0 };
if (asked.counts !== undefined) {
  process.on('exit', () => writeFileSync(asked.counts, JSON.stringify(counted)));
}

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
  const isJournal = String(path).endsWith('/journal.jsonl');
  if (isJournal) {
    counted.journal += 1;
    if (kind in journalFaults && counted.journal === at) {
      noteHit();
      journalFaults[kind]();
    }
  }
  const isBroken = typeof flags === 'string' && /[wa]/.test(flags) && isBrokenWrite();
  const handle = await open(path, flags, ...rest);
  if (isBroken) return breakHandle(handle, path);
  return noProof && isJournal ? endAfterCommit(handle) : handle;
};
/** Whether this write of a file is the one that fails. */
function isBrokenWrite() {
  counted.writes += 1;
  if (!WRITE_FAULTS.includes(kind) || counted.writes !== at) return false;
  noteHit();
  return true;
}
fs.writeFile = async (path, ...rest) => {
  if (isBrokenWrite()) throw broken(path);
  return writeFile(path, ...rest);
};
/** This program's own files are not the host's. */
const OWN = fileURLToPath(new URL('..', import.meta.url));
const isHosts = (path) => typeof path === 'string' && path.startsWith('/') && !path.startsWith(OWN);

/** Make the nth call of these functions of a door throw, or the last one. */
function failOnce(
  its,
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
      if (!counts(args[0]) || (killAt !== undefined && !existsSync(killed))) return own.call(module, ...args);
      counted[its] += 1;
      if (atCall && its === door && counted[its] === at) {
        appendFileSync(mark, `${name} ${JSON.stringify(args.slice(0, 2))}\n`);
        if (kind === 'die') process.kill(process.pid, 'SIGKILL');
        const error = new Error(`EAGAIN: as the test wants it, ${name} '${args[0]}'`);
        return fail(Object.assign(error, { code: 'EAGAIN' }));
      }
      return own.call(module, ...args);
    };
  }
}

if (atCall || asked.counts !== undefined) {
  failOnce('process', childProcess, ['spawn'], () => true);
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
  const rejected = (error) => Promise.reject(error);
  failOnce('files', fs, [...promised, 'rename', 'rm', 'stat', 'statfs', 'writeFile'], isHosts, rejected);
  // What is read without waiting (`IN_MEMORY` in src/host/files.ts).
  const atOnce = ['readFileSync', 'readdirSync', 'readlinkSync', 'statSync', 'openSync'];
  failOnce('files', syncFs, atOnce, (path) => /^\/(proc|sys|run)\//.test(String(path)));
}
syncBuiltinESMExports();
