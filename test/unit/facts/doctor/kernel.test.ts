import { expect, it } from 'vitest';
import { querierPort } from '../../../../src/facts/doctor/kernel.js';

/** As iproute2 6.1 shows it, the entries cut. */
const mdb = (router: object) => JSON.stringify([{ mdb: [{ dev: 'br0', grp: 'ff02::6a' }], router }]);

it.each<[string, string | null, string]>([
  ['a querier', 'eth0', mdb({ br0: [{ port: 'eth0', timer: ' 251.99', type: 'temp' }] })],
  ['a port that was set so', null, mdb({ br0: [{ port: 'eth0', type: 'permanent' }] })],
  ['a querier of another bridge', null, mdb({ br1: [{ port: 'eth1', type: 'temp' }] })],
  ['none', null, mdb({})],
  ['no record at all', null, '[]'],
  ['nothing', null, ''],
  ['no JSON', null, 'dev br0 port eth0 grp ff02::6a temp\nrouter ports on br0: eth0\n'],
  ['a document of another version', null, '{"mdb":[],"router":{}}'],
])('sees %s', (_what, port, text) => expect(querierPort(text, 'br0')).toBe(port));
