import { attachByCommand } from '../../../src/attach/command.js';
import { readConfig } from '../../../src/attach/config.js';
import { Daemon } from '../../../src/attach/daemon.js';
import { runningContainer } from '../../../src/attach/engine.js';
import { createLink } from '../../../src/attach/link.js';
import { containerMac, hostLinkName } from '../../../src/attach/names.js';
import { withNetns } from '../../../src/attach/netns.js';
import { readOvs } from '../../../src/attach/open-vswitch/database.js';
import { findPlace } from '../../../src/attach/place.js';
import { parsePipework } from '../../../src/attach/rule.js';
import { bridgeOf, type Scene } from '../../../src/attach/scene.js';
import { vlanLink } from '../../../src/attach/vlan.js';
import { containerInfo } from '../support/fake-host.js';
import { type Bench, netLink, type Provoke, running, withContainer } from './bench.js';

const CONFIG = '/etc/bridge-setup/runtime.json';

/** A whole `pipework …` for the container `web`. */
async function pipework(bench: Bench, ...words: string[]): Promise<unknown> {
  const command = parsePipework(words, 'udhcpc');
  if (command.command !== 'attach') throw new Error('no rule');
  return attachByCommand(bench.host, command.rule, { node: '/usr/bin/node', root: '/x' });
}

const place =
  (name: string, links: Parameters<typeof netLink>[], options = {}): Provoke =>
  ({ host }) =>
    findPlace(
      host,
      { target: { by: 'name', name }, directPhys: false, create: false, ...options },
      { links: links.map((parts) => netLink(...parts)), ovsProblem: null },
    );

const link = (scene: Partial<Scene>) => (bench: Bench) => {
  const endpoint = {
    ...{ bridge: 'br0', interfaceName: 'eth0', hostInterfaceName: null, mac: null },
    address: { method: 'none' } as const,
  };
  const onHost = [netLink('br0', { kind: 'bridge' }), ...(scene.onHost ?? [])];
  return createLink(
    bench.host,
    containerInfo(),
    endpoint,
    { path: '/held', identity: 'net:[2]' },
    { inside: [], ovsPorts: [], ovsProblem: null, ...scene, onHost },
  );
};

const ovs =
  (exitCode: number, stdout = ''): Provoke =>
  ({ fake, host }) => {
    fake.programs.set('ovs-vsctl', '/usr/bin/ovs-vsctl');
    fake.script = () => ({ exitCode, stdout, stderr: 'ovs-vsctl: database connection failed' });
    return readOvs(host);
  };

