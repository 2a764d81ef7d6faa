import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RunningCopy } from '../../src/rehearse/copy.js';
import type { HostCopy } from '../../src/rehearse/host-copy.js';
import { document, setUp, startHost, withInterfaces } from './support.js';

const STATIC = `auto lo
iface lo inet loopback

auto eth0
iface eth0 inet static
    address 192.168.1.10/24
    gateway 192.168.1.1
    up ip address add 192.168.1.12/24 dev eth0
iface eth0 inet6 static
    address fd00:1::10/64
    gateway fd00:1::1

auto eth0:1
iface eth0:1 inet static
    address 192.168.1.11/24
`;
const INTERFACES = '/etc/network/interfaces';

/** What doctor finds, each as its check. */
async function found(copy: RunningCopy, ...flags: string[]): Promise<string[]> {
  const { stdout } = await copy.bridgeSetup(['doctor', '--json', ...flags]);
  return document(stdout)
    .findings.filter(({ severity }: { severity: string }) => severity === 'error' || severity === 'warning')
    .map(({ check }: { check: string }) => check)
    .filter((check: string) => check !== 'runtime-not-installed');
}

/** A host whose address is leased by a client of this package. */
const leasedBy = (client: string) => (model: HostCopy) => ({ ...model, packages: ['ifupdown', client] });

describe.each([
  ['dhclient', leasedBy('isc-dhcp-client')],
  ['udhcpc', leasedBy('udhcpc')],
  ['dhcpcd', leasedBy('dhcpcd-base')],
  ['static addresses', withInterfaces(STATIC)],
])('doctor on a host with %s', (_, change) => {
  let copy: RunningCopy;
  beforeAll(async () => {
    copy = await startHost(change);
  });
  afterAll(() => copy?.stop());

  it('finds nothing after set-up, nor after ifdown and ifup', async () => {
    const run = await setUp(copy);
    expect(run.exitCode, JSON.stringify(run.document)).toBe(0);
    expect(await found(copy)).toEqual([]);
    await copy.sandbox.run(['sh', '-c', 'ifdown -a --exclude=lo && ifup -a'], { timeoutMs: 60_000 });
    expect(await found(copy)).toEqual([]);
  });

  it('finds an address that the files do not give', async () => {
    const address = ['192.168.1.77/24', 'dev', 'br0'];
    await copy.sandbox.run(['ip', 'address', 'add', ...address]);
    expect(await found(copy, '--no-probe')).toEqual(['address-not-in-files']);
    await copy.sandbox.run(['ip', 'address', 'del', ...address]);
    expect(await found(copy, '--no-probe')).toEqual([]);
  });

  it('finds an edit that is not in effect, and says so', async () => {
    const text = (await copy.sandbox.read(INTERFACES)) ?? '';
    await copy.sandbox.write(
      INTERFACES,
      text.replace('bridge_hw 02:00:5e:10:00:01', 'bridge_hw 02:00:5e:10:00:02'),
    );
    const { stdout } = await copy.bridgeSetup(['doctor']);
    expect(stdout).toContain(
      `error: ${INTERFACES} gives br0 the MAC address 02:00:5e:10:00:02, but it has 02:00:5e:10:00:01`,
    );
    await copy.sandbox.write(INTERFACES, text);
  });

  it('finds the port that was taken out', async () => {
    await copy.sandbox.run(['ip', 'link', 'set', 'eth0', 'nomaster']);
    expect(await found(copy, '--no-probe')).toContain('port-not-in-bridge');
    const { stdout } = await copy.bridgeSetup(['doctor', '--no-probe']);
    expect(stdout).toMatch(/\n`bridge-setup doctor --fix` repairs \d of these\.\n$/);
  });
});
