import { describe, expect, it } from 'vitest';
import { endLease, settleRoutes, yieldRoutes } from '../../../../src/apply/live/lease.js';
import type { EndLease, StartDhcpClient } from '../../../../src/model/live.js';
import { FakeHost } from '../../support/fake-host.js';

const UNLEASED = { addresses: ['192.168.1.10/24'], routes: ['default via 192.168.1.1 onlink'] };
const START: StartDhcpClient = {
  kind: 'start-dhcp-client',
  client: 'dhclient',
  link: 'br0',
  argv: ['dhclient', 'br0'],
  leaseOf: 'eth0',
  leaseArgv: ['dhclient', 'eth0'],
  unleased: UNLEASED,
};
const END: EndLease = { kind: 'end-lease', client: 'dhclient', link: 'br0', ...UNLEASED };

const address = (local: string, seconds?: number) => ({
  family: 'inet',
  local,
  prefixlen: 24,
  scope: 'global',
  ...(seconds === undefined ? {} : { valid_life_time: seconds, preferred_life_time: seconds }),
});

/** A host whose br0 has these addresses and default routes; the lines of its batches. */
function host(addresses: readonly object[], routes: string) {
  const fake = new FakeHost();
  fake.script = (argv) => {
    const words = argv.join(' ');
    if (words.includes('address show'))
      return { stdout: JSON.stringify([{ ifname: 'br0', mtu: 1500, flags: ['UP'], addr_info: addresses }]) };
    return words.includes('-4 -details') ? { stdout: routes } : undefined;
  };
  const lines = () =>
    fake.commands.flatMap(({ argv, input }) =>
      argv.includes('-batch') ? (input ?? '').trimEnd().split('\n') : [],
    );
  return { fake, lines };
}

describe('a first lease', () => {
  it('finds the default route of before behind its own, which goes once there is another', async () => {
    const before = host([], 'unicast default via 192.168.1.1 dev br0 proto boot scope global onlink \n');
    await yieldRoutes(START, before.fake);
    expect(before.lines()).toEqual([
      'route replace default via 192.168.1.1 onlink metric 4294967294 dev br0',
      expect.stringMatching(/^route del .*default via 192\.168\.1\.1 dev br0/),
    ]);
    const demoted =
      'unicast default via 192.168.1.1 dev br0 proto boot scope global metric 4294967294 onlink \n';
    const leased = host([], `unicast default via 192.168.1.254 dev br0 proto boot scope global \n${demoted}`);
    await settleRoutes(START, leased.fake);
    expect(leased.lines()).toEqual([expect.stringMatching(/^route del .*metric 4294967294/)]);
    const without = host([], demoted);
    await settleRoutes(START, without.fake);
    expect(without.lines()[0]).toBe('route replace default via 192.168.1.1 onlink dev br0');
  });

  it('ends with its address and its gateway, and leaves what was there before', async () => {
    const { fake, lines } = host(
      [address('192.168.1.158', 3600), address('192.168.1.10', 3600), address('192.168.1.20')],
      'unicast default via 192.168.1.1 dev br0 onlink \nunicast default via 192.168.1.254 dev br0 metric 1003 \n',
    );
    await endLease(END, fake);
    expect(lines()).toEqual([
      'route replace default via 192.168.1.1 onlink dev br0',
      expect.stringMatching(/^route del .*via 192\.168\.1\.254 .*metric 1003/),
      'address del 192.168.1.158/24 dev br0',
    ]);
  });

  it('stays where the host has nothing else to be reached by', async () => {
    const { fake, lines } = host([address('192.168.1.158', 3600)], '');
    await endLease(END, fake);
    expect(lines()).toEqual([]);
  });
});
