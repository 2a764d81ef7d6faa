import { expect, it } from 'vitest';
import { droppingLines } from '../../../../src/facts/doctor/firewall.js';

it('finds what drops in the words of ebtables-save and of nft', () => {
  const ebtables =
    '*filter\n:INPUT ACCEPT\n:FORWARD DROP\n-A FORWARD -p IPv4 -i eth0 -j DROP\n-A INPUT -j ACCEPT\n';
  expect(droppingLines(ebtables)).toEqual([':FORWARD DROP', '-A FORWARD -p IPv4 -i eth0 -j DROP']);
  const nft =
    'table bridge filter {\n\tchain forward {\n\t\ttype filter hook forward priority filter; policy drop;\n\t\tether type ip counter drop\n\t\taccept\n\t}\n}\n';
  expect(droppingLines(nft)).toEqual([
    'type filter hook forward priority filter; policy drop;',
    'ether type ip counter drop',
  ]);
  expect(droppingLines('')).toEqual([]);
});
