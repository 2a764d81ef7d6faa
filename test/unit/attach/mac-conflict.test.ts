import { beforeEach, describe, expect, it } from 'vitest';
import { refuseMac } from '../../../src/attach/mac-conflict.js';
import { hostSideMac, linkAlias } from '../../../src/attach/names.js';
import type { Endpoint } from '../../../src/model/endpoint.js';
import { netLink } from '../refusals/bench.js';
import { containerInfo, FakeHost } from '../support/fake-host.js';

const MAC = '02:00:00:00:00:07';
const container = containerInfo({ name: 'web' });
const other = containerInfo({ id: 'e'.repeat(64), name: 'web-old' });
const endpoint: Endpoint = {
  bridge: 'br0',
  interfaceName: 'eth0',
  hostInterfaceName: null,
  mac: null,
  address: { method: 'static', family: 4, address: '192.168.1.70/24', gateway: null },
};
const port = netLink('bs1', { mac: hostSideMac(MAC), alias: linkAlias(other.id, 'eth0') });

let host: FakeHost;
let answers: Record<string, string>;
beforeEach(() => {
  host = new FakeHost();
  answers = {};
  host.script = (argv, { input = '' }) => {
    if (argv.includes('route')) return { stdout: 'default via 192.168.1.1 dev br0' };
    if (argv.includes('address')) return { stdout: '3: br0    inet 192.168.1.10/24 scope global br0' };
    const asked = /neighbour show to (\S+)/.exec(input)?.[1];
    return { stdout: asked === undefined ? '' : `${asked} dev br0 ${answers[asked] ?? 'INCOMPLETE'}` };
  };
});
const refuse = (mac: string | null, onHost = [netLink('br0', { kind: 'bridge' })]) =>
  refuseMac({ host, container, endpoint: { ...endpoint, mac }, hostLink: 'bs0', mac: MAC, onHost });

describe('a MAC address', () => {
  it.each([null, MAC])('is used where nobody has it (%s)', async (mac) => {
    await refuse(mac);
  });

  it('is not used when it is that of a link of the host', async () => {
    await expect(refuse(MAC, [netLink('eth0', { mac: MAC })])).rejects.toThrow('that of eth0 of this host');
  });

  it('is not used while another container on the host has it, as after a rename', async () => {
    host.containers.set(other.id.slice(0, 12), other);
    await expect(refuse(null, [port])).rejects.toMatchObject({
      code: 'mac-conflict',
      message: `the MAC address ${MAC} is that of eth0 of container web-old`,
    });
  });

  it('is used by the successor of a container that was removed a moment ago', async () => {
    await refuse(null, [port]);
  });

  it("is not used when it is the gateway's", async () => {
    answers['192.168.1.1'] = `lladdr ${MAC} REACHABLE`;
    await expect(refuse(MAC)).rejects.toThrow('that of the gateway 192.168.1.1');
  });

  it('is not used when another station on the LAN has it, and the address', async () => {
    answers['192.168.1.70'] = `lladdr ${MAC} REACHABLE`;
    await expect(refuse(null)).rejects.toThrow(
      `the MAC address ${MAC} is also that of another station on the LAN, which has 192.168.1.70`,
    );
  });
});
