import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RunningCopy } from '../../src/rehearse/copy.js';
import { InterfacesStory, SPARE, type StoryHost } from './interfaces-story.js';
import { setUpAndBack, startHost } from './support.js';

let copy: RunningCopy;
beforeAll(async () => {
  copy = await startHost((model) => ({
    ...model,
    cables: [...model.cables, { name: SPARE, mac: '02:00:5e:10:00:02', mtu: 1500 }],
    lan: { ...model.lan, ipv6: { address: '2001:db8:1::1', prefix: 64, ra: false } },
  }));
  // What the job installs stays, so that ifup can make bridges here.
  await setUpAndBack(copy);
  await copy.sandbox.run(['ifdown', 'eth0']);
});
afterAll(() => copy?.stop());

/** Boot, set-up, boot, rollback, boot, each equal; the lines of the network after the set-up. */
async function told(stanzas: string, parts: Partial<StoryHost> = {}): Promise<readonly string[]> {
  const story = new InterfacesStory(copy, {
    name: 'a host',
    files: { '/etc/network/interfaces': `auto lo\niface lo inet loopback\n\n${stanzas}` },
    ...{ answers: { version: 1 }, uplink: 'eth0', bridge: 'br0', ...parts },
  });
  expect(await story.run()).toEqual({});
  return story.live;
}

const defaults = (lines: readonly string[]) =>
  lines.filter((line) => /^route .*dst=default gateway=\d/.test(line.replace('flags=onlink ', '')));

describe('a host whose way out is another NIC keeps the metrics, and the way out', () => {
  it('which is static', async () => {
    const stanzas = `auto eth0
iface eth0 inet dhcp
    metric 200

auto eth1
iface eth1 inet static
    address 10.7.0.2/24
    gateway 10.7.0.1
    metric 50
`;
    expect(defaults(await told(stanzas, { second: 'nowhere' }))).toEqual([
      'route dev=LINK dst=default gateway=192.168.1.1 metric=200',
      'route dev=eth1 dst=default flags=onlink gateway=10.7.0.1 metric=50',
    ]);
  });

  it('which has a lease', async () => {
    const stanzas = `auto eth0
iface eth0 inet dhcp
    metric 200

auto eth1
iface eth1 inet dhcp
    metric 50
`;
    expect(defaults(await told(stanzas, { second: 'lan' }))).toEqual([
      'route dev=LINK dst=default gateway=192.168.1.1 metric=200',
      'route dev=eth1 dst=default gateway=192.168.1.1 metric=50',
    ]);
  });
});

describe('a host with IPv6 alone', () => {
  it('and a static address', async () => {
    const stanzas = `auto eth0
iface eth0 inet6 static
    address 2001:db8:1::10/64
    gateway 2001:db8:1::1
`;
    const lines = await told(stanzas);
    expect(lines.join('\n')).toContain('local=2001:db8:1::10');
    expect(lines.filter((line) => /address LINK .*family=inet /.test(line))).toEqual([]);
  });

  it('by router advertisements', async () => {
    const served = ['--enable-ra', '--dhcp-range=2001:db8:1::,ra-only,64,1h'];
    const lines = await told('auto eth0\niface eth0 inet6 auto\n', { served });
    expect(lines.filter((line) => /address LINK .*scope=global/.test(line))).toHaveLength(1);
    expect(lines.filter((line) => /address LINK .*family=inet /.test(line))).toEqual([]);
  });
});
