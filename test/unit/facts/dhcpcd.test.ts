import { describe, expect, it } from 'vitest';
import { claimedByDhcpcd } from '../../../src/facts/dhcpcd.js';

const LINKS = ['eth0', 'eth1', 'wlan0', 'veth12ab'];

describe('claimedByDhcpcd', () => {
  it.each<[string, string[]]>([
    ['', LINKS],
    ['# denyinterfaces eth0\nhostname\n', LINKS],
    ['denyinterfaces eth0\n', ['eth1', 'wlan0', 'veth12ab']],
    ['denyinterfaces veth* eth?\n', ['wlan0']],
    ['denyinterfaces eth0 # the port\ndenyinterfaces wlan0\n', ['eth1', 'veth12ab']],
    ['denyinterfaces eth[!0]\n', ['eth0', 'wlan0', 'veth12ab']],
    ['denyinterfaces eth[\n', LINKS],
    ['allowinterfaces eth*\ndenyinterfaces eth1\n', ['eth0']],
    // Only before the blocks of single interfaces.
    ['interface br0\nstatic ip_address=192.168.1.10/24\ndenyinterfaces eth0\n', LINKS],
  ])('%j: %j', (conf, links) => expect(claimedByDhcpcd(conf, LINKS)).toEqual(links));
});
