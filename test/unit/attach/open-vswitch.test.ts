import { describe, expect, it } from 'vitest';
import { readHostLinks, strayPorts, withOvs } from '../../../src/attach/host-links.js';
import type { NetLink } from '../../../src/attach/ip.js';
import { makeOvsBridge } from '../../../src/attach/open-vswitch/bridge.js';
import { parseOvs, readOvs } from '../../../src/attach/open-vswitch/database.js';
import { addOvsPort, portTransaction, removeOvsPort } from '../../../src/attach/open-vswitch/port.js';
import { collectStrayPorts } from '../../../src/attach/open-vswitch/stray-ports.js';
import { FakeHost } from '../support/fake-host.js';

const OWNER = 'bridge-setup:0123456789ab:eth1';
const table = (headings: string[], ...data: unknown[][]) => JSON.stringify({ headings, data });
const bridges = table(
  ['name', 'ports'],
  ['ovsbr0', ['set', ['a', 'b', 'c', 'd'].map((id) => ['uuid', id])]],
  ['ovsbr1', ['uuid', 'e']],
);
const port = (id: string, name: string, tag: unknown, ids: unknown[] = [], fake = false) => [
  ...[['uuid', id], name, tag, ['map', ids], fake],
];
const ports = table(
  ['_uuid', 'name', 'tag', 'external_ids', 'fake_bridge'],
  port('a', 'ovsbr0', ['set', []]),
  port('b', 'eth1', ['set', []], [['other', 'x']]),
  port('c', 'bs1', 10, [['bridge-setup', OWNER]]),
  port('d', 'vlan20', 20, [], true),
  port('e', 'ovsbr1', ['set', []]),
);
const DATABASE = `${bridges}\n${ports}\n`;

const link = (name: string, parts: Partial<NetLink> = {}): NetLink => ({
  ...{ name, index: 1, peerIndex: null, up: true, mtu: 1500, mac: null, master: null, kind: null },
  ...{ alias: null, addresses: [], ...parts },
});

/** A host with ovs-vsctl, which answers as told. */
function hostWith(answer: FakeHost['script']): FakeHost {
  const host = new FakeHost();
  host.programs.set('ovs-vsctl', '/usr/bin/ovs-vsctl');
  host.script = answer;
  return host;
}
const argvOf = (host: FakeHost) => host.commands.map(({ argv }) => argv.join(' '));

describe("Open vSwitch's database", () => {
  it('has bridges, fake bridges, and ports with VLAN and owner, without the port of the bridge itself', () => {
    expect(parseOvs(DATABASE)).toEqual({
      bridges: ['ovsbr0', 'ovsbr1'],
      fakeBridges: [{ name: 'vlan20', parent: 'ovsbr0', vlan: 20 }],
      ports: [
        { name: 'eth1', bridge: 'ovsbr0', vlan: null, owner: null },
        {
          ...{ name: 'bs1', bridge: 'ovsbr0', vlan: 10 },
          owner: { container: '0123456789ab', interfaceName: 'eth1' },
        },
        { name: 'vlan20', bridge: 'ovsbr0', vlan: 20, owner: null },
      ],
    });
  });

  it.each([
    ['ovs-failed', { exitCode: 1, stderr: 'ovs-vsctl: db.sock: database connection failed' }, /connection/],
    ['ovs-failed', { exitCode: null }, /no answer within 5 s/],
    ['ovs-unreadable', { stdout: '{}\n{}' }, /cannot be read/],
  ])('says why it cannot be asked: %s', async (code, answer, message) => {
    const host = hostWith(() => answer);
    await expect(readOvs(host)).rejects.toMatchObject({ code, message: expect.stringMatching(message) });
    expect(argvOf(host)[0]).toMatch(/^ovs-vsctl --timeout=5 /);
  });

  it('says that ovs-vsctl is not installed, and runs nothing', async () => {
    const host = new FakeHost();
    await expect(readOvs(host)).rejects.toMatchObject({ code: 'ovs-not-installed', exitCode: 3 });
    expect(host.commands).toEqual([]);
  });
});

