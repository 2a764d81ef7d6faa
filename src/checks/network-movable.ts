import type { Finding } from '../model/finding.js';
import { linkNamed } from '../model/links.js';
import type { Check } from './check.js';

const REMEDY = {
  address:
    'Let the kernel make its addresses from the MAC address (`sysctl net.ipv6.conf.LINK.addr_gen_mode=0`) or give the address in the configuration, bring the link up again, and run this again.',
  route:
    'Remove it for the time of the change (`ip route del …`), or give it another metric; then run this again.',
  nexthop: 'Let the routes name their gateway instead of this nexthop object; then run this again.',
} as const;
const CODE = {
  address: 'address-cannot-move',
  route: 'route-cannot-move',
  nexthop: 'nexthop-cannot-move',
} as const;

/** What the uplink has can be given to a bridge, and back, so that it is the same afterwards. */
export const networkMovable: Check = {
  id: 'network-movable',
  title: 'Addresses and routes of the uplink can be moved',
  group: 'addresses',
  on: 'not-set-up',
  looksAt: 'Each address, route and nexthop object of the uplink, as the kernel has it.',
  cause:
    'The network of the uplink is moved to the bridge piece by piece, and a rollback moves it back. A piece that the kernel would not take again as it is cannot be moved.',
  run: ({ facts, answers, uplink }) => {
    if (linkNamed(facts, uplink)?.master === answers.bridge.name) return [];
    return (facts.obstacles ?? [])
      .filter(({ link }) => link === uplink)
      .map(
        ({ kind, text, reason }): Finding => ({
          check: CODE[kind],
          severity: 'error',
          path: 'bridge.uplink',
          message: `The ${kind === 'nexthop' ? 'nexthop object' : kind} "${text}" of ${uplink} ${reason}.`,
          remedy: REMEDY[kind].replace('LINK', uplink),
        }),
      );
  },
};