/** Codes of `src/attach`. */
export const OF_ATTACH: Readonly<Record<string, Provoke>> = {
  'no-host-side': (bench) => {
    withContainer(bench);
    return pipework(bench, 'eth1', '-l', 'veth7', 'web', '192.168.1.50/24');
  },
  'runtime-config-missing': ({ host }) => readConfig(host),
  'runtime-config-invalid': ({ fake, host }) => {
    fake.content.set(CONFIG, '{');
    return readConfig(host);
  },
  'daemon-running': ({ fake, host }) => {
    running(fake, 77);
    const state = { version: 1, pid: 77, startTime: '77', ready: true, since: '', bridges: ['br0'] };
    fake.content.set('/run/bridge-setup/daemon.json', JSON.stringify(state));
    const config = {
      version: 1 as const,
      bridges: ['br0'],
      imageRules: false,
      firewall: 'auto' as const,
      dhcpClient: 'udhcpc' as const,
    };
    return new Daemon(host, config, () => {}).start();
  },
  'dhcp-client-missing': (bench) => {
    withContainer(bench);
    return pipework(bench, 'br0', 'web', 'dhclient');
  },
  'dhcp-client-too-old': (bench) => {
    withContainer(bench);
    bench.fake.programs.set('dhcpcd', '/sbin/dhcpcd');
    const { script } = bench.fake;
    bench.fake.script = (argv, options) =>
      argv[1] === '--version' ? { stdout: 'dhcpcd 7.1.0' } : script(argv, options);
    return pipework(bench, 'br0', 'web', 'dhcpcd');
  },
  'container-not-found': ({ host }) => runningContainer(host, 'web'),
  'container-not-running': ({ fake, host }) => {
    fake.containers.set('a', containerInfo({ name: 'web', running: false }));
    return runningContainer(host, 'web');
  },
  'foreign-network': ({ host }) => withNetns(host, containerInfo({ networkMode: 'host' }), async () => {}),
  'host-link-taken': link({ onHost: [netLink(hostLinkName(containerInfo().id, 'eth0'))] }),
  'mac-conflict': link({
    onHost: [netLink('eth7', { mac: containerMac('br0', containerInfo().name, 'eth0') })],
  }),
  'interface-taken': link({ inside: [netLink('eth0')] }),
  'not-a-bridge': () =>
    bridgeOf({ onHost: [netLink('eth0')], inside: [], ovsPorts: [], ovsProblem: null }, 'eth0'),
  'ovs-not-installed': ({ host }) => readOvs(host),
  'ovs-failed': ovs(1),
  'ovs-unreadable': ovs(0, 'no JSON'),
  'ovs-bridge-down': ({ fake, host }) => {
    fake.programs.set('ovs-vsctl', '/usr/bin/ovs-vsctl');
    fake.script = () => ({ stdout: 'ovsbr0\n' });
    return place('ovsbr0', [])({ fake, host } as Bench);
  },
  'bridge-missing': place('br7', []),
  'not-a-nic': place('lo', [['lo']]),
  'nic-in-use': place('eth0', [['eth0', { master: 'br0' }]]),
  'not-supported': place('x', [['x', { ovs: { role: 'fake-bridge', parent: 'ovsbr0', vlan: 20 } }]]),
  'interface-missing': place('eth9', [], { directPhys: true }),
  'mac-ambiguous': place('', [['eth0'], ['eth1']], { target: { by: 'mac', mac: '02:00:00:00:00:01' } }),
  'name-too-long': ({ host }) => vlanLink(host, 'a-long-name-0', 4000),
  'name-taken': ({ fake, host }) => {
    fake.script = () => ({ stdout: '[{"ifname":"eth1.10","link":"eth0","linkinfo":{"info_kind":"vlan"}}]' });
    return vlanLink(host, 'eth1', 10);
  },
  'vlan-taken': ({ fake, host }) => {
    const data = { info_kind: 'vlan', info_data: { id: 10 } };
    fake.script = (argv) => {
      if (argv.includes('master')) return { stdout: '[{"ifname":"eth0"}]' };
      if (!argv.includes('type')) return { exitCode: 1 };
      return { stdout: JSON.stringify([{ ifname: 'eth0.10', link: 'eth0', linkinfo: data }]) };
    };
    return vlanLink(host, 'br0', 10);
  },
  'vlan-not-supported': ({ fake, host }) => {
    fake.script = (argv) =>
      argv.includes('master') ? { stdout: '[]' } : { exitCode: 2, stderr: 'Unknown device type.' };
    return vlanLink(host, 'eth1', 10);
  },
  'dummy-not-supported': (bench) => {
    withContainer(bench);
    const { script } = bench.fake;
    bench.fake.script = (argv, options) =>
      argv.includes('dummy') ? { exitCode: 2, stderr: 'Unknown device type.' } : script(argv, options);
    return pipework(bench, 'dummy', 'web', '192.168.1.50/24');
  },
};

/** Codes of refusals that come when something was begun, which is undone before. */
export const UNDONE: Readonly<Record<string, Provoke>> = {
  'address-conflict': (bench) => {
    withContainer(bench);
    const { script } = bench.fake;
    bench.fake.script = (argv, options) =>
      options.input?.includes('neighbour show')
        ? { stdout: '192.168.1.50 lladdr 02:00:00:00:00:99 REACHABLE' }
        : script(argv, options);
    return pipework(bench, 'br0', 'web', '192.168.1.50/24');
  },
  'dhcp-client-failed': (bench) => {
    withContainer(bench);
    bench.fake.programs.set('udhcpc', '/sbin/udhcpc');
    return pipework(bench, 'br0', 'web', 'dhcp');
  },
  'no-keeper': (bench) => {
    withContainer(bench);
    return pipework(bench, '--direct-phys', 'eth1', 'web', '192.168.1.50/24');
  },
};
