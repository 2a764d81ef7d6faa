import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RunningCopy } from '../../src/rehearse/copy.js';
import { document, HOST_ADDRESS, startHost, withInterfaces } from './support.js';

const STATIC = `auto lo
iface lo inet loopback

auto eth0
iface eth0 inet static
	address 192.168.1.10/24
	gateway 192.168.1.1
	dns-nameservers 192.168.1.1
`;

/** Not the model's: what is rehearsed is this host. */
const OWN_MAC = '02:00:5e:10:00:99';

/** A host whose network is configured by ifupdown is not at hand on every machine; a copy of the model is one. */
describe.each([
  ['DHCP', undefined],
  ['static', STATIC],
])('rehearse on a %s host that ifupdown configures', (_name, interfaces) => {
  let host: RunningCopy;
  beforeAll(async () => {
    host = await startHost((model) => {
      const other = interfaces === undefined ? model : withInterfaces(interfaces)(model);
      const cables = other.cables.map((cable) => ({ ...cable, mac: OWN_MAC }));
      return { ...other, cables, lan: { ...other.lan, reservations: { [OWN_MAC]: HOST_ADDRESS } } };
    });
    // A copy has no loop devices, and this one makes a copy of itself: its package layer is an image file.
    await host.sandbox.run([
      'sh',
      '-c',
      'mknod /dev/loop-control c 10 237; for n in $(seq 0 63); do mknod -m 660 /dev/loop$n b 7 $n; done',
    ]);
  });
  afterAll(() => host?.stop());

  it('rehearses on a copy of that very host, and leaves it alone', async () => {
    const before = await host.sandbox.read('/etc/network/interfaces');
    const run = await host.bridgeSetup(['rehearse', '--json']);
    expect(run.exitCode, `${run.stdout}\n${run.stderr}`).toBe(0);
    const report = document(run.stdout);
    expect(report).toMatchObject({ ok: true, kind: 'copy', uplink: 'eth0', address: HOST_ADDRESS });
    const diff = report.files.find(({ path }: { path: string }) => path === '/etc/network/interfaces').diff;
    expect(diff).toContain(`+iface br0 inet ${interfaces === undefined ? 'dhcp' : 'static'}`);
    expect(diff).toContain(`bridge_hw ${OWN_MAC}`);
    expect(await host.sandbox.read('/etc/network/interfaces')).toBe(before);
    expect((await host.sandbox.run(['ip', 'link', 'show', 'br0'], { check: false })).exitCode).not.toBe(0);
    expect(await host.lan.ping(HOST_ADDRESS)).toBe(3);
  });
});
