import { describe, expect, it } from 'vitest';
import { existingBridge } from '../../../src/checks/existing-bridge.js';
import { runPreflight } from '../../../src/checks/preflight.js';
import { settleUplink } from '../../../src/cli/prepare.js';
import type { HostFacts, Link } from '../../../src/model/facts.js';
import { answersWith } from '../support/answers.js';
import { hostFacts, link, loopback } from '../support/facts.js';

const BRIDGE: Partial<Link> = {
  name: 'br0',
  index: 7,
  kind: 'bridge',
  physical: false,
  mac: '5a:00:00:00:00:01',
  bridge: { stp: false, forwardDelay: 15, macSet: true },
};
const host = (bridge: Partial<Link> = {}, ports: Link[] = [link({ master: 'br0', addresses: [] })]) =>
  hostFacts({ links: [loopback, ...ports, link({ ...BRIDGE, ...bridge })] });

function found(facts: HostFacts, bridge: { name?: string; uplink?: string } = {}) {
  const answers = answersWith({ bridge: { name: 'br0', existing: true, ...bridge } });
  return existingBridge.run({ facts, answers, uplink: settleUplink(answers, facts) });
}
const codes = (...given: Parameters<typeof found>) => found(...given).map(({ check }) => check);

describe('a bridge that is there', () => {
  it('is in order with a MAC address of its own, and with a forward delay that does not count without STP', () => {
    expect(found(host())).toEqual([]);
  });

  it.each<[string, HostFacts, object]>([
    ['existing-bridge-not-found', host(), { name: 'br1' }],
    ['existing-not-a-bridge', host(), { name: 'eth0' }],
    ['existing-bridge-is-dockers', host({ name: 'docker0' }), { name: 'docker0' }],
    ['existing-bridge-is-dockers', host({ name: 'br-0123456789ab' }), { name: 'br-0123456789ab' }],
    ['existing-bridge-without-uplink', host({}, []), {}],
    [
      'existing-bridge-without-uplink',
      host({}, [
        link({ name: 'vethab12cd3', kind: 'veth', physical: false, master: 'br0', mac: '5a:00:00:00:00:01' }),
        link({ name: 'vnet0', kind: 'tun', physical: false, master: 'br0' }),
      ]),
      {},
    ],
    [
      'existing-uplink-elsewhere',
      host({}, [link({ master: 'br0' }), link({ name: 'eth1' })]),
      { uplink: 'eth1' },
    ],
    ['existing-bridge-down', host({ up: false }), {}],
  ])('%s', (code, facts, bridge) => {
    const [first, ...others] = found(facts, bridge);
    expect(others).toEqual([]);
    expect(first).toMatchObject({ check: code, severity: 'error', remedy: expect.any(String) });
  });

  it('of a Docker network is refused by its name, whatever it is called', () => {
    const facts = host();
    const docker = { ...facts.docker, networks: [{ name: 'lan', bridge: 'br0' }] };
    const [finding] = found({ ...facts, docker });
    expect(finding).toMatchObject({ check: 'existing-bridge-is-dockers' });
    expect(finding?.message).toContain('the Docker network "lan"');
    expect(finding?.remedy).toContain('docker network rm lan');
  });

  it('is warned about STP, a MAC address that nobody has set, and a missing address; each with what cures it', () => {
    const findings = found(host({ addresses: [], bridge: { stp: true, forwardDelay: 15, macSet: false } }));
    expect(findings.map(({ check, severity }) => [check, severity])).toEqual([
      ['existing-without-address', 'warning'],
      ['existing-stp', 'warning'],
      ['existing-mac-follows', 'warning'],
    ]);
    expect(findings[1]?.message).toContain('only after 30 s');
    expect(findings[1]?.remedy).toContain('`ip link set dev br0 type bridge stp_state 0`');
    expect(findings[2]?.remedy).toContain('`ip link set dev br0 address 5a:00:00:00:00:01`');
  });

  it.each<[HostFacts['managers'][number]['name'], string]>([
    ['netplan', 'parameters: {stp: false'],
    ['systemd-networkd', '[Bridge] of its .netdev'],
    ['NetworkManager', 'nmcli connection modify'],
    ['ifupdown', 'bridge_stp off'],
    ['ifcfg', 'STP=no'],
    ['dhcpcd', 'the same where it is configured'],
  ])('configured by %s is cured for good there', (name, words) => {
    const facts = host({ bridge: { stp: true, forwardDelay: 15, macSet: true } });
    const managers = [{ name, active: true, links: ['br0'] }];
    expect(found({ ...facts, managers })[0]?.remedy).toContain(words);
  });

  it('is not asked for what only a change of the network needs', () => {
    const facts = host();
    const answers = answersWith({ bridge: { name: 'br0', existing: true } });
    const managers: HostFacts['managers'] = [
      { name: 'ifupdown', active: true, links: ['eth0'] },
      { name: 'NetworkManager', active: true, links: ['eth0'] },
    ];
    expect(runPreflight({ facts: { ...facts, managers }, answers, uplink: 'eth0' })).toEqual([]);
    expect(codes(facts)).toEqual([]);
  });
});
