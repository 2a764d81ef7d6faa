import { describe, expect, it } from 'vitest';
import { collectSupplicants, parseSupplicant } from '../../../src/facts/supplicants.js';
import { FakeHost } from '../support/fake-host.js';

describe('parseSupplicant', () => {
  it.each<[string, string[]]>([
    // ifupdown, /etc/wpa_supplicant/functions.sh
    [
      '/sbin/wpa_supplicant -s -B -P /run/wpa_supplicant.eth0.pid -i eth0 -D wired -c /etc/8021x.conf',
      ['eth0'],
    ],
    // wpa_supplicant-wired@.service
    [
      '/usr/sbin/wpa_supplicant -c/etc/wpa_supplicant/wpa_supplicant-wired-eth1.conf -Dwired -ieth1',
      ['eth1'],
    ],
    ['wpa_supplicant -Bi eth0', ['eth0']],
    ['wpa_supplicant -Bieth0 -Dwired', ['eth0']],
    ['wpa_supplicant -c /a -i eth0 -N -c /b -i eth1', ['eth0', 'eth1']],
    // NetworkManager's, over D-Bus; -O and its like take a word that looks like an option's letter.
    ['/sbin/wpa_supplicant -u -s -O DIR=/run/wpa_supplicant GROUP=netdev', []],
    ['wpa_supplicant -c -i eth0', []],
    ['wpa_supplicant -c/etc/with-i/file', []],
    ['wpa_supplicant -i', []],
    ['wpa_cli -i eth0', []],
    ['vim /sbin/wpa_supplicant -i eth0', []],
  ])('%s: %j', (command, links) => expect(parseSupplicant(command.split(' '))).toEqual(links));
});

describe('collectSupplicants', () => {
  it("finds those in the host's own network namespace", async () => {
    const host = new FakeHost();
    for (const [pid, link, namespace] of [
      ['7', 'eth0', 'net:[1]'],
      ['8', 'eth0', 'net:[1]'],
      ['9', 'eth5', 'net:[2]'],
    ]) {
      host.content.set(`/proc/${pid}`, '').set(`/proc/${pid}/cmdline`, `wpa_supplicant\0-i\0${link}\0`);
      host.links.set(`/proc/${pid}/ns/net`, namespace ?? '');
    }
    host.links.set('/proc/self/ns/net', 'net:[1]');
    expect(await collectSupplicants(host)).toEqual(['eth0']);
  });

  it('finds none where there is none', async () => {
    expect(await collectSupplicants(new FakeHost())).toEqual([]);
  });
});
