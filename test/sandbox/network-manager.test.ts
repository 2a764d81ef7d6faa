import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RunningCopy } from '../../src/rehearse/copy.js';
import { bootedNetwork, configurationFiles } from './booted-network.js';
import { boot, bootBy, managersWords, NETWORKMANAGER, SCRIPTS, startManagedHost } from './network-manager.js';
import {
  ANSWERS,
  answersFromLan,
  docker,
  document,
  eventually,
  HOST_ADDRESS,
  setUp,
  setUpForContainers,
  unheard,
} from './support.js';

const ETH0 = 'TYPE=Ethernet\nNAME="System eth0"\nDEVICE=eth0\nONBOOT=yes\n';
const FIXED = `${ETH0}BOOTPROTO=none\nIPADDR=192.168.1.10\nPREFIX=24\nGATEWAY=192.168.1.1\nDNS1=192.168.1.1\n`;
const LEASED = `${ETH0}BOOTPROTO=dhcp\n`;

const HOSTS: readonly { what: string; files: Record<string, string>; client?: string }[] = [
  { what: 'a static address', files: { 'ifcfg-eth0': FIXED } },
  { what: 'a lease, by dhclient', files: { 'ifcfg-eth0': LEASED } },
  { what: 'a lease, by its own client', files: { 'ifcfg-eth0': LEASED }, client: 'internal' },
  {
    what: 'an alias, a route, IPv6, MTU and a UUID',
    files: {
      'ifcfg-eth0': `${FIXED}UUID=9f2c1a36-5c0a-4f37-9f4e-1d5e3a0f6b11\nMTU=1400\nIPV6INIT=yes\nIPV6_AUTOCONF=no\nIPV6ADDR=fd00:1::10/64\n`,
      'ifcfg-eth0:0': 'DEVICE=eth0:0\nIPADDR=192.168.1.11\nPREFIX=24\n',
      'route-eth0': '10.7.0.0/16 via 192.168.1.1 dev eth0\n',
    },
  },
];

let copy: RunningCopy;

/** The network of a link. The metric is NetworkManager's to choose: 100 for a NIC, 425 for a bridge, 256 by the kernel. */
async function look(link: string): Promise<Record<string, unknown>> {
  const network = await bootedNetwork(copy, link);
  const routes = (network.routes as string[][]).map((each) =>
    [...new Set(each.map((line) => line.replace(/ (100|256|425) /, ' METRIC ')))].sort(),
  );
  return { ...network, routes };
}
const settled = (link: string, expected: unknown) =>
  eventually(`the network of ${link}`, async () =>
    JSON.stringify(await look(link)) === JSON.stringify(expected) ? true : null,
  ).catch(async () => expect(await look(link)).toEqual(expected));
const run = (line: string) => copy.sandbox.run(['bash', '-c', line], { check: false, timeoutMs: 60_000 });
const profiles = async () => (await run('nmcli -t -f DEVICE,FILENAME connection show --active')).stdout;

