import { describe, expect, it } from 'vitest';
import { claimedByNetplan } from '../../../src/facts/netplan.js';

const LINKS = ['eth0', 'eth1', 'lan0', 'enp1s0'];

describe('claimedByNetplan', () => {
  it.each<[string, string[]]>([
    ['network:\n  ethernets:\n    eth0:\n      dhcp4: true\n', ['eth0']],
    ['network:\n  ethernets:\n    "eth1": {dhcp4: true}\n', ['eth1']],
    ['network:\n  ethernets:\n    id0:\n      match: {}\n      set-name: lan0\n', ['lan0']],
    ['network:\n  ethernets:\n    # eth0:\n    eth00: {}\n', []],
    ['network: {}\n', []],
  ])('%j: %j', (yaml, links) => expect(claimedByNetplan(yaml, LINKS)).toEqual(links));
});
