import { readFileSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { RunningCopy } from '../../src/rehearse/copy.js';
import {
  addressOf,
  answersFromLan,
  docker,
  eventually,
  MORE_PROGRAMS,
  PROJECT,
  setUpForContainers,
  startHost,
} from './support.js';

// docs/compose.md, by the docker-compose of Debian 12, which is version 1.

const DOCUMENT = readFileSync(`${PROJECT}/docs/compose.md`, 'utf8');
const FILE = '/srv/home/docker-compose.yml';
/** A busybox with the programs that the document's own lines call. */
const IMAGE = 'tools';

let copy: RunningCopy;
beforeAll(async () => {
  copy = await startHost(undefined, MORE_PROGRAMS);
  await setUpForContainers(copy);
  await makeImage();
  await copy.startDaemon();
});
afterEach(() => compose('down', '--timeout', '1'));
afterAll(() => copy?.stop());

async function makeImage(): Promise<void> {
  const links = ['sh', 'ip', 'grep', 'sleep', 'cat', 'ls'].map(
    (name) => `ln -s busybox /tmp/tools/bin/${name}`,
  );
  const make = ['mkdir -p /tmp/tools/bin', 'cp /bin/busybox /tmp/tools/bin/', ...links];
  const line = [...make, `tar -C /tmp/tools -c . | docker import - ${IMAGE}`].join(' && ');
  await copy.sandbox.run(['sh', '-c', line]);
}

const compose = async (...args: string[]) =>
  (await copy.sandbox.run(['docker-compose', '--file', FILE, ...args], { timeoutMs: 120_000 })).stdout;

const SERVICES = /```yaml\n([\s\S]*?)```/.exec(DOCUMENT)?.[1] ?? '';

/** The services of the document, but for their images and programs: the LAN of the test has no registry. */
async function up(services: string, ...flags: string[]): Promise<void> {
  const program = `image: ${IMAGE}\n    command: sleep 3600`;
  await copy.sandbox.run(['mkdir', '--parents', '/srv/home']);
  await copy.sandbox.write(FILE, services.replace(/image: (nginx|redis)/g, program));
  await compose('up', '-d', ...flags);
}

/** The code of a paragraph of the document that begins so. */
function codeOf(title: string, pattern: RegExp): string {
  const paragraph = DOCUMENT.split('\n').find((line) => line.startsWith(`- **${title}.**`)) ?? '';
  const code = [...paragraph.matchAll(/`([^`]+)`/g)].map(([, span = '']) => span);
  const found = code.find((span) => pattern.test(span));
  if (found === undefined) throw new Error(`docs/compose.md, ${title}: no code like ${pattern}`);
  return found;
}

/** Wait for a container's address, and until it answers from the LAN; the address, without its prefix length. */
async function onLan(container: string): Promise<string> {
  const cidr = await eventually(`${container} has an address`, () => addressOf(copy, container));
  const address = cidr.replace(/\/.*/, '');
  await answersFromLan(copy, address);
  return address;
}

/** The MAC address of a container's interface, as the container itself sees it. */
const macOf = async (container: string) =>
  /link\/ether (\S+)/.exec(await docker(copy, 'exec', container, 'ip', 'link', 'show', 'eth0'))?.[1];

describe('docs/compose.md', () => {
  it('has a file that puts both services on the LAN, also after a restart', async () => {
    await up(SERVICES);
    const before = await onLan('web');
    expect(await onLan('home_db_1')).toBe('192.168.1.70');
    const resolvConf = await docker(copy, 'exec', 'home_db_1', 'cat', '/etc/resolv.conf');
    expect(resolvConf).toContain('nameserver 192.168.1.1');

    await compose('restart', '--timeout', '1');
    expect([await onLan('web'), await onLan('home_db_1')]).toEqual([before, '192.168.1.70']);
  });

  it('is right that a service that is made anew keeps its MAC address', async () => {
    await up(SERVICES);
    await onLan('web');
    const identity = async () => [await macOf('web'), await docker(copy, 'inspect', '-f', '{{.Id}}', 'web')];
    const [mac, id] = await identity();
    const flag =
      codeOf('Reservations', /--force-recreate$/)
        .split(' ')
        .at(-1) ?? '';
    await compose('up', '-d', flag);
    await onLan('web');
    const [sameMac, otherId] = await identity();
    expect(sameMac).toBe(mac);
    expect(otherId).not.toBe(id);
  });

  it('is right that a variable means the same, and that services can be scaled', async () => {
    const environment = codeOf('Environment instead of a label', /^environment:/);
    await up(
      `services:\n  box:\n    image: nginx\n    network_mode: none\n    ${environment}\n`,
      '--scale',
      'box=3',
    );
    const addresses = [await onLan('home_box_1'), await onLan('home_box_2'), await onLan('home_box_3')];
    expect(new Set(addresses).size).toBe(3);
  });

  it('has a line that waits for the address', async () => {
    const program = 'sh -c "ip -4 addr show eth0 > /seen; sleep 3600"';
    const line = codeOf('Order', /^sh -c/).replace('my-program', program);
    const label = 'bridge-setup.attach=br0 -i eth0 @CONTAINER_NAME@ dhcp';
    const service = `image: ${IMAGE}\n    network_mode: none\n    command: ${JSON.stringify(line)}\n    labels: ["${label}"]`;
    await up(`services:\n  late:\n    ${service}\n`);
    await eventually('the program runs', async () =>
      (await docker(copy, 'exec', 'home_late_1', 'ls', '/')).includes('seen'),
    );
    expect(await docker(copy, 'exec', 'home_late_1', 'cat', '/seen')).toContain('inet 192.168.1.');
  });

  it('is right that a service may be on both networks', async () => {
    const label = 'bridge-setup.attach=br0 -i eth1 @CONTAINER_NAME@ 192.168.1.71/24';
    await up(`services:\n  both:\n    image: nginx\n    labels: ["${label}"]\n  other:\n    image: redis\n`);
    await answersFromLan(copy, '192.168.1.71');
    expect(await addressOf(copy, 'home_both_1', 'eth1')).toBe('192.168.1.71/24');
    expect(await docker(copy, 'exec', 'home_other_1', 'busybox', 'ping', '-c', '1', 'both')).toContain(
      '1 packets received',
    );
  });
});
