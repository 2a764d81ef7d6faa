import { describe, expect, it } from 'vitest';
import { ifcfg } from '../../../../src/backends/ifcfg/index.js';
import { profileUuid } from '../../../../src/backends/ifcfg/network-manager.js';
import { bridgeManagers } from '../../../../src/checks/bridge-managers.js';
import type { HostFacts, Link, NetworkManager } from '../../../../src/model/facts.js';
import type { Step } from '../../../../src/model/plan.js';
import { doctorContext } from '../../support/doctor.js';
import { link, loopback } from '../../support/facts.js';
import { refusedAs, spec } from '../support.js';
import { FOLDER, rhelFacts } from './support.js';

const LEASED = 'DEVICE=eth0\nONBOOT=yes\nBOOTPROTO=dhcp\n';
const ADDRESS = { family: 4, address: '192.168.1.10', prefix: 24, scope: 'global', dynamic: true } as const;
const MOVE = ['create-bridge', 'copy-addresses', 'add-port', 'move-routes', 'drop-addresses', 'source-check'];

const managing = (...links: string[]): NetworkManager => ({
  name: 'NetworkManager',
  active: true,
  links,
  profiles: Object.fromEntries(links.map((name) => [name, `${FOLDER}/ifcfg-${name}`])),
});

/** A host whose eth0 NetworkManager leases an address for, by dhclient. */
function managed(contents: Record<string, string>): HostFacts {
  const facts = rhelFacts(contents, {
    links: [loopback, link({ addresses: [ADDRESS] })],
    dhcpClients: {
      installed: ['dhclient'],
      running: [{ name: 'dhclient', pid: 612, link: 'eth0', argv: ['/sbin/dhclient', '-d', 'eth0'] }],
    },
  });
  return { ...facts, managers: [...facts.managers, managing('eth0')] };
}

/** The same after the change, with the kernel's forward delay, which NetworkManager leaves as it is without STP. */
function bridged(contents: Record<string, string>, own: Partial<Link> = {}): HostFacts {
  const facts = managed(contents);
  const br0 = link({
    ...{ name: 'br0', index: 3, kind: 'bridge', addresses: [ADDRESS] },
    bridge: { stp: false, forwardDelay: 15 },
    ...own,
  });
  return {
    ...facts,
    links: [loopback, link({ master: 'br0', addresses: [] }), br0],
    routes: facts.routes.map((route) => ({ ...route, link: 'br0' })),
    dhcpClients: { installed: ['dhclient'], running: [] },
    managers: [...facts.managers.slice(0, -1), managing('eth0', 'br0')],
  };
}

/** A step in a line. */
function line(step: Step): string {
  if (step.kind === 'write-file') return `write ${step.path.replace(`${FOLDER}/`, '')}`;
  if (step.kind === 'run') return step.argv.join(' ');
  if (step.kind === 'run-when-undone') return `when undone: ${step.argv.join(' ')}`;
  return step.kind;
}
const plan = (facts: HostFacts) => ifcfg.plan(facts, spec());
const textOf = (facts: HostFacts, path: string) => {
  const step = plan(facts).steps.find((each) => each.kind === 'write-file' && each.path.endsWith(path));
  return step?.kind === 'write-file' ? step.content : undefined;
};

describe('a NIC in the hands of NetworkManager', () => {
  it('moves while NetworkManager is stopped, and is taken over as it is then', () => {
    const { steps, programs, notes } = plan(managed({ 'ifcfg-eth0': LEASED }));
    expect(steps.map(line)).toEqual([
      'when undone: systemctl start NetworkManager',
      'write ifcfg-br0',
      'write ifcfg-eth0',
      'systemctl stop NetworkManager',
      // Its DHCP client is its own to stop and start.
      ...MOVE,
      'network-manager-state',
      'systemctl start NetworkManager',
      'await-profiles',
      'expect-network',
    ]);
    const find = (kind: Step['kind']) => steps.find((step) => step.kind === kind);
    expect(find('network-manager-state')).toMatchObject({
      link: 'br0',
      like: 'eth0',
      uuid: profileUuid(spec()),
    });
    expect(find('await-profiles')).toMatchObject({
      profiles: { br0: `${FOLDER}/ifcfg-br0`, eth0: `${FOLDER}/ifcfg-eth0` },
    });
    // Whoever works on the host came through that address.
    expect(find('expect-network')).toMatchObject({ address: '192.168.1.10/24' });
    expect(programs).toEqual([]);
    expect(notes.join(' ')).toContain('NetworkManager is stopped, and started again');
  });

  it('has a UUID in the file of the bridge, and takes its port along', () => {
    const text = textOf(managed({ 'ifcfg-eth0': LEASED }), 'ifcfg-br0');
    expect(text).toContain(`UUID=${profileUuid(spec())}\nAUTOCONNECT_SLAVES=yes\nBOOTPROTO=dhcp\n`);
    expect(profileUuid(spec())).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-8[0-9a-f]{3}-[0-9a-f]{12}$/);
    const other = spec(undefined, { name: 'br1' });
    expect(profileUuid(other)).not.toBe(profileUuid(spec()));
  });

  it('has nothing to be done once it is so, whatever the forward delay', () => {
    const first = managed({ 'ifcfg-eth0': LEASED });
    const contents = {
      'ifcfg-eth0': textOf(first, 'ifcfg-eth0') ?? '',
      'ifcfg-br0': textOf(first, 'ifcfg-br0') ?? '',
    };
    const facts = bridged(contents);
    expect(plan(facts).steps).toEqual([]);
    expect(ifcfg.differences(facts, 'br0')).toEqual([]);
    expect(bridgeManagers.run(doctorContext({}, facts))).toEqual([]);
    // Its address is gone: the files are right, the network is not.
    expect(plan(bridged(contents, { addresses: [] })).steps.map(line)).toContain(
      'systemctl stop NetworkManager',
    );
  });

  it('brings a bridge up whose file has no UUID, by its file', () => {
    const contents = {
      'ifcfg-eth0': 'DEVICE=eth0\nONBOOT=yes\nBRIDGE=br0\n',
      'ifcfg-br0': 'DEVICE=br0\nTYPE=Bridge\nONBOOT=yes\nBOOTPROTO=dhcp\n',
    };
    const lines = plan(managed(contents)).steps.map(line);
    expect(lines).not.toContain('network-manager-state');
    expect(lines).toContain(`nmcli --wait 60 connection up filename ${FOLDER}/ifcfg-br0`);
  });

  it('is refused with files of rules, beside which NetworkManager leaves the routes out', () => {
    const rules = { 'ifcfg-eth0': LEASED, 'rule-eth0': 'from 192.168.1.0/24 table 7\n' };
    expect(refusedAs(() => plan(managed(rules)))).toBe('rules-beside-networkmanager');
  });
});