describe('the links of a host', () => {
  it('have the bridge of Open vSwitch as their master, not its datapath', () => {
    const links = [
      link('ovsbr0', { kind: 'openvswitch' }),
      link('eth1', { master: 'ovs-system' }),
      link('bs1'),
      link('vlan20'),
      link('eth0', { master: 'br0' }),
    ];
    expect(withOvs(links, parseOvs(DATABASE)).map(({ master, ovs }) => [master, ovs?.role])).toEqual([
      [null, 'bridge'],
      ['ovsbr0', 'port'],
      ['ovsbr0', 'port'],
      [null, 'fake-bridge'],
      ['br0', undefined],
    ]);
  });

  it('are read without Open vSwitch where it has no datapath, and with its problem where it does not answer', async () => {
    const shown = (name: string) => JSON.stringify([{ ifname: name, ifindex: 1, mtu: 1500 }]);
    let name = 'eth0';
    const host = hostWith((argv) => (argv[0] === 'ip' ? { stdout: shown(name) } : { exitCode: 1 }));
    expect(await readHostLinks(host)).toMatchObject({ ovsProblem: null });
    expect(argvOf(host)).toHaveLength(1);
    name = 'ovs-netdev';
    expect(await readHostLinks(host)).toMatchObject({ ovsProblem: { code: 'ovs-failed' } });
  });

  it('leave ports of ours stray when they vanish, and nobody else’s', async () => {
    const { ports: ovsPorts } = parseOvs(DATABASE);
    const seen = { links: [], ovsPorts, ovsProblem: null };
    expect(strayPorts(seen).map(({ name }) => name)).toEqual(['bs1']);
    expect(strayPorts({ ...seen, links: [link('bs1')] })).toEqual([]);
    const host = hostWith(() => ({}));
    await collectStrayPorts(host, seen);
    expect(argvOf(host)).toEqual(['ovs-vsctl --timeout=5 --if-exists del-port bs1']);
  });
});

describe('a port', () => {
  const spec = { name: 'bs1', bridge: 'ovsbr0', vlan: 10, alias: OWNER };

  it('is made or put right in one transaction', () => {
    const mark = ['--', 'set', 'port', 'bs1', `external_ids:bridge-setup="${OWNER}"`];
    const add = ['--may-exist', 'add-port', 'ovsbr0', 'bs1', '--'];
    expect(portTransaction(spec)).toEqual([...add, 'set', 'port', 'bs1', 'tag=10', ...mark]);
    expect(portTransaction({ ...spec, vlan: null })).toEqual([
      ...add,
      'clear',
      'port',
      'bs1',
      'tag',
      ...mark,
    ]);
  });

  it('that the switch did not take is an error, although ovs-vsctl exits 0', async () => {
    const host = hostWith((argv) =>
      argv.includes('ofport')
        ? { stdout: '-1\n' }
        : argv.includes('error')
          ? { stdout: '"no device"\n' }
          : {},
    );
    await expect(addOvsPort(host, spec)).rejects.toMatchObject({
      code: 'ovs-port-failed',
      message: expect.stringContaining('no device'),
    });
    host.script = (argv) => (argv.includes('ofport') ? { stdout: '3\n' } : {});
    await expect(addOvsPort(host, spec)).resolves.toBeUndefined();
  });

  it('loses its record also where no switch follows it', async () => {
    const host = hostWith((argv) => (argv.includes('--no-wait') ? {} : { exitCode: null }));
    await removeOvsPort(host, 'bs1');
    expect(argvOf(host).at(-1)).toBe('ovs-vsctl --timeout=5 --no-wait --if-exists del-port bs1');
  });
});

it('a bridge without a datapath is taken back', async () => {
  const host = hostWith(() => ({}));
  await expect(makeOvsBridge(host, 'ovsbr9')).rejects.toMatchObject({ code: 'ovs-bridge-failed' });
  expect(argvOf(host).at(-1)).toContain('del-br ovsbr9');
});
