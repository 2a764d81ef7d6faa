import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Child } from '../../src/host/host.js';
import type { RunningCopy } from '../../src/rehearse/copy.js';
import { addressOf, answersFromLan, docker, eventually, setUpForContainers, startHost } from './support.js';

/** Shorter than what dnsmasq gives (two minutes at least), and as short as all clients take. */
const LEASE_SECONDS = 20;

let copy: RunningCopy;
let daemon: Child;
let server: Child | null = null;

/** busybox's udhcpd(8), on the LAN of that number. */
async function startServer(net: number): Promise<void> {
  const gateway = `192.168.${net}.1`;
  const lines = [
    `start 192.168.${net}.60`,
    `end 192.168.${net}.69`,
    'interface lan0',
    'lease_file /tmp/udhcpd.leases',
    `min_lease ${LEASE_SECONDS}`,
    `option lease ${LEASE_SECONDS}`,
    'option subnet 255.255.255.0',
    `option router ${gateway}`,
    `option dns ${gateway}`,
  ];
  await copy.sandbox.write('/tmp/udhcpd.conf', `${lines.join('\n')}\n`);
  // It asks by ARP whether an address is free, for two seconds unless it is told otherwise.
  server = copy.sandbox.spawn(['udhcpd', '-f', '-a', '100', '/tmp/udhcpd.conf'], {
    network: { namespace: 'lan' },
  });
}
async function stopServer(): Promise<void> {
  server?.kill();
  await server?.exited;
  server = null;
}

const inside = async (...argv: string[]) => {
  const pid = await docker(copy, 'inspect', '--format', '{{.State.Pid}}', 'short');
  return (await copy.sandbox.run(['nsenter', `--net=/proc/${pid}/ns/net`, '--', ...argv])).stdout;
};
const resolvConf = () => docker(copy, 'exec', 'short', 'busybox', 'cat', '/etc/resolv.conf');
const state = async () =>
  (await copy.sandbox.run(['sh', '-c', 'cat /run/bridge-setup/endpoints/*.json'])).stdout;
const clients = async () =>
  (await copy.sandbox.run(['sh', '-c', 'cat /run/bridge-setup/clients/*.json'])).stdout;
const leasedOf = (net: number) =>
  eventually(
    `an address of LAN ${net}`,
    async () => {
      const address = await addressOf(copy, 'short');
      return address?.startsWith(`192.168.${net}.`) ? address : null;
    },
    45_000,
  );

beforeAll(async () => {
  copy = await startHost(undefined, ['busybox-static', 'udhcpd', 'dhcpcd-base']);
  await setUpForContainers(copy);
  await copy.lan.stopDhcpServer();
});
afterAll(() => copy?.stop());

