#!/usr/bin/env node
// The TCP heartbeat of the cutover bench. `echo` runs on the copy of the host, `beat ADDRESS` on its LAN.
import { connect, createServer } from 'node:net';

const PORT = 7007;
const BEAT_MS = 5;
/** How often `beat` says how long ago the last echo came. */
const REPORT_MS = 250;
const print = (value) => process.stdout.write(`${JSON.stringify(value)}\n`);

function echo() {
  const server = createServer({ noDelay: true }, (socket) => {
    socket.on('error', () => {});
    socket.pipe(socket);
  });
  server.listen(PORT, () => print({ listening: true }));
}

/** A byte every few milliseconds, whether or not the last one came back, as a live stream does it. */
function beat(address) {
  const arrivals = [];
  let ended = null;
  const socket = connect({ host: address, port: PORT, noDelay: true });
  socket.on('connect', () => setInterval(() => ended ?? socket.write('.'), BEAT_MS));
  socket.on('data', () => arrivals.push(Date.now()));
  socket.on('error', (error) => (ended ??= error.code));
  socket.on('close', () => (ended ??= 'closed'));
  setInterval(() => print({ ended, silentMs: Date.now() - (arrivals.at(-1) ?? 0) }), REPORT_MS);
  process.on('SIGTERM', () => {
    print({ ended, arrivals, stoppedAt: Date.now() });
    process.exitCode = 0;
    process.stdout.end(() => process.exit());
  });
}

const [role, address] = process.argv.slice(2);
if (role === 'echo') echo();
else beat(address);
