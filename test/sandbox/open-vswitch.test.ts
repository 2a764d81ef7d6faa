import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { RUNTIME_CONFIG_FILE } from '../../src/model/paths.js';
import type { RunningCopy } from '../../src/rehearse/copy.js';
import {
  portsOfContainers,
  startDatabase,
  startOvsHost,
  stopDatabase,
  vsctl,
} from './open-vswitch-support.js';
import { pipework, startContainer } from './pipework-support.js';
import { addressOf, answersFromLan, docker, document, eventually, importImage } from './support.js';

let copy: RunningCopy;
beforeAll(async () => {
  copy = await startOvsHost();
  await importImage(copy);
});
afterAll(() => copy?.stop());

beforeEach(() => startContainer(copy, 'web'));
afterEach(() => docker(copy, 'rm', '-f', 'web'));

/** A form that works; its words. */
async function takes(...args: string[]): Promise<string> {
  const run = await pipework(copy, ...args);
  expect(run.exitCode, run.stderr).toBe(0);
  return run.stdout;
}

async function refuses(...args: string[]): Promise<string> {
  const run = await pipework(copy, ...args);
  expect(run.exitCode, run.stderr).toBe(3);
  return run.stderr;
}

const silent = async (address: string) => expect(await copy.lan.ping(address, 2)).toBe(0);
const noPorts = () =>
  eventually('no port record is left', async () => (await portsOfContainers(copy)).length === 0);
const onePort = async () => {
  const ports = await portsOfContainers(copy);
  expect(ports).toHaveLength(1);
  return ports[0] ?? '';
};

it('is reached from the LAN; the same again, another address, detach', async () => {
  await takes('ovsbr0', 'web', '192.168.1.140/24@192.168.1.1');
  await answersFromLan(copy, '192.168.1.140');
  const port = await onePort();
  expect(await takes('ovsbr0', 'web', '192.168.1.140/24@192.168.1.1')).toContain('(as it was)');
  await takes('ovsbr0', 'web', '192.168.1.141/24');
  await answersFromLan(copy, '192.168.1.141');
  await silent('192.168.1.140');
  expect(await onePort()).toBe(port);
  expect((await copy.bridgeSetup(['detach', 'web'])).exitCode).toBe(0);
  expect(await portsOfContainers(copy)).toEqual([]);
  await silent('192.168.1.141');
});

it('takes DHCP', async () => {
  await takes('ovsbr0', 'web', 'dhcp');
  const address = await addressOf(copy, 'web', 'eth1');
  await answersFromLan(copy, address?.split('/')[0] ?? '');
  // Its client would outlive the container, and keep the link.
  expect((await copy.bridgeSetup(['detach', 'web'])).exitCode).toBe(0);
  expect(await portsOfContainers(copy)).toEqual([]);
});

it('is in the VLAN that is asked for and in no other, and changes over by its record alone', async () => {
  await takes('ovsbr0', 'web', '10.10.0.140/24', '@10');
  await answersFromLan(copy, '10.10.0.140');
  const port = await onePort();
  expect(await vsctl(copy, 'get', 'port', port, 'tag')).toBe('10');
  const index = (await copy.sandbox.run(['cat', `/sys/class/net/${port}/ifindex`])).stdout;
  await takes('ovsbr0', 'web', '10.10.0.140/24', '@11');
  expect(await vsctl(copy, 'get', 'port', port, 'tag')).toBe('11');
  expect((await copy.sandbox.run(['cat', `/sys/class/net/${port}/ifindex`])).stdout).toBe(index);
  await silent('10.10.0.140');
  await takes('ovsbr0', 'web', '10.10.0.140/24');
  expect(await vsctl(copy, 'get', 'port', port, 'tag')).toBe('[]');
  await silent('10.10.0.140');
});

it('changes places with a Linux bridge, and back', async () => {
  await takes('br0', 'web', '192.168.1.142/24');
  await takes('ovsbr0', 'web', '192.168.1.142/24');
  await answersFromLan(copy, '192.168.1.142');
  await onePort();
  await takes('br0', 'web', '192.168.1.142/24');
  await answersFromLan(copy, '192.168.1.142');
  expect(await portsOfContainers(copy)).toEqual([]);
});

it('gets no accept rule: its frames do not pass the firewall', async () => {
  await takes('ovsbr0', 'web', '192.168.1.143/24');
  expect((await copy.sandbox.run(['iptables', '-S', 'DOCKER-USER'])).stdout).not.toContain('ovsbr0');
});