describe.each(['udhcpc', 'dhclient', 'dhcpcd'])('a lease of %s', (client) => {
  let original: string | null;

  beforeAll(async () => {
    original = await copy.sandbox.read('/etc/resolv.conf');
    const config = { version: 1, bridges: ['br0'], dhcpClient: client };
    await copy.sandbox.write('/etc/bridge-setup/runtime.json', JSON.stringify(config));
    daemon = await copy.startDaemon();
    await startServer(1);
    const rule = 'pipework_cmd=br0 -i eth0 @CONTAINER_NAME@ dhcp';
    await docker(copy, 'run', '-d', '--name=short', '--net=none', '-e', rule, 'box', 'sleep', '3600');
  });
  afterAll(async () => {
    await docker(copy, 'rm', '-f', 'short');
    await stopServer();
    await copy.lan.run(['ip', 'address', 'replace', '192.168.1.1/24', 'dev', 'lan0']);
    daemon.kill();
    await daemon.exited;
  });

  it('is renewed', async () => {
    const address = await leasedOf(1);
    await new Promise((resolve) => setTimeout(resolve, (LEASE_SECONDS + 5) * 1000));
    expect(await addressOf(copy, 'short')).toBe(address);
    await answersFromLan(copy, address.split('/')[0] ?? '', 1000);
  });

  it('belongs to a client that the next daemon adopts', async () => {
    const before = await clients();
    expect(before).toContain('"pid"');
    daemon.kill('SIGKILL');
    await daemon.exited;
    daemon = await copy.startDaemon();
    expect(await clients()).toBe(before);
    await new Promise((resolve) => setTimeout(resolve, LEASE_SECONDS * 1000));
    expect(await clients()).toBe(before);
    await answersFromLan(copy, (await leasedOf(1)).split('/')[0] ?? '', 1000);
  });

  it('ends when the server is away, and comes back with it', async () => {
    const address = await leasedOf(1);
    await stopServer();
    await eventually('it is over', async () => (await addressOf(copy, 'short')) === null, 60_000);
    expect(await copy.lan.ping(address.split('/')[0] ?? '', 1)).toBe(0);
    await eventually('its state says so', async () => (await state()).includes('"waiting-for-lease"'));
    await startServer(1);
    expect(await leasedOf(1)).toBe(address);
    await answersFromLan(copy, address.split('/')[0] ?? '');
  });

  it('follows a renumbered LAN: address, gateway, name server, state', async () => {
    await stopServer();
    await copy.lan.run(['ip', 'address', 'delete', '192.168.1.1/24', 'dev', 'lan0']);
    await copy.lan.run(['ip', 'address', 'replace', '192.168.2.1/24', 'dev', 'lan0']);
    await startServer(2);
    const address = await leasedOf(2);
    await answersFromLan(copy, address.split('/')[0] ?? '');
    const routes = await inside('ip', 'route');
    expect(routes).toContain('default via 192.168.2.1 dev eth0');
    expect(routes).not.toContain('192.168.1.');
    await eventually('its name server', async () => (await resolvConf()).includes('nameserver 192.168.2.1'));
    expect(await state()).toContain('"gateway": "192.168.2.1"');
    expect(await copy.sandbox.read('/etc/resolv.conf')).toBe(original);
  });

  it('that the server refuses at its renewal (DHCPNAK) is dropped, and another one taken', async () => {
    const address = await leasedOf(2);
    const left = async () => {
      const shown = await inside('ip', '-4', '-o', 'address', 'show', 'eth0');
      return Number(new RegExp(`inet ${address} .* valid_lft (\\d+)sec`).exec(shown)?.[1] ?? -1);
    };
    await stopServer();
    await copy.lan.run(['ip', 'address', 'replace', '192.168.1.1/24', 'dev', 'lan0']);
    // dnsmasq, since udhcpd says nothing to a renewal that it does not like. The address of before is not its to give.
    await copy.lan.startDhcpServer([`--log-facility=/tmp/${client}.log`]);
    // Without a NAK the address would stay until the kernel takes it away, with nothing left of the lease.
    let secondsLeft = 0;
    const next = await eventually(
      'another address',
      async () => {
        const now = await left();
        if (now >= 0) secondsLeft = now;
        const other = await addressOf(copy, 'short');
        return other?.startsWith('192.168.1.') ? other : null;
      },
      60_000,
    );
    expect(await copy.sandbox.read(`/tmp/${client}.log`)).toContain(
      `DHCPNAK(lan0) ${address.split('/')[0]} `,
    );
    // dhcpcd does not hear a NAK to its renewal, which is broadcast: it may hold the address until the lease ends.
    if (client !== 'dhcpcd') expect(secondsLeft).toBeGreaterThan(1);
    await answersFromLan(copy, next.split('/')[0] ?? '');
    expect(await copy.lan.ping(address.split('/')[0] ?? '', 1)).toBe(0);
    expect(await inside('ip', '-4', '-o', 'address', 'show', 'eth0')).not.toContain('192.168.2.');
    await eventually('its state says so', async () => (await state()).includes(`"address": "${next}"`));
    await copy.lan.stopDhcpServer();
  });
});
