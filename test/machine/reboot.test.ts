import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { localHost } from '../../src/host/local-host.js';
import { launchContainers, type Seen, seeContainers } from './containers.js';
import { DHCP_HOST, ROUTED_HOST, ROUTED_NETWORK, STATIC_CONTAINER, STATIC_HOST } from './hosts.js';
import { Machine } from './machine.js';
import { setUp } from './set-up.js';
import { tellStory } from './story.js';
import { note, timed } from './timing.js';
import { addressOf, INSTALLED, link, type View, view } from './view.js';

const WATCH_MS = 10;

describe.each([DHCP_HOST, STATIC_HOST, ROUTED_HOST])('$title', (host) => {
  const { title, files, staticRule } = host;
  let machine: Machine;
  let before: View;
  let address: string;
  let containers: Seen[];

  beforeAll(async () => {
    note(title);
    machine = await Machine.make({ host: localHost(), files });
    await machine.boot({ project: true });
    before = await view(machine);
    address = addressOf(before, 'eth0');
  });
  afterAll(() => machine?.stop());
  tellStory();

  test('is on the LAN, without a trace of bridge-setup', async () => {
    expect(await machine.lan.ping(address)).toBe(3);
    expect(before.installed).toEqual([]);
  });

  test('is set up, and keeps its address', async () => {
    const watch = machine.lan.watch(address, WATCH_MS);
    const { state } = await setUp(machine);
    const { longestSilenceMs } = await watch.stop();
    note(`           the LAN did not hear the host for ${longestSilenceMs} ms`);
    expect(state).toBe('applied');
    await expectBridge();
  });

  test('has nothing to be changed by a second run', async () => {
    const { state, plan } = await setUp(machine);
    expect(plan.steps).toEqual([]);
    expect(state).toBe('unchanged');
  });

  test('has containers on the LAN', async () => {
    await launchContainers(machine, staticRule);
    containers = await timed('containers on the LAN', () => seeContainers(machine));
  });

  test('is the same after ifupdown has taken it all down and brought it up again', async () => {
    const seen = await view(machine);
    const index = () => machine.read('/sys/class/net/br0/ifindex');
    const old = await index();
    await timed('restart of networking', () => machine.run(['systemctl', 'restart', 'networking']));
    expect(await index(), 'br0 is a new one, which the runtime has to notice').not.toBe(old);
    const started = performance.now();
    expect(await timed('containers on the LAN', () => seeContainers(machine))).toEqual(containers);
    // Not only by the full pass of each minute.
    expect(performance.now() - started).toBeLessThan(20_000);
    expect(await view(machine)).toEqual(seen);
    await expectBridge();
  });

  test('is the same after a reboot, without a hand moved', async () => {
    // What was installed has to do without the place that it was installed from.
    await machine.reboot({ project: false });
    expect(await timed('containers on the LAN', () => seeContainers(machine))).toEqual(containers);
    await expectBridge();
    const service = await machine.run(['systemctl', 'is-active', 'bridge-setup'], { check: false });
    expect(service.stdout.trim()).toBe('active');
    expect((await view(machine)).firewall).toContain('-A DOCKER-USER -i br0 -o br0 -j ACCEPT');
  });

  test('proves itself through the installed runtime, and does not without it', async () => {
    const verify = () =>
      machine.run(['bridge-setup', 'verify', '--json'], { check: false, timeoutMs: 120_000 });
    const proved = await timed('verify', verify);
    expect(proved.exitCode, proved.stdout).toBe(0);
    await machine.run(['systemctl', 'stop', 'bridge-setup']);
    const refused = await verify();
    expect([refused.exitCode, JSON.parse(refused.stdout).error.code]).toEqual([6, 'runtime-not-running']);
    await machine.run(['systemctl', 'start', 'bridge-setup']);
    expect(await seeContainers(machine)).toEqual(containers);
  });

  test('is as it was after a rollback', async () => {
    const watch = machine.lan.watch(address, WATCH_MS);
    const run = await timed('rollback', () =>
      machine.run(['bridge-setup', 'rollback'], { check: false, timeoutMs: 120_000 }),
    );
    const { longestSilenceMs } = await watch.stop();
    note(`           the LAN did not hear the host for ${longestSilenceMs} ms`);
    expect(run.exitCode, `${run.stdout}\n${run.stderr}`).toBe(0);
    await expectOriginal();
  });

  test('stays as it was after one more reboot', async () => {
    await machine.reboot({ project: false });
    await expectOriginal();
  });

  async function expectBridge(): Promise<void> {
    const seen = await view(machine);
    expect(addressOf(seen, 'br0')).toBe(address);
    expect(link(seen, 'br0').mac).toBe(link(before, 'eth0').mac);
    // The alias, and those of IPv6, too.
    expect(link(seen, 'br0').addresses).toEqual(link(before, 'eth0').addresses);
    expect(link(seen, 'eth0').addresses).toEqual([]);
    const own = await machine.shell('ip route show "$1"', ROUTED_NETWORK);
    expect(own.trim()).toBe(host === ROUTED_HOST ? `${ROUTED_NETWORK} via 192.168.1.1 dev br0` : '');
    expect(seen.installed).toEqual(INSTALLED);
    expect(await machine.lan.ping(address)).toBe(3);
  }

  async function expectOriginal(): Promise<void> {
    expect(await view(machine)).toEqual(before);
    expect(await machine.lan.ping(address)).toBe(3);
    expect(await machine.lan.ping(STATIC_CONTAINER, 1), 'a container is still on the LAN').toBe(0);
  }
});
