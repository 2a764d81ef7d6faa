import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Child } from '../../src/host/host.js';
import type { RunningCopy } from '../../src/rehearse/copy.js';
import { addressOf, answersFromLan, docker, eventually, setUpForContainers, startHost } from './support.js';

const RULE = 'pipework_cmd=br0 -i eth0 @CONTAINER_NAME@';
const SERVERS = ['192.168.1.1', '9.9.9.9'];

let copy: RunningCopy;
let daemon: Child;

/** Start a container with a rule of its own. */
const run = (name: string, address: string, ...options: string[]) =>
  docker(
    copy,
    'run',
    '-d',
    `--name=${name}`,
    '--net=none',
    '-e',
    `${RULE} ${address}`,
    ...options,
    'box',
    'sleep',
    '3600',
  );
/** A command in the network namespace of a container. */
const inside = async (name: string, ...argv: string[]) => {
  const pid = await docker(copy, 'inspect', '--format', '{{.State.Pid}}', name);
  return (await copy.sandbox.run(['nsenter', `--net=/proc/${pid}/ns/net`, '--', ...argv])).stdout;
};
const resolvConf = (name: string) => docker(copy, 'exec', name, 'busybox', 'cat', '/etc/resolv.conf');
const leased = (name: string) => eventually(`a lease of ${name}`, () => addressOf(copy, name), 60_000);
/** What the DHCP server of the LAN says that it has given away: expiry, MAC, address, name. */
const serverLeases = async () => (await copy.sandbox.read('/tmp/lan.leases')) ?? '';

beforeAll(async () => {
  copy = await startHost(undefined, ['busybox-static', 'udhcpd', 'dhcpcd-base']);
  await setUpForContainers(copy);
  await copy.lan.stopDhcpServer();
  await copy.lan.startDhcpServer([
    '--dhcp-option=121,10.5.0.0/16,192.168.1.9,0.0.0.0/0,192.168.1.1',
    '--dhcp-option=33,10.7.0.1,192.168.1.7',
    '--dhcp-option=26,1400',
    '--domain=lan.example',
    `--dhcp-option=option:dns-server,${SERVERS.join(',')}`,
    '--dhcp-host=box-by-name,192.168.1.77',
  ]);
  daemon = await copy.startDaemon();
});
afterAll(() => copy?.stop());

describe('the options of a lease', () => {
  let hostResolvConf: string | null;
  let original: string;

  beforeAll(async () => {
    hostResolvConf = await copy.sandbox.read('/etc/resolv.conf');
    await docker(copy, 'run', '-d', '--name=plain', '--net=none', 'box', 'sleep', '3600');
    original = await resolvConf('plain');
    await run('options', 'dhcp', '--hostname=box-by-name');
    await answersFromLan(copy, (await leased('options')).split('/')[0] ?? '');
  });

  it('are the routes of option 121, which wins over 3 and 33', async () => {
    const routes = await inside('options', 'ip', 'route');
    expect(routes).toContain('10.5.0.0/16 via 192.168.1.9 dev eth0');
    expect(routes).toContain('default via 192.168.1.1 dev eth0');
    expect(routes).not.toContain('10.7.0.1');
  });

  it('are the MTU', async () => {
    expect(await inside('options', 'ip', 'link', 'show', 'eth0')).toContain('mtu 1400');
  });

  it('are the name servers, inside the container, and the host keeps its own', async () => {
    const text = await eventually('its name servers', async () => {
      const now = await resolvConf('options');
      return now.includes('9.9.9.9') && now;
    });
    expect(text).toContain('search lan.example\nnameserver 192.168.1.1\nnameserver 9.9.9.9');
    expect(await copy.sandbox.read('/etc/resolv.conf')).toBe(hostResolvConf);
    expect(await resolvConf('plain')).toBe(original);
  });

  it('are those of the reservation for the host name of the container', async () => {
    expect(await addressOf(copy, 'options')).toBe('192.168.1.77/24');
    expect(await serverLeases()).toMatch(/ 192\.168\.1\.77 box-by-name /);
  });

  it('are those of the same reservations after the container was made anew', async () => {
    await run('by-mac', 'dhcp');
    const before = await leased('by-mac');
    await docker(copy, 'rm', '-f', 'options', 'by-mac');
    await run('taker', 'dhcp');
    await leased('taker');
    await run('options', 'dhcp', '--hostname=box-by-name');
    await run('by-mac', 'dhcp');
    expect(await leased('options')).toBe('192.168.1.77/24');
    expect(await leased('by-mac')).toBe(before);
    await docker(copy, 'rm', '-f', 'taker', 'by-mac');
  });

  it('stay with a container that a daemon did not see for a while', async () => {
    const before = await addressOf(copy, 'options');
    daemon.kill('SIGKILL');
    await daemon.exited;
    daemon = await copy.startDaemon();
    expect(await addressOf(copy, 'options')).toBe(before);
    await answersFromLan(copy, '192.168.1.77');
    expect(await resolvConf('options')).toContain('nameserver 9.9.9.9');
  });
});

