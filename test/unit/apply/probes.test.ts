import { describe, expect, it } from 'vitest';
import { passingProbes } from '../../../src/apply/probes.js';
import type { Probe } from '../../../src/model/probe.js';
import { FakeHost } from '../support/fake-host.js';

const GATEWAY = '192.168.1.1';
const neighbour = (address = GATEWAY): Probe => ({ how: 'neighbour', address, who: 'the gateway' });

/** A kernel with one neighbour, whose state after each look at it is the next one. */
function kernel(...states: string[]) {
  const host = new FakeHost();
  host.script = ([, ...words]) => {
    const line = words.join(' ');
    if (line.includes('route get')) return { stdout: `[{"dst":"${GATEWAY}","dev":"br0"}]` };
    if (line.includes('route show default'))
      return { stdout: '[{"dst":"default","gateway":"fe80::1","dev":"br0"}]' };
    if (line.includes('neighbour show')) {
      const state = states.length > 1 ? states.shift() : states[0];
      const dst = words[words.indexOf('show') + 1];
      // iproute2 6.1 leaves out the link that it was asked for.
      return {
        stdout: state ? JSON.stringify([{ dst, lladdr: '02:00:00:00:00:fe', state: [state] }]) : '[]',
      };
    }
    return {};
  };
  return host;
}

describe('passingProbes', () => {
  it('asks all, and gives those that answer', async () => {
    const host = new FakeHost();
    host.nameServers.add('192.168.1.53');
    host.script = (argv) => ({ exitCode: argv.includes(GATEWAY) ? 0 : 1 });
    const probes: Probe[] = [
      { how: 'ping', address: GATEWAY, who: 'the gateway' },
      { how: 'ping', address: '192.168.1.20', who: 'your end of the SSH session' },
      { how: 'dns', address: '192.168.1.53', who: 'the name server' },
      { how: 'dns', address: '192.168.1.54', who: 'the name server' },
    ];
    expect(await passingProbes(host, probes)).toEqual([probes[0], probes[2]]);
  });

  it('gives a lost ping a second try', async () => {
    const host = new FakeHost();
    let pings = 0;
    host.script = () => ({ exitCode: ++pings === 2 ? 0 : 1 });
    expect(await passingProbes(host, [{ how: 'ping', address: GATEWAY, who: 'the gateway' }])).toHaveLength(
      1,
    );
  });

  it('believes a neighbour that the kernel has just heard of', async () => {
    expect(await passingProbes(kernel('STALE', 'PROBE', 'PROBE', 'REACHABLE'), [neighbour()])).toHaveLength(
      1,
    );
    expect(await passingProbes(kernel('REACHABLE', 'PROBE', 'FAILED'), [neighbour()])).toEqual([]);
  });

  it('does not wait for ever, and leaves alone what somebody has set by hand', async () => {
    expect(await passingProbes(kernel('REACHABLE', 'PROBE'), [neighbour()])).toEqual([]);
    const fixed = kernel('PERMANENT');
    expect(await passingProbes(fixed, [neighbour()])).toEqual([]);
    expect(fixed.commands.some(({ argv }) => argv.includes('replace'))).toBe(false);
    expect(await passingProbes(kernel(''), [neighbour()])).toEqual([]);
  });

  it('finds the link of a link-local gateway', async () => {
    const host = kernel('REACHABLE');
    expect(await passingProbes(host, [{ how: 'ping', address: 'fe80::1', who: 'the gateway' }])).toHaveLength(
      1,
    );
    expect(host.commands.at(-1)?.argv.at(-1)).toBe('fe80::1%br0');
    expect(await passingProbes(kernel('STALE', 'REACHABLE'), [neighbour('fe80::1')])).toHaveLength(1);
  });
});
