import { describe, expect, it } from 'vitest';
import { readFacts, readRecordedFacts } from '../../../src/cli/read-facts.js';
import { FakeHost } from '../support/fake-host.js';
import { refusedBy } from '../support/refused.js';
import { RootedHost } from '../support/rooted-host.js';
import { temporaryFolder } from '../support/temporary.js';

/** A host that answers what is read of it. */
function recordable(host: FakeHost): void {
  host.programs.set('ip', '/usr/bin/ip');
  host.script = (argv) => (argv.includes('-json') ? { stdout: '[]' } : undefined);
}

describe('recorded facts', () => {
  it('are, read elsewhere, the very facts that were recorded', async () => {
    const host = new RootedHost(await temporaryFolder());
    recordable(host);
    await host.files.mkdir('/etc/network/interfaces.d');
    await host.files.write('/etc/network/interfaces', 'auto lo\n', 0o600);
    await host.files.write('/etc/network/interfaces.d/eth0', 'iface eth0 inet dhcp\n');
    host.env.BRIDGE_SETUP_RECORD = '/report';
    const facts = await readFacts(host);
    expect(Object.keys(facts.files)).toHaveLength(2);
    expect(await readRecordedFacts(host, '/report/facts.json', '/report/rootfs')).toEqual(facts);
    expect((await readRecordedFacts(host, '/report/facts.json', undefined)).files).toEqual({});
  });

  it('are only written when that is asked for', async () => {
    const host = new RootedHost(await temporaryFolder());
    recordable(host);
    await readFacts(host);
    expect(await host.files.list('/')).toEqual([]);
  });

  it.each(['', '{', 'null', '[]', '"facts"', '{"version":2,"links":[],"routes":[]}', '{"version":1}'])(
    'are not %j',
    async (content) => {
      const host = new FakeHost();
      host.content.set('/facts.json', content);
      const error = await refusedBy(() => readRecordedFacts(host, '/facts.json', undefined));
      expect([error.code, error.exitCode]).toEqual(['facts-invalid', 2]);
    },
  );

  it.each([
    ['nowhere', 'There is no folder /nowhere.'],
    ['report/facts.json', '/report/facts.json is not a folder.'],
  ])('have files below a folder: not %s', async (name, message) => {
    const host = new RootedHost(await temporaryFolder());
    recordable(host);
    host.env.BRIDGE_SETUP_RECORD = '/report';
    await readFacts(host);
    const error = await refusedBy(() => readRecordedFacts(host, '/report/facts.json', `/${name}`));
    expect([error.code, error.exitCode, error.message]).toEqual(['root-not-found', 2, message]);
  });

  it('are somewhere', async () => {
    const error = await refusedBy(() => readRecordedFacts(new FakeHost(), '/facts.json', undefined));
    expect([error.code, error.exitCode]).toEqual(['facts-not-found', 2]);
  });
});