describe.runIf(NETWORKMANAGER)('a NIC in the hands of NetworkManager', () => {
  beforeAll(async () => {
    copy = await startManagedHost();
  });
  afterAll(() => copy?.stop());

  it.each(HOSTS)('with $what', async ({ files: given, client }) => {
    const { exitCode: booted } = await bootBy(copy, given, client);
    expect(booted, await managersWords(copy)).toBe(0);
    await eventually('the host on the LAN', async () => (await copy.lan.ping(HOST_ADDRESS)) === 3);
    const expected = await look('eth0');
    const original = await configurationFiles(copy);

    const done = await unheard(copy, () => setUp(copy));
    expect(done.exitCode, JSON.stringify(done.document)).toBe(0);
    expect(done.document.plan.backend.reason).toContain('by NetworkManager');
    await settled('br0', expected);
    expect(await profiles()).toContain(`br0:${SCRIPTS}/ifcfg-br0`);
    expect(await profiles()).toContain(`eth0:${SCRIPTS}/ifcfg-eth0`);
    expect((await setUp(copy)).document.plan.steps).toEqual([]);
    const doctor = document((await copy.bridgeSetup(['doctor', '--json'])).stdout);
    const worth = doctor.findings.filter(({ severity }: { severity: string }) =>
      /error|warning/.test(severity),
    );
    expect(worth.map(({ check }: { check: string }) => check)).toEqual(['runtime-not-installed']);

    const path = `${SCRIPTS}/ifcfg-br0`;
    for (const line of [
      `nmcli connection down filename ${path}; nmcli connection up filename ${path}`,
      'systemctl stop NetworkManager; systemctl start NetworkManager',
    ]) {
      await run(line);
      await settled('br0', expected);
      expect(await copy.lan.ping(HOST_ADDRESS)).toBe(3);
    }
    await boot(copy);
    await settled('br0', expected);
    expect((await setUp(copy)).document.plan.steps).toEqual([]);

    const back = await unheard(copy, () => copy.bridgeSetup(['rollback', '--json']));
    expect(back.exitCode, back.stdout + back.stderr).toBe(0);
    expect(await configurationFiles(copy)).toEqual(original);
    await settled('eth0', expected);
    expect(await profiles()).toContain(`eth0:${SCRIPTS}/ifcfg-eth0`);
    expect(await profiles()).not.toContain('br0');
    await boot(copy);
    await settled('eth0', expected);
  });

  it.each([
    { what: 'it does not start again', how: 'touch /run/fails-start', exitCode: 4 },
    { what: 'the run is lost while it is stopped', how: 'touch /run/lost', exitCode: null },
  ])('and $what', async ({ how, exitCode }) => {
    await bootBy(copy, { 'ifcfg-eth0': LEASED });
    const [expected, original] = [await look('eth0'), await configurationFiles(copy)];
    await run(how);
    const done = await unheard(copy, async () => {
      const { exitCode: ended } = await copy.bridgeSetup(['--answers', '-', '--json'], {
        input: JSON.stringify(ANSWERS),
      });
      await eventually('NetworkManager', async () =>
        (await profiles()).includes(`eth0:${SCRIPTS}/ifcfg-eth0`),
      );
      return ended;
    });
    expect(done).toBe(exitCode);
    await settled('eth0', expected);
    expect(await configurationFiles(copy)).toEqual(original);
  });

  it('and the DHCP server does not answer any more: the address stays', async () => {
    await bootBy(copy, { 'ifcfg-eth0': LEASED });
    const expected = await look('eth0');
    await copy.lan.stopDhcpServer();
    const done = await unheard(copy, () => setUp(copy));
    // Only the proof fails: its container gets no lease.
    expect([done.exitCode, done.document.state], JSON.stringify(done.document)).toEqual([6, 'applied']);
    // Longer than its client tries: 45 s.
    await new Promise((resolve) => setTimeout(resolve, 60_000));
    expect((await look('br0')).addresses).toEqual(expected.addresses);
    expect(await copy.lan.ping(HOST_ADDRESS)).toBe(3);
    await copy.lan.startDhcpServer();
    expect((await copy.bridgeSetup(['rollback', '--json'])).exitCode).toBe(0);
    await settled('eth0', expected);
  });

  it('has containers on the LAN', async () => {
    await bootBy(copy, { 'ifcfg-eth0': LEASED });
    await setUpForContainers(copy);
    const daemon = await copy.startDaemon();
    await docker(
      copy,
      'run',
      '-d',
      '--name=web',
      '--net=none',
      '--label=bridge-setup.attach=br0 @CONTAINER_NAME@ 192.168.1.60/24',
      'box',
      'sleep',
      '3600',
    );
    await answersFromLan(copy, '192.168.1.60');
    // The host's side of its link is nobody's that has a file: it is left as it is.
    expect(await profiles()).toMatch(/^bs\w+:$/m);
    const watch = copy.lan.watch('192.168.1.60', 10);
    await run('systemctl stop NetworkManager; systemctl start NetworkManager; sleep 1');
    expect((await watch.stop()).longestSilenceMs).toBeLessThan(500);
    expect(await profiles()).toContain(`br0:${SCRIPTS}/ifcfg-br0`);
    await docker(copy, 'rm', '-f', 'web');
    daemon.kill();
    await daemon.exited;
    expect((await copy.bridgeSetup(['rollback'])).exitCode).toBe(0);
  });

  it('and files of a bridge that it has not read yet', async () => {
    await bootBy(copy, { 'ifcfg-eth0': LEASED });
    const expected = await look('eth0');
    await copy.sandbox.write(`${SCRIPTS}/ifcfg-eth0`, `${ETH0}BRIDGE=br0\n`);
    const bridge = 'DEVICE=br0\nTYPE=Bridge\nONBOOT=yes\nBOOTPROTO=dhcp\n';
    await copy.sandbox.write(`${SCRIPTS}/ifcfg-br0`, bridge);
    const original = await configurationFiles(copy);
    const { exitCode, document: done } = await unheard(copy, () => setUp(copy));
    expect(exitCode, JSON.stringify(done)).toBe(0);
    await settled('br0', expected);
    expect(await profiles()).toContain(`br0:${SCRIPTS}/ifcfg-br0`);
    expect((await setUp(copy)).document.plan.steps).toEqual([]);
    expect((await copy.bridgeSetup(['rollback'])).exitCode).toBe(0);
    expect(await configurationFiles(copy)).toEqual(original);
  });

  it('is refused where it goes by another profile than the file', async () => {
    await bootBy(copy, { 'ifcfg-eth0': LEASED });
    await run(
      'nmcli connection add type ethernet ifname eth0 con-name other save no; nmcli connection up other',
    );
    const { exitCode, document: refused } = await setUp(copy);
    expect(exitCode).toBe(3);
    expect(JSON.stringify(refused.error)).toContain('NetworkManager has it in its hands by');
    await run('nmcli connection delete other');
  });
});

describe.skipIf(NETWORKMANAGER)('a NIC in the hands of NetworkManager', () => {
  it.skip('left out: NETWORKMANAGER=/path/to/its/destdir is not set', () => {});
});
