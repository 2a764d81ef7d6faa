import { beforeEach, describe, expect, it } from 'vitest';
import { type ClientRecord, clientsOf, isAlive, stopClient } from '../../../src/attach/client.js';
import { withNetns } from '../../../src/attach/netns.js';
import { containerInfo, FakeHost } from '../support/fake-host.js';

/** A line of /proc/PID/stat whose program has a name to stumble over. */
const stat = (startTime: string, state = 'S') =>
  `700 (a) b (c) ${state} ${Array.from({ length: 18 }, (_, n) => n).join(' ')} ${startTime} 0 0`;

let host: FakeHost;
beforeEach(() => {
  host = new FakeHost();
});

describe('a DHCP client on record', () => {
  const record: ClientRecord = {
    pid: 700,
    startTime: '4711',
    run: '1-1',
    client: 'udhcpc',
    containerId: '0123456789abcdef',
    interfaceName: 'eth0',
    hostLink: 'bs1',
  };
  const file = '/run/bridge-setup/clients/0123456789ab-bs1.json';

  beforeEach(() => {
    host.content.set(file, JSON.stringify(record));
  });

  it('is found again by its container', async () => {
    host.content.set(file.replace('0123456789ab', 'fedcba987654'), JSON.stringify(record));
    host.content.set(file.replace('bs1', 'bs2'), 'rubbish');
    expect(await clientsOf(host, record.containerId)).toEqual([record]);
  });

  it('is ended', async () => {
    host.content.set('/proc/700/stat', stat('4711'));
    host.onSignal = (pid) => host.content.delete(`/proc/${pid}/stat`);
    await stopClient(host, record);
    expect(host.signals).toEqual([{ pid: 700, signal: 'SIGTERM' }]);
    expect(host.content.has(file)).toBe(false);
  });

  it.each([
    ['another process has its PID', stat('4712')],
    ['it is a zombie', stat('4711', 'Z')],
    ['it is gone', null],
  ])('is left alone, and its record removed, when %s', async (_, text) => {
    if (text !== null) host.content.set('/proc/700/stat', text);
    expect(await isAlive(host, record)).toBe(false);
    await stopClient(host, record);
    expect(host.signals).toEqual([]);
    expect(host.content.has(file)).toBe(false);
  });

  it('is killed when it does not end by itself', async () => {
    host.content.set('/proc/700/stat', stat('4711'));
    await stopClient(host, record);
    expect(host.signals.map(({ signal }) => signal)).toEqual(['SIGTERM', 'SIGKILL']);
  });
});

describe('withNetns', () => {
  const container = containerInfo();
  const enter = () => withNetns(host, container, async ({ identity }) => identity);

  beforeEach(() => {
    host.containers.set(container.id, container);
    host.links.set('/held/proc/321/ns/net', 'net:[2]');
    host.links.set('/proc/4000/ns/net', 'net:[1]');
  });

  it('holds the namespace of the container', async () => {
    expect(await enter()).toBe('net:[2]');
  });

  it('goes by the control group, where Docker need not be asked', async () => {
    host.containers.delete(container.id);
    host.content.set('/proc/321/cgroup', `0::/system.slice/docker-${container.id}.scope\n`);
    host.links.set('/proc/321/ns/net', 'net:[2]');
    expect(await enter()).toBe('net:[2]');
  });

  it.each([
    ['is in the group of another container', `0::/docker/${'f'.repeat(64)}\n`, 'net:[2]'],
    ['has another namespace', `0::/docker/${container.id}\n`, 'net:[3]'],
  ])('does not go on when the process %s', async (_, groups, netns) => {
    host.containers.delete(container.id);
    host.content.set('/proc/321/cgroup', groups);
    host.links.set('/proc/321/ns/net', netns);
    await expect(enter()).rejects.toMatchObject({ code: 'container-not-running' });
  });

  it.each([
    ['it stopped', { running: false, pid: 0 }],
    ['it has another PID', { pid: 322 }],
    ['it started again and got the same PID', { startedAt: '2026-01-01T00:00:09Z' }],
  ])('does not go on when meanwhile %s', async (_, parts) => {
    host.containers.set(container.id, { ...container, ...parts });
    await expect(enter()).rejects.toMatchObject({ code: 'container-not-running' });
  });

  it("never works in the host's own namespace", async () => {
    host.links.set('/held/proc/321/ns/net', 'net:[1]');
    await expect(enter()).rejects.toMatchObject({ code: 'foreign-network' });
    const onHost = withNetns(host, { ...container, networkMode: 'host' }, async () => 'entered');
    await expect(onHost).rejects.toMatchObject({ code: 'foreign-network' });
  });
});