it('leaves no record of a container that ended, where no daemon runs', async () => {
  await takes('ovsbr0', 'web', '192.168.1.144/24', '-l', 'webhost');
  await docker(copy, 'kill', 'web');
  expect(await portsOfContainers(copy)).toEqual(['webhost']);
  await docker(copy, 'start', 'web');
  await takes('ovsbr0', 'web', '192.168.1.144/24');
  await answersFromLan(copy, '192.168.1.144');
  expect(await onePort()).not.toBe('webhost');
  await docker(copy, 'rm', '-f', 'web');
  await startContainer(copy, 'other');
  await takes('br0', 'other', '192.168.1.145/24');
  expect(await portsOfContainers(copy)).toEqual([]);
  await docker(copy, 'rm', '-f', 'other');
});

it('says what is wrong: a NIC in use, a fake bridge, a bridge that is missing or cannot be made', async () => {
  expect(await refuses('eth1', 'web', '192.168.1.146/24')).toContain('eth1 is a port of ovsbr0');
  await vsctl(copy, 'add-br', 'vlan20', 'ovsbr0', '20');
  expect(await refuses('vlan20', 'web', '192.168.1.146/24')).toContain('ovsbr0 … @20');
  await vsctl(copy, 'del-br', 'vlan20');
  expect(await refuses('ovsbr9', 'web', '192.168.1.146/24')).toContain('--create');
  const made = await pipework(copy, '--create', 'ovsbr9', 'web', '192.168.1.146/24');
  // A kernel with the module for it is welcome to make it.
  if (made.exitCode !== 0) {
    expect([made.exitCode, made.stderr]).toEqual([4, expect.stringContaining('datapath_type=netdev')]);
    expect(await vsctl(copy, 'list-br')).toBe('ovsbr0');
  }
});

it('says that the database does not answer, and leaves nothing', async () => {
  await stopDatabase(copy);
  try {
    const words = await refuses('ovsbr0', 'web', '192.168.1.147/24');
    expect(words).toContain('ovsdb-server');
    expect((await copy.sandbox.run(['ip', 'link'])).stdout).not.toMatch(/\bbs[0-9a-f]{12}\b/);
    await takes('br0', 'web', '192.168.1.147/24');
    await answersFromLan(copy, '192.168.1.147');
  } finally {
    await startDatabase(copy);
  }
});

it('is kept by the daemon over a restart of the container, and collected after a kill', async () => {
  await docker(copy, 'rm', '-f', 'web');
  const config = document((await copy.sandbox.read(RUNTIME_CONFIG_FILE)) ?? '');
  await copy.sandbox.write(RUNTIME_CONFIG_FILE, JSON.stringify({ ...config, bridges: ['br0', 'ovsbr0'] }));
  const rule = 'pipework_cmd=ovsbr0 @CONTAINER_NAME@ 192.168.1.148/24@192.168.1.1';
  const run = () => docker(copy, 'run', '-d', '--name=web', '--net=none', '-e', rule, 'box', 'sleep', '3600');
  let daemon = await copy.startDaemon();
  await run();
  await answersFromLan(copy, '192.168.1.148');
  const { bridges, direct } = document((await copy.bridgeSetup(['status', '--json'])).stdout);
  expect(bridges.map(({ name }: { name: string }) => name)).not.toContain('ovsbr0');
  expect(direct).toMatchObject([{ on: 'ovsbr0', address: '192.168.1.148/24', trouble: null }]);

  await docker(copy, 'restart', '-t', '0', 'web');
  await answersFromLan(copy, '192.168.1.148');
  await onePort();

  daemon.kill('SIGKILL');
  await daemon.exited;
  await docker(copy, 'kill', 'web');
  await docker(copy, 'start', 'web');
  await onePort();
  await silent('192.168.1.148');
  daemon = await copy.startDaemon();
  await answersFromLan(copy, '192.168.1.148');

  daemon.kill('SIGKILL');
  await daemon.exited;
  await docker(copy, 'rm', '-f', 'web');
  await onePort();
  daemon = await copy.startDaemon();
  await noPorts();
  daemon.kill('SIGTERM');
  await daemon.exited;
  expect((await copy.sandbox.run(['iptables', '-S', 'DOCKER-USER'])).stdout).not.toContain('ovsbr0');
  await startContainer(copy, 'web');
});
