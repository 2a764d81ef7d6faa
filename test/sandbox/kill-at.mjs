// Preloaded into bridge-setup by a test: kills it with -9 right before its nth write to the journal. An intent is
// written before each effect and a line after it, so this is before and after every effect.
import fs from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';

const at = Number(process.env.KILL_AT);
// Not for its children: the watchdog lives on.
delete process.env.NODE_OPTIONS;
delete process.env.KILL_AT;

const { open } = fs;
let writes = 0;
fs.open = (path, ...rest) => {
  if (String(path).endsWith('/journal.jsonl') && ++writes === at) process.kill(process.pid, 'SIGKILL');
  return open(path, ...rest);
};
syncBuiltinESMExports();
