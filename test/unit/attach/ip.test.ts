import { describe, expect, it } from 'vitest';
import { ipBatch, parseLinks } from '../../../src/attach/ip.js';
import { FakeHost } from '../support/fake-host.js';

describe('parseLinks', () => {
  it('reads links with their addresses', () => {
    const json = JSON.stringify([
      {},
      {
        ifindex: 2,
        link_index: 3,
        ifname: 'eth0',
        flags: ['BROADCAST', 'UP', 'LOWER_UP'],
        mtu: 1400,
        master: 'br0',
        address: '02:11:22:33:44:55',
        ifalias: 'bridge-setup:0123456789ab:eth0',
        linkinfo: { info_kind: 'veth' },
        addr_info: [
          { family: 'inet', local: '192.168.7.70', prefixlen: 24, scope: 'global', dynamic: true },
          { family: 'inet6', local: 'fe80:0::1', prefixlen: 64, scope: 'link' },
        ],
      },
    ]);
    expect(parseLinks(json)).toEqual([
      {
        name: 'eth0',
        index: 2,
        peerIndex: 3,
        up: true,
        mtu: 1400,
        mac: '02:11:22:33:44:55',
        master: 'br0',
        kind: 'veth',
        alias: 'bridge-setup:0123456789ab:eth0',
        addresses: [
          { family: 4, address: '192.168.7.70/24', scope: 'global', dynamic: true },
          { family: 6, address: 'fe80::1/64', scope: 'link', dynamic: false },
        ],
      },
    ]);
    expect(parseLinks('')).toEqual([]);
  });
});

describe('ipBatch', () => {
  it('names the line that failed', async () => {
    const host = new FakeHost();
    host.script = () => ({
      exitCode: 1,
      stderr: 'RTNETLINK answers: File exists\nCommand failed -:2\n',
    });
    await expect(ipBatch(host, '/held', ['link set dev lo up', 'link add x'])).rejects.toThrow(
      '"ip link add x" failed: RTNETLINK answers: File exists',
    );
    expect(host.commands).toEqual([
      {
        argv: ['nsenter', '--net=/held', 'ip', '-batch', '-'],
        input: 'link set dev lo up\nlink add x\n',
      },
    ]);
  });
});
