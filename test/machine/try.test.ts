import { test } from 'vitest';
import { localHost } from '../../src/host/local-host.js';
import { Machine } from './machine.js';
import { DHCP_HOST } from './hosts.js';
test('boot', async () => {
  const host = localHost();
  const m = await Machine.make({host, files: DHCP_HOST.files});
  try {
    await m.boot({project: true});
    const t0 = Date.now();
    const run = await m.bridgeSetup(['--answers', '-', '--json', '-v'], { input: JSON.stringify({version: 1, bridge: {uplink: 'eth0'}}), onLine: (l) => console.log(((Date.now() - t0)/1000).toFixed(2), l.slice(0, 300)) });
    console.log(run.exitCode);
    console.log((await m.run(['journalctl', '-b', '-n', '60', '--no-pager', '-o', 'short-precise'])).stdout);
  } finally { await m.stop(); }
}, 600000);
