import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RunningCopy } from '../../src/rehearse/copy.js';
import { document, setUp, startHost, withInterfaces } from './support.js';

const STATIC = `auto lo
iface lo inet loopback

auto eth0
iface eth0 inet static
    address 192.168.1.10/24
    gateway 192.168.1.1
    dns-nameservers 192.168.1.1
`;

describe.each([
  ['dhcp', undefined],
  ['static', STATIC],
])('the answers of a live host with %s', (method, interfaces) => {
  let copy: RunningCopy;
  const dump = async () => {
    const { exitCode, stdout, stderr } = await copy.bridgeSetup(['answers', '--dump']);
    expect(exitCode, stderr).toBe(0);
    return document(stdout);
  };
  beforeAll(async () => {
    copy = await startHost(interfaces === undefined ? undefined : withInterfaces(interfaces));
  });
  afterAll(() => copy?.stop());

  it('are those that it is set up with, before and after, and change nothing then', async () => {
    const fresh = await dump();
    expect(fresh).toMatchObject({
      bridge: { name: 'br0', uplink: 'eth0' },
      address: { method },
      runtime: { install: 'none' },
    });

    const first = await setUp(copy, fresh);
    expect([first.exitCode, first.document.state], first.stderr).toEqual([0, 'applied']);
    const after = await dump();
    expect(after).toEqual(fresh);

    const second = await setUp(copy, after);
    expect([second.exitCode, second.document.state]).toEqual([0, 'unchanged']);
    expect(await dump()).toEqual(fresh);
  });

  it('are the same on a host that somebody has given other settings to', async () => {
    const other = { ...(await dump()), bridge: { name: 'br0', uplink: 'eth0', stp: true, forwardDelay: 4 } };
    expect((await setUp(copy, other)).exitCode).toBe(0);
    const dumped = await dump();
    expect(dumped.bridge).toMatchObject({ stp: true, forwardDelay: 4, mac: 'uplink' });
    expect((await setUp(copy, dumped)).document.state).toBe('unchanged');
  });
});
