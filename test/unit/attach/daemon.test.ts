import { setImmediate } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Daemon } from '../../../src/attach/daemon.js';
import type { LogEntry } from '../../../src/attach/log.js';
import { containerInfo, FakeHost } from '../support/fake-host.js';

const config = {
  version: 1,
  bridges: ['br0'],
  imageRules: false,
  firewall: 'auto',
  dhcpClient: 'udhcpc',
} as const;
const STAT = `4000 (node) S ${Array.from({ length: 18 }, () => 0).join(' ')} 99 0`;

let host: FakeHost;
let log: LogEntry[];
let daemon: Daemon;

beforeEach(() => {
  host = new FakeHost();
  host.content.set('/proc/4000/stat', STAT);
  log = [];
  daemon = new Daemon(host, { ...config, bridges: ['br0'] }, (entry) => log.push(entry));
});
afterEach(() => daemon.stop());

const stateOfDaemon = () => JSON.parse(host.content.get('/run/bridge-setup/daemon.json') ?? 'null');
async function until(condition: () => boolean): Promise<void> {
  for (let turn = 0; turn < 1000 && !condition(); turn += 1) await setImmediate();
  expect(condition()).toBe(true);
}

describe('Daemon', () => {
  it('is ready after its first pass, tells systemd, and leaves no state when it stops', async () => {
    host.env.NOTIFY_SOCKET = '/run/systemd/notify';
    await daemon.start();
    await until(() => stateOfDaemon()?.ready);
    expect(stateOfDaemon()).toMatchObject({ version: 1, pid: 4000, bridges: ['br0'] });
    expect(host.content.has('/var/lib/bridge-setup/dhcp-hook')).toBe(true);
    await until(() => host.commands.some(({ argv }) => argv[0] === 'systemd-notify'));
    await daemon.stop();
    expect(stateOfDaemon()).toBeNull();
  });

  it('tells a problem with a rule once, with the container, the rule and the token', async () => {
    const container = containerInfo({ env: ['pipework_cmd=br0 web-7 $(reboot)'] });
    host.containers.set(container.id, container);
    await daemon.start();
    const told = () => log.filter(({ level }) => level === 'warn').map(({ message }) => message);
    await until(() => told().length > 0);
    // The clock of this host jumps, so this is many passes.
    for (let turn = 0; turn < 100; turn += 1) await setImmediate();
    expect(told()).toEqual([
      'web-7: pipework_cmd="br0 web-7 $(reboot)" is not followed: "$(reboot)": it has a character that no rule needs',
    ]);
  });

  it('tells of a rule that comes with the image, in its log and as the state of an endpoint, and attaches nothing', async () => {
    const rule = 'pipework_cmd=br0 @CONTAINER_NAME@ 192.168.1.70/24';
    const container = containerInfo({ env: ['PATH=/bin', rule], image: 'evil:1' });
    host.containers.set(container.id, container);
    host.images.set(container.imageId, { id: container.imageId, env: [rule], labels: {} });
    await daemon.start();
    const state = () =>
      [...host.content].find(([path]) => path.startsWith('/run/bridge-setup/endpoints/'))?.[1] ?? '{}';
    await until(() => JSON.parse(state()).state === 'failed');
    const [told] = log.filter(({ level }) => level === 'warn').map(({ message }) => message);
    expect(told).toContain('it comes with the image evil:1, and was not given at "docker run"');
    expect(told).toContain('"imageRules": true in /etc/bridge-setup/runtime.json');
    expect(JSON.parse(state())).toMatchObject({
      interfaceName: 'eth1',
      error: expect.stringContaining('evil:1'),
    });
    expect(host.commands.filter(({ argv }) => argv.includes('-batch'))).toEqual([]);
  });

  it('waits for a Docker that is not there, and does not keep the service manager waiting', async () => {
    host.env.NOTIFY_SOCKET = '/run/systemd/notify';
    const { events } = host.docker;
    let attempts = 0;
    host.docker.events = (signal, onOpen) => {
      attempts += 1;
      if (attempts < 4) throw new Error('connect ENOENT');
      return events(signal, onOpen);
    };
    await daemon.start();
    await until(() => stateOfDaemon()?.ready);
    expect(log.filter(({ message }) => message.includes('connect ENOENT'))).toHaveLength(1);
    expect(host.commands.find(({ argv }) => argv[0] === 'systemd-notify')?.argv).toContain(
      '--status=waiting for Docker',
    );
  });

  it('looks at many containers at once where events were missed, and at few in a pass that only looks', async () => {
    for (let number = 0; number < 30; number += 1) {
      const container = containerInfo({ id: String(number).padStart(2, '0').repeat(32) });
      host.containers.set(container.id, container);
    }
    const { inspect } = host.docker;
    let [inspected, now, most] = [0, 0, 0];
    host.docker.inspect = async (id) => {
      inspected += 1;
      now += 1;
      most = Math.max(most, now);
      await setImmediate();
      now -= 1;
      return inspect(id);
    };
    await daemon.start();
    await until(() => stateOfDaemon()?.ready);
    expect([inspected >= 30, most]).toEqual([true, 30]);
    [inspected, most] = [0, 0];
    await until(() => inspected >= 60);
    expect(most).toBe(4);
  });

  it('notices a bridge that was made anew, and that only', async () => {
    const index = '/sys/class/net/br0/ifindex';
    const told = () => log.filter(({ message }) => message.startsWith('br0 is a new one')).length;
    host.content.set(index, '4\n');
    await daemon.start();
    for (let turn = 0; turn < 100; turn += 1) await setImmediate();
    host.content.delete(index);
    for (let turn = 0; turn < 100; turn += 1) await setImmediate();
    expect(told()).toBe(0);
    host.content.set(index, '9\n');
    await until(() => told() > 0);
    for (let turn = 0; turn < 100; turn += 1) await setImmediate();
    expect(told()).toBe(1);
  });

  it('does not start beside another one', async () => {
    await daemon.start();
    const second = new Daemon(host, { ...config, bridges: ['br0'] }, () => {});
    await expect(second.start()).rejects.toMatchObject({ code: 'daemon-running' });
  });
});
