import { describe, expect, it } from 'vitest';
import { bindZone, restoreZone } from '../../../src/apply/firewall-zone.js';
import { FakeHost } from '../support/fake-host.js';

const STEP = { link: 'br0', zone: 'lan', before: null, lasting: true } as const;
const ALL = [
  'firewall-cmd --zone=lan --change-interface=br0',
  'firewall-cmd --permanent --zone=lan --change-interface=br0',
];

/** A host with firewalld, of which these commands fail. */
function hostWith(failing: RegExp = /^$/) {
  const host = new FakeHost();
  const changes: string[] = [];
  for (const name of ['firewall-cmd', 'firewall-offline-cmd']) host.programs.set(name, `/usr/bin/${name}`);
  host.script = (argv) => {
    const text = argv.join(' ');
    if (failing.test(text)) return { exitCode: 1 };
    if (/-interface=/.test(text) && !text.includes('--query')) changes.push(text);
    return {};
  };
  return { host, changes };
}

describe('a link in a zone of firewalld', () => {
  it('is bound now, and for the next boot where nothing else tells it', async () => {
    const { host, changes } = hostWith();
    await bindZone({ ...STEP, kind: 'firewall-zone' }, host);
    expect(changes).toEqual(ALL);
    await bindZone({ ...STEP, kind: 'firewall-zone', lasting: false }, host);
    expect(changes).toEqual([...ALL, ALL[0]]);
  });

  const restored = async (failing?: RegExp, parts: object = {}) => {
    const { host, changes } = hostWith(failing);
    await restoreZone({ ...STEP, ...parts, kind: 'restore-firewall-zone' }, host);
    return changes;
  };

  it('is taken out, or put back into the zone of before', async () => {
    expect(await restored()).toEqual([
      'firewall-cmd --zone=lan --remove-interface=br0',
      'firewall-cmd --permanent --zone=lan --remove-interface=br0',
    ]);
    expect(await restored(undefined, { before: 'home', lasting: false })).toEqual([
      'firewall-cmd --zone=home --change-interface=br0',
    ]);
  });

  it('stays where a person has put it meanwhile', async () => {
    expect(await restored(/--query-interface/)).toEqual([]);
  });

  it('is taken out of the configuration where firewalld does not run any more', async () => {
    expect(await restored(/--state/)).toEqual(['firewall-offline-cmd --zone=lan --remove-interface=br0']);
    expect(await restored(/--state/, { lasting: false })).toEqual([]);
  });

  it("is nobody's where firewalld is gone, and not taken for unbound where it could not be asked", async () => {
    const { host } = hostWith();
    host.script = () => ({ exitCode: 126 });
    await expect(restoreZone({ ...STEP, kind: 'restore-firewall-zone' }, host)).rejects.toThrow();
    host.programs.clear();
    host.commands.length = 0;
    await restoreZone({ ...STEP, kind: 'restore-firewall-zone' }, host);
    expect(host.commands).toEqual([]);
  });
});