describe('a lease', () => {
  it('is kept over a stop and a restart of the container', async () => {
    await run('stays', 'dhcp');
    const before = await leased('stays');
    const held = () => serverLeases().then((text) => text.includes(` ${before.split('/')[0]} `));
    await docker(copy, 'restart', '-t', '0', 'stays');
    expect([await held(), await leased('stays')]).toEqual([true, before]);
    await docker(copy, 'stop', '-t', '0', 'stays');
    await eventually('its link is gone', async () => {
      const { stdout } = await copy.sandbox.run(['grep', '-r', '"stopped"', '/run/bridge-setup/endpoints'], {
        check: false,
      });
      return stdout !== '';
    });
    expect(await held()).toBe(true);
    await docker(copy, 'start', 'stays');
    expect(await leased('stays')).toBe(before);
  });

  it('is given back when the container is removed', async () => {
    const address = (await leased('stays')).split('/')[0] ?? '';
    expect(await serverLeases()).toContain(` ${address} `);
    await docker(copy, 'rm', '-f', 'stays');
    await eventually('the server has it back', async () => !(await serverLeases()).includes(` ${address} `));
  });

  it.each(['dhclient', 'dhcpcd'])('of %s has the options, and is given back, too', async (client) => {
    daemon.kill();
    await daemon.exited;
    const config = { version: 1, bridges: ['br0'], dhcpClient: client };
    await copy.sandbox.write('/etc/bridge-setup/runtime.json', JSON.stringify(config));
    daemon = await copy.startDaemon();
    await run(client, 'dhcp', `--hostname=of-${client}`);
    const address = (await leased(client)).split('/')[0] ?? '';
    await answersFromLan(copy, address);
    expect(await serverLeases()).toContain(` ${address} of-${client} `);
    const routes = await inside(client, 'ip', 'route');
    expect(routes).toContain('10.5.0.0/16 via 192.168.1.9 dev eth0');
    expect(routes).toContain('default via 192.168.1.1 dev eth0');
    expect(await inside(client, 'ip', 'link', 'show', 'eth0')).toContain('mtu 1400');
    await eventually('its name servers', async () =>
      (await resolvConf(client)).includes('nameserver 9.9.9.9'),
    );
    const id = await docker(copy, 'inspect', '--format', '{{.Id}}', client);
    await docker(copy, 'rm', '-f', client);
    await eventually('the server has it back', async () => !(await serverLeases()).includes(` ${address} `));
    await eventually('no file of the client is left', async () => {
      const { stdout } = await copy.sandbox.run(['ls', '/run/bridge-setup/clients']);
      return !stdout.includes(id.slice(0, 12));
    });
  });
});

describe('a static address', () => {
  const lanMac = async () =>
    /link\/ether (\S+)/.exec((await copy.lan.run(['ip', 'link', 'show', 'lan0'])).stdout)?.[1] ?? 'none';

  it('that another host has is refused, with the MAC address of that host, and nothing is attached', async () => {
    await copy.lan.run(['ip', 'address', 'add', '192.168.1.90/32', 'dev', 'lan0']);
    const mac = await lanMac();
    await run('clash', '192.168.1.90/24');
    await eventually('the conflict is told', async () => {
      const { stdout } = await copy.sandbox.run(['grep', '-r', 'error', '/run/bridge-setup/endpoints'], {
        check: false,
      });
      return stdout.includes(`192.168.1.90 is in use on br0 already, by the MAC address ${mac}`);
    });
    expect(await addressOf(copy, 'clash')).toBeNull();
    const ports = async () => (await copy.sandbox.run(['ip', '-o', 'link', 'show', 'master', 'br0'])).stdout;
    // The runtime tries again now and then, and has a port for the time of a probe.
    const id = await docker(copy, 'inspect', '--format={{.Id}}', 'clash');
    await eventually('no port of it', async () => !(await ports()).includes(id.slice(0, 12)));
    const before = await ports();
    const hand = await docker(copy, 'run', '-d', '--name=hand', '--net=none', 'box', 'sleep', '3600');
    const byHand = await copy.bridgeSetup(['attach', 'br0', 'hand', '192.168.1.90/24']);
    expect([byHand.exitCode, byHand.stderr]).toEqual([4, expect.stringContaining(mac)]);
    expect(await ports()).not.toContain(hand.slice(0, 12));
    await eventually('the same ports as before', async () => (await ports()) === before);
  });

  it("that is the host's own is refused, also one of its loopback; the next one is attached as ever", async () => {
    await copy.sandbox.run(['ip', 'address', 'add', '192.168.1.91/32', 'dev', 'lo']);
    await run('own', '192.168.1.91/24');
    await run('next', '192.168.1.92/24');
    await eventually('the conflict is told', async () => {
      const { stdout } = await copy.sandbox.run(['grep', '-r', 'error', '/run/bridge-setup/endpoints'], {
        check: false,
      });
      return stdout.includes('192.168.1.91 is in use on br0 already');
    });
    expect(await addressOf(copy, 'own')).toBeNull();
    await eventually('the address of the next one', () => addressOf(copy, 'next'));
    await answersFromLan(copy, '192.168.1.92');
    await docker(copy, 'rm', '-f', 'own', 'next');
    await copy.sandbox.run(['ip', 'address', 'delete', '192.168.1.91/32', 'dev', 'lo']);
  });

  it('is attached when the other host has gone, and announced', async () => {
    await copy.lan.run(['ip', 'address', 'delete', '192.168.1.90/32', 'dev', 'lan0']);
    await copy.lan.run([
      'ip',
      'neighbour',
      'replace',
      '192.168.1.90',
      'lladdr',
      '02:00:00:00:00:99',
      'dev',
      'lan0',
      'nud',
      'stale',
    ]);
    await eventually('its address', () => addressOf(copy, 'clash'), 60_000);
    // Not asked: the LAN knows better by the announcement alone.
    await eventually('the announcement', async () => {
      const { stdout } = await copy.lan.run(['ip', 'neighbour', 'show', 'to', '192.168.1.90']);
      return stdout.includes('lladdr') && !stdout.includes('02:00:00:00:00:99');
    });
    await answersFromLan(copy, '192.168.1.90');
  });
});
