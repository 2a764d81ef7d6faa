import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RunningCopy } from '../../src/rehearse/copy.js';
import { bootedNetwork } from './booted-network.js';
import { bootNetwork, filesOf, INITSCRIPTS, networkOf, startRhelHost } from './network-scripts.js';
import { HOST_ADDRESS } from './support.js';

/** Scenarios of a host with one NIC, as the sandbox has it, that keep their address; the kernel has no VLANs, no bonds. */
const SCENARIOS = [
  ...['rhel7-aliases', 'rhel7-bootp', 'rhel7-classful', 'rhel7-cloud-init-off', 'rhel7-dhcp'],
  ...['rhel7-gateway-outside', 'rhel7-gatewaydev', 'rhel7-hwaddr-only', 'rhel7-ipv6-static'],
  ...['rhel7-mtu-and-zone', 'rhel7-multiple-addresses', 'rhel7-netmask', 'rhel7-nm-controlled-no'],
  ...['rhel7-other-nic', 'rhel7-quotes', 'rhel7-routes-and-rules', 'rhel7-routes-as-addresses'],
  ...['rhel7-static', 'rhel7-stp', 'rhel7-to-dhcp'],
];

describe.runIf(INITSCRIPTS)('a boot of the network service makes the network of before, on br0', () => {
  let copy: RunningCopy;
  beforeAll(async () => {
    copy = await startRhelHost();
  });
  afterAll(() => copy?.stop());

  /** Boot by these files; what the service said is shown with a failure. */
  async function boot(files: Readonly<Record<string, string>>, link: string) {
    const { exitCode, stdout, stderr } = await bootNetwork(copy, files);
    if (process.env.INITSCRIPTS_SHOW) console.log(stdout + stderr);
    return { made: { ...(await networkOf(copy, link)), exitCode }, said: stdout + stderr };
  }

  it.each(SCENARIOS)('%s', async (name) => {
    const { before, after } = await filesOf(name);
    const first = await boot(before, 'eth0');
    expect(JSON.stringify(first.made), first.said).toContain(HOST_ADDRESS);
    const second = await boot(after, 'br0');
    expect(second.made, second.said).toEqual(first.made);
    expect(await copy.lan.ping(HOST_ADDRESS)).toBe(3);
  });

  it('rhel7-two-nics: with the routes of before; the bridge has the last word on name servers, as the plan says', async () => {
    const { before, after } = await filesOf('rhel7-two-nics');
    const first = await boot(before, 'eth0');
    expect(JSON.stringify(first.made), first.said).toContain('10.79.0.0/16 192.168.1.2 ');
    const second = await boot(after, 'br0');
    expect(first.made).toMatchObject({ resolvConf: 'nameserver 10.77.0.53\n' });
    expect(second.made, second.said).toEqual({ ...first.made, resolvConf: 'nameserver 192.168.1.1\n' });
    expect(await bootedNetwork(copy, 'eth1')).toMatchObject({ addresses: ['10.77.0.1 24 10.77.0.255 LINK'] });
  });

  it('rhel7-to-static: or the one that the answers ask for', async () => {
    const { made, said } = await boot((await filesOf('rhel7-to-static')).after, 'br0');
    expect(made, said).toMatchObject({
      addresses: ['192.168.1.50 24 192.168.1.255 LINK'],
      resolvConf: 'nameserver 192.168.1.1\nnameserver 9.9.9.9\n',
      exitCode: 0,
    });
    expect(JSON.stringify(made)).toContain('default 192.168.1.1 ');
    expect(await copy.lan.ping('192.168.1.50')).toBe(3);
  });
});

describe.skipIf(INITSCRIPTS)('a boot of the network service', () => {
  it.skip('left out: INITSCRIPTS=/path/to/initscripts is not set', () => {});
});
