import { describe, expect, it } from 'vitest';
import { ifcfg } from '../../../../src/backends/ifcfg/index.js';
import type { DhcpClients, HostFacts, Link } from '../../../../src/model/facts.js';
import type { Step } from '../../../../src/model/plan.js';
import { inverseOfLive } from '../../../../src/plan/invert-live.js';
import { link, loopback } from '../../support/facts.js';
import { refusedAs, spec } from '../support.js';
import { BRIDGE, FOLDER, rhelFacts } from './support.js';

const DHCP = 'DEVICE=eth0\nBOOTPROTO=dhcp\nNM_CONTROLLED=no\n';
const FIXED = 'DEVICE=eth0\nIPADDR=192.168.1.10\nPREFIX=24\nGATEWAY=192.168.1.1\n';
const ARGV = [
  ...['/sbin/dhclient', '-v', '-1', '-q', '-cf', '/etc/dhcp/dhclient-eth0.conf', '-lf'],
  ...['/var/lib/dhclient/dhclient-5fb0-eth0.lease', '-pf', '/var/run/dhclient-eth0.pid', '-H', 'box', 'eth0'],
];
const running = (on: string, argv: readonly string[] = ARGV): DhcpClients => ({
  installed: ['dhclient'],
  running: [{ name: 'dhclient', pid: 612, link: on, argv }],
});
const ADDRESS = { family: 4, address: '192.168.1.10', prefix: 24, scope: 'global' } as const;
const NONE: DhcpClients = { installed: ['dhclient'], running: [] };
const MOVE = ['create-bridge', 'copy-addresses', 'add-port', 'move-routes', 'drop-addresses', 'source-check'];

/** A step in a line. */
function line(step: Step): string {
  if (step.kind === 'write-file' || step.kind === 'remove-file')
    return `${step.kind} ${step.path.replace(`${FOLDER}/`, '')}`;
  if (step.kind === 'run') return step.argv.join(' ');
  if (step.kind === 'run-when-undone') return `when undone: ${step.argv.join(' ')}`;
  if (step.kind === 'stop-dhcp-client' || step.kind === 'start-dhcp-client')
    return `${step.kind} ${step.link}: ${step.argv.join(' ')}`;
  return step.kind;
}
const steps = (facts: HostFacts, wanted = spec()) => ifcfg.plan(facts, wanted).steps;
const lines = (facts: HostFacts, wanted = spec()) => steps(facts, wanted).map(line);

/** A host with the bridge. */
function bridged(contents: Record<string, string>, own: Partial<Link> = {}): HostFacts {
  const facts = rhelFacts({ 'ifcfg-eth0': 'DEVICE=eth0\nBRIDGE=br0\n', ...contents });
  const br0 = link({
    name: 'br0',
    index: 3,
    kind: 'bridge',
    bridge: { stp: false, forwardDelay: 0 },
    ...own,
  });
  return {
    ...facts,
    links: [loopback, link({ master: 'br0', addresses: [] }), br0],
    routes: facts.routes.map((route) => ({ ...route, link: 'br0' })),
    dhcpClients: running('br0'),
  };
}

describe('name servers that are asked for with a static address', () => {
  const wanted = (nameservers: readonly string[] | null) =>
    spec({ method: 'static', address: '192.168.1.10/24', gateway: '192.168.1.1', nameservers });
  const written = (nameservers: readonly string[] | null) =>
    steps(rhelFacts({ 'ifcfg-eth0': FIXED }, { dhcpClients: NONE }), wanted(nameservers)).flatMap((step) =>
      step.kind === 'configure-name-servers' ? [step.dns] : [],
    );

  it('are in resolv.conf at once, and not from the next boot on', () => {
    expect(written(['192.0.2.1', '192.0.2.2'])).toEqual([
      { servers: ['192.0.2.1', '192.0.2.2'], domain: '' },
    ]);
  });

  it('are those of before where none are asked for', () => expect(written(null)).toEqual([]));
});

