import { describe, expect, it } from 'vitest';
import type { NetworkManager } from '../../../src/model/facts.js';
import { ids, onlyFinding } from '../support/findings.js';

const IFUPDOWN: NetworkManager = { name: 'ifupdown', active: true, links: ['lo', 'eth0'] };
const manager = (name: NetworkManager['name'], links = ['eth0'], active = true) => ({ name, links, active });

describe('two-managers', () => {
  it.each([
    ['NetworkManager', 'unmanaged-devices=interface-name:eth0'],
    ['systemd-networkd', 'Unmanaged=yes'],
    ['dhcpcd', 'denyinterfaces eth0'],
    ['netplan', '/etc/netplan'],
  ] as const)('is said of ifupdown and %s, with the way to stop it', (name, how) => {
    const finding = onlyFinding({ managers: [manager(name), IFUPDOWN] });
    expect(finding).toMatchObject({ check: 'two-managers', severity: 'error' });
    expect(finding.message).toContain(`and ${name} configures it too`);
    expect(finding.remedy).toContain(how);
  });

  it('names all of them', () => {
    const managers = [IFUPDOWN, manager('netplan'), manager('systemd-networkd')];
    expect(onlyFinding({ managers }).message).toContain('netplan and systemd-networkd');
  });

  it.each<[string, NetworkManager[]]>([
    ['the other one is not active', [IFUPDOWN, manager('NetworkManager', ['eth0'], false)]],
    ['the other one has other links', [IFUPDOWN, manager('NetworkManager', ['eth1'])]],
    ['ifupdown has no stanza for the uplink', [{ ...IFUPDOWN, links: ['lo'] }, manager('NetworkManager')]],
    ['there is no ifup', [{ ...IFUPDOWN, active: false }, manager('systemd-networkd')]],
    ['cloud-init only writes the files', [IFUPDOWN, manager('cloud-init')]],
    ['there is one alone', [IFUPDOWN]],
  ])('is not said where %s', (_what, managers) => expect(ids({ managers })).toEqual([]));
});
