import { describe, expect, it } from 'vitest';
import type { Backend } from '../../../src/backends/backend.js';
import { choose } from '../../../src/backends/registry.js';
import { SetupError } from '../../../src/errors.js';
import type { HostFacts, NetworkManager } from '../../../src/model/facts.js';
import { hostFacts } from '../support/facts.js';
import { factsWith } from './support.js';

const manager = (name: NetworkManager['name'], active: boolean, links: string[]) =>
  hostFacts({ managers: [{ name, active, links }] });

/** The reasons that are given when no backend applies. */
function reasons(facts: HostFacts): string[] {
  try {
    choose(facts, 'eth0');
  } catch (error) {
    if (!(error instanceof SetupError)) throw error;
    expect(error).toMatchObject({ code: 'no-backend', exitCode: 3 });
    expect(error.hint).toBeTruthy();
    return error.problems.map(({ message }) => message);
  }
  return [];
}

describe('choose', () => {
  it('takes ifupdown where the uplink has a stanza, and says so', () => {
    const { backend, reason } = choose(hostFacts(), 'eth0');
    expect(backend.id).toBe('ifupdown');
    expect(reason).toBe(
      '"iface eth0 inet dhcp" stands in /etc/network/interfaces, and nothing else claims eth0.',
    );
  });

  it('takes it where the uplink is a port of a bridge there, whatever the distribution', () => {
    const facts = factsWith('iface br0 inet dhcp\n  bridge-ports eth0\n', {
      distro: { id: 'devuan', versionId: '5', prettyName: 'Devuan 5', family: 'other' },
    });
    expect(choose(facts, 'eth0').backend.id).toBe('ifupdown');
  });

  it('is not misled by managers that are idle, look after other links, or only write files', () => {
    expect(reasons(manager('NetworkManager', false, ['eth0']))).toEqual([]);
    expect(reasons(manager('NetworkManager', true, ['wlan0']))).toEqual([]);
    expect(reasons(manager('cloud-init', true, ['eth0']))).toEqual([]);
  });

  it.each<[string, HostFacts, string]>([
    [
      'another manager claims the link',
      manager('NetworkManager', true, ['eth0']),
      'NetworkManager is active and claims it too.',
    ],
    ['there is no file', hostFacts({ files: {} }), 'There is no /etc/network/interfaces.'],
    ['the link has no stanza', factsWith('auto lo\n'), '/etc/network/interfaces has no stanza for eth0.'],
  ])('refuses with every reason when %s', (_, facts, reason) => {
    expect(reasons(facts)).toEqual([
      expect.stringMatching(/^Debian's \/etc\/network\/interfaces: /),
      expect.stringMatching(/^The network scripts of RHEL 7 .*: No ifcfg file .* configures eth0/),
    ]);
    expect(reasons(facts)[0]).toContain(reason);
  });

  it('asks in order', () => {
    const backend = (id: string, applies: boolean): Backend => ({
      id,
      title: id,
      detect: () => ({ applies, reason: `${id}!` }),
      plan: () => ({ programs: [], steps: [], notes: [], risks: [] }),
      differences: () => [],
    });
    const backends = [backend('a', false), backend('b', true), backend('c', true)];
    expect(choose(hostFacts(), 'eth0', backends)).toMatchObject({ backend: { id: 'b' }, reason: 'b!' });
  });
});
