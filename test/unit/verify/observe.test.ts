import { describe, expect, it } from 'vitest';
import { awaitForwarding } from '../../../src/verify/observe.js';
import { FakeHost } from '../support/fake-host.js';

const BRIF = '/sys/class/net/br0/brif';

/** A bridge with two ports; the second one is in each of these states for two seconds, and then in the last one. */
function bridge(...states: string[]) {
  const host = new FakeHost();
  const { time } = host;
  Object.assign(host.files, {
    list: async (path: string) => (path === BRIF ? ['eth0', 'veth1'] : []),
    read: async (path: string) =>
      path.includes('eth0') ? '3\n' : (states[Math.floor((host.time - time) / 2000)] ?? states.at(-1)),
  });
  return { host, waited: () => host.time - time };
}

describe('awaitForwarding', () => {
  it('waits while a port listens and learns', async () => {
    const { host, waited } = bridge('1\n', '2\n', '3\n');
    await awaitForwarding(host, 'br0');
    expect(waited()).toBe(4000);
  });

  it.each([
    ['forwards', '3\n'],
    ['is blocked for good', '4\n'],
    ['is off', '0\n'],
  ])('does not wait for a port that %s', async (_, state) => {
    const { host, waited } = bridge(state);
    await awaitForwarding(host, 'br0');
    expect(waited()).toBe(0);
  });

  it('does not wait for ever', async () => {
    const { host, waited } = bridge('1\n');
    await awaitForwarding(host, 'br0');
    expect(waited()).toBeLessThan(66_000);
  });
});
