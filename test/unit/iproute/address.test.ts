import { describe, expect, it } from 'vitest';
import { jsonOfIpText } from '../../../src/host/ip-text.js';
import { addAddressLine, addressEntry, localAddress } from '../../../src/iproute/address.js';

const address = (parts: Record<string, unknown>) =>
  addressEntry.parse({ family: 'inet', local: '10.0.0.2', prefixlen: 24, scope: 'global', ...parts });

describe('an address', () => {
  it.each([
    ['10.0.0.2/24', {}],
    ['10.0.0.2 peer 10.0.0.1/32', { address: '10.0.0.1', prefixlen: 32 }],
    ['fd00::2 peer fd00::1/128', { family: 'inet6', local: 'fd00::2', address: 'fd00::1', prefixlen: 128 }],
  ])('is told apart as %s', (text, parts) => {
    expect(localAddress(address(parts))).toBe(text);
  });

  it.each([
    ['address add 10.0.0.2/24 dev br0 scope global', {}],
    [
      'address add 10.0.0.2 peer 10.0.0.1/32 broadcast 10.0.0.255 dev br0 scope link label br0:0 metric 5 noprefixroute',
      {
        address: '10.0.0.1',
        prefixlen: 32,
        broadcast: '10.0.0.255',
        scope: 'link',
        label: 'eth0:0',
        metric: 5,
        noprefixroute: true,
      },
    ],
    [
      'address add fd00::2/64 dev br0 scope global proto kernel_ra valid_lft 90 preferred_lft 80 mngtmpaddr nodad',
      {
        family: 'inet6',
        local: 'fd00::2',
        prefixlen: 64,
        protocol: 'kernel_ra',
        valid_life_time: 90,
        preferred_life_time: 80,
        nodad: true,
        mngtmpaddr: true,
        dynamic: true,
      },
    ],
    [
      'address add 10.0.0.2/24 dev br0 scope global valid_lft forever preferred_lft 0',
      { deprecated: true, valid_life_time: 4294967295, preferred_life_time: 4294967295 },
    ],
  ])('is given to another link: %s', (line, parts) => {
    expect(addAddressLine(address(parts), 'eth0', 'br0')).toBe(line);
  });

  it('is read from the text of an old ip, too', () => {
    const text = [
      '2: eth0: <UP> mtu 1500 state UP group default qlen 1000',
      '    inet 10.0.0.2 peer 10.0.0.1/32 scope global deprecated noprefixroute eth0:0',
      '       valid_lft forever preferred_lft 0sec',
      '    inet6 fd00::9/64 scope global temporary dynamic ',
      '       valid_lft 90sec preferred_lft 80sec',
      '    inet6 fd00::2/64 scope global deprecated home nodad mngtmpaddr ',
      '       valid_lft 90sec preferred_lft 0sec',
      '    inet6 fe80::1/64 scope link tentative dadfailed ',
      '       valid_lft forever preferred_lft forever',
    ].join('\n');
    const [link = { addr_info: [] }] = jsonOfIpText(['address', 'show'], text);
    const read = (link.addr_info as unknown[]).map((entry) => addressEntry.parse(entry));
    expect(read).toMatchObject([
      {
        peer: '10.0.0.1',
        label: 'eth0:0',
        flags: ['noprefixroute'],
        preferredSeconds: 0,
        validSeconds: null,
      },
      { states: ['temporary'], validSeconds: 90 },
      { flags: ['home', 'mngtmpaddr', 'nodad'], preferredSeconds: 0 },
      { states: ['tentative', 'dadfailed'], validSeconds: null },
    ]);
  });
});
