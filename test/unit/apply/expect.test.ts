import { describe, expect, it } from 'vitest';
import type { ApplyContext } from '../../../src/apply/context.js';
import { awaitDocker, awaitRuntime, expectNetwork, networkObjection } from '../../../src/apply/expect.js';
import type { ExpectNetwork } from '../../../src/model/expect-steps.js';
import type { Link } from '../../../src/model/facts.js';
import type { NetworkState } from '../../../src/model/journal.js';
import type { Probe } from '../../../src/model/probe.js';
import { door, network, networkAsExpected } from '../support/applied.js';
import { UPLINK_MAC } from '../support/facts.js';
import { RootedHost } from '../support/rooted-host.js';
import { temporaryFolder } from '../support/temporary.js';

const WANTED: ExpectNetwork = {
  kind: 'expect-network',
  bridge: 'br0',
  port: 'eth0',
  mac: UPLINK_MAC,
  address: '192.168.1.10/24',
  gateway: '192.168.1.1',
  probes: [],
  timeoutSeconds: 30,
};
const good = networkAsExpected(WANTED);
const changed = (name: string, parts: Partial<Link>): NetworkState => ({
  ...good,
  links: good.links.map((link) => (link.name === name ? { ...link, ...parts } : link)),
});

async function context(readNetwork: () => NetworkState = () => good, passed: Probe[] = []) {
  const host = new RootedHost(await temporaryFolder());
  const made: ApplyContext = { ...door(host, readNetwork), passed };
  return { host, context: made };
}

describe('networkObjection', () => {
  it('has none to the network as wanted', () => {
    expect(networkObjection(WANTED, good)).toBeNull();
  });

  it.each<[string, NetworkState]>([
    ['br0 does not exist', network()],
    ['br0 does not exist', changed('br0', { kind: 'veth' })],
    ['br0 is down', changed('br0', { up: false })],
    ['eth0 is not a port of br0', changed('eth0', { master: null })],
    [
      `br0 has the MAC address 02:00:00:00:00:01, not ${UPLINK_MAC}`,
      changed('br0', { mac: '02:00:00:00:00:01' }),
    ],
    ['br0 has no IPv4 address', changed('br0', { addresses: [] })],
    [
      'br0 has 192.168.1.99/24, not 192.168.1.10/24',
      changed('br0', {
        addresses: [{ family: 4, address: '192.168.1.99', prefix: 24, scope: 'global', dynamic: true }],
      }),
    ],
    ['there is no default route through br0', { ...good, routes: network().routes }],
    [
      'the default gateway is 192.168.1.254, not 192.168.1.1',
      { ...good, routes: good.routes.map((route) => ({ ...route, gateway: '192.168.1.254' })) },
    ],
  ])('%s', (objection, state) => {
    expect(networkObjection(WANTED, state)).toBe(objection);
  });

  it('takes any address of a DHCP server, and no gateway where none is expected', () => {
    const any = networkAsExpected({ ...WANTED, address: '192.168.1.77/24' });
    expect(networkObjection({ ...WANTED, address: null }, any)).toBeNull();
    expect(networkObjection({ ...WANTED, gateway: null }, { ...good, routes: [] })).toBeNull();
    const other = { ...good, routes: good.routes.map((route) => ({ ...route, gateway: '192.168.1.254' })) };
    expect(networkObjection({ ...WANTED, anyGateway: true }, other)).toBeNull();
    expect(networkObjection({ ...WANTED, anyGateway: true }, { ...good, routes: [] })).not.toBeNull();
  });
});

describe('expectNetwork', () => {
  it('waits until there is no objection left', async () => {
    let looks = 0;
    const late = await context(() => (++looks < 4 ? network() : good));
    await expectNetwork(WANTED, late.context);
    expect(looks).toBe(4);
  });

  it('fails with the last objection when the time is up', async () => {
    const never = await context(() => network());
    await expect(expectNetwork(WANTED, never.context)).rejects.toThrow('br0 does not exist (waited 30 s)');
  });

  it('wants an answer of whoever answered before, and names those that are silent', async () => {
    const silent = await context(
      () => good,
      [
        { how: 'ping', address: '192.168.1.1', who: 'the gateway' },
        { how: 'dns', address: '192.168.1.53', who: 'the name server' },
        { how: 'ping', address: '192.168.1.20', who: 'your end of the SSH session' },
      ],
    );
    silent.host.script = (argv) => ({ exitCode: argv.includes('192.168.1.20') ? 0 : 1 });
    await expect(expectNetwork(WANTED, silent.context)).rejects.toThrow(
      'no answer any more, and there was one before: the gateway 192.168.1.1 (ping); the name server 192.168.1.53 (DNS) (waited 30 s)',
    );
  });

  it('asks each of them until it has answered once', async () => {
    const slow = await context(() => good, [{ how: 'dns', address: '192.168.1.53', who: 'the name server' }]);
    const { time } = slow.host;
    slow.host.dns.answers = async () => slow.host.time > time + 5000;
    await expectNetwork(WANTED, slow.context);
    expect(slow.host.time - time).toBeLessThan(6000);
  });

  it('asks nothing of who never answered', async () => {
    const quiet = await context();
    await expectNetwork(WANTED, quiet.context);
    expect(quiet.host.commands).toEqual([]);
  });
});

describe('awaitDocker', () => {
  it('waits for the engine, and fails with its last words', async () => {
    const { host, context: made } = await context();
    let asked = 0;
    host.docker.version = async () => {
      if (++asked < 3) throw new Error('connect ENOENT');
      return '20.10';
    };
    await awaitDocker({ kind: 'await-docker', timeoutSeconds: 10 }, made);
    expect(asked).toBe(3);
    host.docker.version = () => Promise.reject(new Error('connect ENOENT'));
    await expect(awaitDocker({ kind: 'await-docker', timeoutSeconds: 10 }, made)).rejects.toThrow(
      'connect ENOENT (waited 10 s)',
    );
  });
});

describe('awaitRuntime', () => {
  const step = { kind: 'await-runtime', unit: 'bridge-setup.service', timeoutSeconds: 10 } as const;
  const runtime = async (show: string, state: string | null) => {
    const made = await context();
    made.host.script = () => ({ stdout: show });
    await made.host.files.mkdir('/run/bridge-setup');
    if (state !== null) await made.host.files.write('/run/bridge-setup/daemon.json', state);
    return awaitRuntime(step, made.context);
  };

  it('is content with the state of the process that systemd started', async () => {
    await runtime('ActiveState=active\nMainPID=77\n', '{"pid":77,"ready":true}');
  });

  it.each([
    ['is not active; see `journalctl -u', 'ActiveState=failed\nMainPID=0\n', null],
    ['is not ready yet', 'ActiveState=active\nMainPID=77\n', null],
    ['is not ready yet', 'ActiveState=active\nMainPID=77\n', '{"pid":66,"ready":true}'],
    ['is not ready yet', 'ActiveState=active\nMainPID=77\n', '{"pid":77,"ready":false}'],
  ])('%s', async (objection, show, state) => {
    await expect(runtime(show, state)).rejects.toThrow(objection);
  });
});