describe('activation', () => {
  it('writes the files, new ones first, and moves the network stage by stage', () => {
    const facts = rhelFacts(
      { 'ifcfg-eth0': FIXED, 'route-eth0': '10.0.0.0/8 dev eth0\n' },
      { dhcpClients: NONE, links: [loopback, link({ addresses: [{ ...ADDRESS, dynamic: false }] })] },
    );
    expect(lines(facts)).toEqual([
      'write-file ifcfg-br0',
      'write-file ifcfg-eth0',
      'write-file route-br0',
      'remove-file route-eth0',
      ...MOVE,
      'expect-network',
    ]);
    expect(steps(facts).at(-1)).toMatchObject({ address: '192.168.1.10/24', gateway: '192.168.1.1' });
  });

  it('starts the client as it ran, with the files in which ifup and ifdown look for it', () => {
    const facts = rhelFacts({ 'ifcfg-eth0': DHCP }, { dhcpClients: running('eth0') });
    const lease = '-lf /var/lib/dhclient/dhclient-br0.leases -pf /var/run/dhclient-br0.pid br0';
    expect(lines(facts)).toEqual([
      'write-file ifcfg-br0',
      'write-file ifcfg-eth0',
      `stop-dhcp-client eth0: ${ARGV.join(' ')}`,
      ...MOVE,
      `start-dhcp-client br0: /sbin/dhclient -v -H box -q -cf /etc/dhcp/dhclient-br0.conf ${lease}`,
      'expect-network',
    ]);
  });

  it('hands the lease over in both directions', () => {
    const facts = rhelFacts({ 'ifcfg-eth0': DHCP }, { dhcpClients: running('eth0') });
    const stop = steps(facts).find((step) => step.kind === 'stop-dhcp-client');
    const start = steps(facts).find((step) => step.kind === 'start-dhcp-client');
    if (stop === undefined || start === undefined) throw new Error('no client');
    expect(start.leaseArgv).toEqual(ARGV);
    expect(inverseOfLive(stop)).toMatchObject({ argv: ARGV, leaseOf: 'br0', leaseArgv: start.argv });
  });

  it('has words of its own for a client that does not run', () => {
    const facts = rhelFacts({ 'ifcfg-eth0': DHCP }, { dhcpClients: NONE });
    expect(lines(facts)).toContain(
      'start-dhcp-client br0: /sbin/dhclient -q -lf /var/lib/dhclient/dhclient-br0.leases -pf /var/run/dhclient-br0.pid br0',
    );
  });

  it('moves a client for IPv6 with the files of RHEL', () => {
    const argv = [
      '/sbin/dhclient',
      '-6',
      '-1',
      '-lf',
      '/var/lib/dhclient/dhclient6-5fb0-eth0.lease',
      '-pf',
      '/var/run/dhclient6-eth0.pid',
      'eth0',
    ];
    const facts = rhelFacts({ 'ifcfg-eth0': FIXED }, { dhcpClients: running('eth0', argv) });
    expect(lines(facts)).toContain(
      'start-dhcp-client br0: /sbin/dhclient -6 -1 -lf /var/lib/dhclient/dhclient6-br0.leases -pf /var/run/dhclient6-br0.pid br0',
    );
  });

  it('gives the files of the bridge the mode of those of the uplink', () => {
    const facts = rhelFacts({ 'ifcfg-eth0': DHCP, 'route-eth0': '' });
    const files = Object.fromEntries(
      Object.entries(facts.files).map(([path, file]) => [path, { ...file, mode: 0o600 }]),
    );
    const modes = steps({ ...facts, files }).flatMap((step) =>
      step.kind === 'write-file' ? [step.mode] : [],
    );
    expect(modes).toEqual([0o600, 0o600, 0o600]);
  });

  it('tells NetworkManager, where it runs beside, that the links are not its own', () => {
    const manager = { name: 'NetworkManager', active: true, links: ['wlan0'] } as const;
    const facts = rhelFacts({ 'ifcfg-eth0': DHCP });
    const told = lines({ ...facts, managers: [...facts.managers, manager] });
    expect(told.slice(0, 4)).toEqual([
      'when undone: nmcli connection reload',
      'write-file ifcfg-br0',
      'write-file ifcfg-eth0',
      'nmcli connection reload',
    ]);
  });

  it('puts the bridge into the zone of the uplink, which its file names for the next boot', () => {
    const zone = { kind: 'firewall-zone', zone: 'internal' };
    const within = (zones: Record<string, string>, text = `${DHCP}ZONE=internal\n`) => {
      const facts = rhelFacts({ 'ifcfg-eth0': text });
      const netfilter = { ...facts.netfilter, zones, lastingZones: zones };
      return steps({ ...facts, netfilter }).filter(({ kind }) => kind === zone.kind);
    };
    const port = { ...zone, link: 'eth0', before: 'internal', lasting: false };
    expect(within({ eth0: 'internal', docker0: 'docker' })).toMatchObject([
      { ...zone, link: 'br0', before: null, lasting: false },
      port,
    ]);
    expect(within({ eth0: 'internal' }, DHCP)).toMatchObject([{ ...zone, link: 'br0', lasting: true }, port]);
    expect(within({ eth0: 'internal', br0: 'internal' })).toEqual([]);
    expect(within({})).toEqual([]);
    const { netfilter: _, ...facts } = rhelFacts({ 'ifcfg-eth0': DHCP });
    expect(_).not.toHaveProperty('zones');
    expect(steps({ ...facts, netfilter: _ }).some(({ kind }) => kind === zone.kind)).toBe(false);
  });

  it('refuses a bridge that the files do not know', () => {
    const facts = rhelFacts({ 'ifcfg-eth0': DHCP });
    const br0 = link({ name: 'br0', kind: 'bridge' });
    expect(refusedAs(() => steps({ ...facts, links: [...facts.links, br0] }))).toBe('bridge-name-taken');
  });
});

describe('a host with the bridge', () => {
  it('has no steps when files and network are as wanted', () => {
    expect(steps(bridged({ 'ifcfg-br0': `${BRIDGE}BOOTPROTO=dhcp\n` }))).toEqual([]);
  });

  it('only has its files written when the network is as wanted already', () => {
    expect(lines(bridged({ 'ifcfg-br0': 'DEVICE=br0\nTYPE=Bridge\nBOOTPROTO=dhcp\n' }))).toEqual([
      'write-file ifcfg-br0',
    ]);
  });

  it('is mended live when STP is on', () => {
    const facts = bridged(
      { 'ifcfg-br0': `${BRIDGE}BOOTPROTO=dhcp\n` },
      { bridge: { stp: true, forwardDelay: 2 } },
    );
    expect(lines(facts)).toEqual([
      'ip link set dev br0 type bridge stp_state 0 forward_delay 0',
      'expect-network',
    ]);
  });

  it('needs bc for a spanning tree, and brctl always', () => {
    const facts = bridged({ 'ifcfg-br0': `${BRIDGE}BOOTPROTO=dhcp\n` });
    expect(ifcfg.plan(facts, spec()).programs).toEqual(['brctl']);
    expect(ifcfg.plan(facts, spec(undefined, { stp: true })).programs).toEqual(['brctl', 'bc']);
  });
});
