import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { localHost } from '../../src/host/local-host.js';
import { launchContainer, launchContainers, type Seen, seeContainer } from './containers.js';
import { STATIC_CONTAINER, STATIC_HOST } from './hosts.js';
import { Machine } from './machine.js';
import { setUp } from './set-up.js';
import { tellStory } from './story.js';
import { note } from './timing.js';
import { until } from './until.js';

const UNIT = 'bridge-setup.service';
/** By systemd 252, where 0 is nothing and 10 everything (docs/architecture.md, "What the daemon may do"). */
const MAX_EXPOSURE = 4.1;

/** Beside the two containers of the guide. udhcpc is theirs. */
const CLIENTS = ['dhclient', 'dhcpcd'];
const IPV6 = { container: 'fd00:5::7', lan: 'fd00:5::1' };
const CLIENT_PROCESSES = 'udhcpc|dhclient|dhcpcd';

const WAIT_MS = 20_000;

const eventually = (what: string | (() => string), isSo: () => Promise<boolean>) =>
  until(what, isSo, WAIT_MS);

describe('the unit of the runtime', () => {
  let machine: Machine;
  let containers: Seen[];

  beforeAll(async () => {
    note('what the unit lets the runtime do');
    machine = await Machine.make({ host: localHost(), files: STATIC_HOST.files });
    await machine.boot({ project: true });
    await setUp(machine);
    await machine.run(['apt-get', 'install', '--yes', '--no-install-recommends', 'dhcpcd-base']);
    await machine.lan.run(['ip', 'address', 'add', `${IPV6.lan}/64`, 'dev', 'lan0', 'nodad']);
  });
  afterAll(() => machine?.stop());
  tellStory();

  test('is understood by systemd to the last line', async () => {
    const path = `/etc/systemd/system/${UNIT}`;
    const { stdout, stderr } = await machine.run(['systemd-analyze', 'verify', '--man=no', path]);
    expect(`${stdout}${stderr}`).toBe('');
  });

  test(`leaves an exposure of ${MAX_EXPOSURE} or less`, async () => {
    const { stdout } = await machine.run(['systemd-analyze', 'security', '--no-pager', UNIT]);
    const exposure = Number(/exposure level for \S+: ([\d.]+)/.exec(stdout)?.[1]);
    note(`           exposure ${exposure}`);
    expect(exposure, stdout).toBeLessThanOrEqual(MAX_EXPOSURE);
  });

  test('binds the daemon that runs', async () => {
    const pid = await mainPid();
    const status = (await machine.read(`/proc/${pid}/status`)) ?? '';
    expect(status).toMatch(/^NoNewPrivs:\t1$/m);
    // seccomp(2), SECCOMP_MODE_FILTER
    expect(status).toMatch(/^Seccomp:\t2$/m);
    expect(await maySee(pid, '/usr/local/lib/bridge-setup')).toBe('ro');
    expect(await maySee(pid, '/etc')).toBe('ro');
    expect(await maySee(pid, '/proc/sys')).toBe('ro');
    expect(await maySee(pid, '/proc/sys/net')).toBe('rw');
    expect(await maySee(pid, '/var/lib/docker')).toBe('rw');
  });

  test('has containers on the LAN, with a static address and by each DHCP client', async () => {
    await launchContainers(machine, STATIC_HOST.staticRule);
    for (const client of CLIENTS) await launchContainer(machine, client, rule(client));
    const seen = [await seeContainer(machine, 'test1', STATIC_CONTAINER)];
    for (const name of ['test2', ...CLIENTS]) seen.push(await seeContainer(machine, name));
    containers = seen;
    expect(new Set(containers.map(({ address }) => address)).size).toBe(containers.length);
  });

  test('has one with IPv6 on the LAN, which takes a setting of the kernel', async () => {
    await launchContainer(machine, 'six', rule(`${IPV6.container}/64`));
    await eventually('IPv6 answers', async () => (await machine.lan.ping(IPV6.container, 1)) > 0);
  });

  test("brings the lease's name servers to the containers", async () => {
    for (const name of ['test2', ...CLIENTS]) {
      const shown = () => machine.run(['docker', 'exec', name, 'busybox', 'cat', '/etc/resolv.conf']);
      await eventually(`resolv.conf of ${name}`, async () => (await shown()).stdout.includes('bridge-setup'));
    }
  });

  test('lets the daemon end each DHCP client when it is stopped, and the containers go on', async () => {
    expect(await clients()).not.toEqual([]);
    await machine.run(['systemctl', 'stop', UNIT]);
    expect(await clients()).toEqual([]);
    for (const { address } of containers) expect(await machine.lan.ping(address, 1), address).toBe(1);
    await machine.run(['systemctl', 'start', UNIT]);
    for (const { name, ...known } of containers) {
      expect(await seeContainer(machine, name, known.address)).toEqual({ name, ...known });
    }
  });

  test('lets the daemon give the lease of each DHCP client back, of containers that are removed at once', async () => {
    const dynamic = containers.filter(({ name }) => name !== 'test1');
    const held = async () => (await machine.lan.run(['cat', '/tmp/lan.leases'])).stdout;
    for (const { mac } of dynamic) expect(await held()).toContain(mac);
    // The daemon was restarted a moment ago: its clients ask for leases that they need not have yet.
    await machine.run(['docker', 'rm', '--force', ...dynamic.map(({ name }) => name)]);
    let leases = '';
    const left = () => dynamic.filter(({ mac }) => leases.includes(mac)).map(({ name }) => name);
    await eventually(
      () => `leases are given back, but those of ${left().join(', ')}`,
      async () => {
        leases = await held();
        return left().length === 0;
      },
    );
    await eventually('no DHCP client is left', async () => (await clients()).length === 0);
  });

  const rule = (what: string) => `pipework_cmd=br0 -i eth0 @CONTAINER_NAME@ ${what}`;

  async function mainPid(): Promise<string> {
    return (await machine.run(['systemctl', 'show', '--property=MainPID', '--value', UNIT])).stdout.trim();
  }

  /** Whether a process sees a folder as one that may be written to: `rw` or `ro`. */
  async function maySee(pid: string, folder: string): Promise<string> {
    const look = ['findmnt', '--noheadings', '--output=VFS-OPTIONS', `--target=${folder}`];
    const { stdout } = await machine.run(['nsenter', `--target=${pid}`, '--mount', ...look]);
    return stdout.trim().split(',')[0] ?? '';
  }

  async function clients(): Promise<string[]> {
    const shown = await machine.run(['pgrep', '--exact', '--list-name', CLIENT_PROCESSES], { check: false });
    return shown.stdout.split('\n').filter(Boolean);
  }
});
