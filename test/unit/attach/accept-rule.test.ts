import { describe, expect, it } from 'vitest';
import { ensureAcceptRule, removeAcceptRule } from '../../../src/attach/accept-rule.js';
import { FakeHost } from '../support/fake-host.js';

const RULE = '-i br0 -o br0 -j ACCEPT';
const RECORD = '/var/lib/bridge-setup/accept-rules.json';

/** A host with an iptables of these chains, which it changes as it is told. */
function filterHost(chains: Record<string, string[]>, policy = 'DROP', bridgeNf = '1\n'): FakeHost {
  const host = new FakeHost();
  host.content.set('/proc/sys/net/bridge/bridge-nf-call-iptables', bridgeNf);
  host.content.set('/proc/modules', 'nf_tables 1 0\n');
  host.programs.set('iptables-nft-save', '/usr/sbin/iptables-nft-save');
  host.script = ([program = '', , command = '', name = '', ...rule]) => {
    if (program === 'iptables-nft-save') {
      const names = Object.keys(chains).map(
        (chain) => `:${chain} ${chain === 'FORWARD' ? policy : '-'} [0:0]`,
      );
      const rules = Object.entries(chains).flatMap(([chain, own]) =>
        own.map((each) => `-A ${chain} ${each}`),
      );
      return { stdout: ['*filter', ...names, ...rules, 'COMMIT', ''].join('\n') };
    }
    if (!program.startsWith('iptables')) return { exitCode: 127 };
    const chain = chains[name];
    if (chain === undefined) return { exitCode: 1, stderr: 'No chain/target/match by that name.' };
    if (command === '-S') return { stdout: chain.map((each) => `-A ${name} ${each}\n`).join('') };
    const place = chain.indexOf(rule.join(' '));
    if (command === '-I') chain.unshift(rule.join(' '));
    if (command === '-D' && place >= 0) chain.splice(place, 1);
    return { exitCode: command === '-D' && place < 0 ? 1 : 0 };
  };
  return host;
}
const docker = () => ({ FORWARD: ['-j DOCKER-USER'], 'DOCKER-USER': ['-j RETURN'] });
const stateOf = async (host: FakeHost) => (await ensureAcceptRule(host, 'br0'))[0]?.state;

describe('frames of a bridge', () => {
  it('pass by one rule, first in the chain of Docker', async () => {
    const chains = docker();
    const host = filterHost(chains);
    expect(await stateOf(host)).toBe('added');
    expect(await stateOf(host)).toBe('passes');
    expect(chains['DOCKER-USER']).toEqual([RULE, '-j RETURN']);
    expect(host.commands.find(({ argv }) => argv[2] === '-I')?.argv.join(' ')).toBe(
      `iptables-nft -w -I DOCKER-USER ${RULE}`,
    );
  });

  it('pass by themselves where nothing drops them', async () => {
    expect(await stateOf(filterHost(docker(), 'ACCEPT'))).toBe('passes');
    expect(await stateOf(filterHost(docker(), 'DROP', '0\n'))).toBe('passes');
    expect(await stateOf(new FakeHost())).toBe('passes');
  });

  it('pass by a rule first in FORWARD where that does not lead into the chain of Docker', async () => {
    const flushed = { FORWARD: [], 'DOCKER-USER': [RULE] };
    expect(await stateOf(filterHost(flushed))).toBe('added');
    expect(flushed.FORWARD).toEqual([RULE]);
    const without: Record<string, string[]> = { FORWARD: ['-i docker0 -j ACCEPT'] };
    expect(await stateOf(filterHost(without))).toBe('added');
    expect(without.FORWARD).toEqual([RULE, '-i docker0 -j ACCEPT']);
  });

  it('are left alone where the runtime is configured so', async () => {
    const chains = docker();
    const host = filterHost(chains);
    host.content.set('/etc/bridge-setup/runtime.json', '{ "version": 1, "firewall": "never" }');
    expect(await stateOf(host)).toBe('not-needed');
    expect(chains).toEqual(docker());
  });

  it('of a bridge that is not of the kernel meet no filter, and none is asked', async () => {
    const host = filterHost(docker());
    host.content.set('/sys/class/net/br0', '');
    expect(await stateOf(host)).toBe('not-needed');
    expect(host.commands).toEqual([]);
    host.content.set('/sys/class/net/br0/bridge', '');
    expect(await stateOf(host)).toBe('added');
  });

  it('that an administrator drops are told, with the line that lets them pass', async () => {
    const host = new FakeHost();
    host.content.set('/proc/sys/net/bridge/bridge-nf-call-iptables', '1\n');
    host.programs.set('nft', '/usr/sbin/nft');
    host.content.set('/proc/modules', 'nf_tables 1 0\n');
    host.script = () => ({
      stdout:
        'table inet own {\n\tchain c {\n\t\ttype filter hook forward priority 0; policy accept;\n\t\tdrop\n\t}\n}\n',
    });
    expect(await ensureAcceptRule(host, 'br0')).toEqual([
      {
        ...{ bridge: 'br0', state: 'by-hand' },
        detail:
          '"drop" in c (nft, table inet own) drops frames within br0. It is not changed; run: nft insert rule inet own c iifname "br0" oifname "br0" accept',
      },
    ]);
    expect(host.commands.every(({ argv }) => argv.join(' ') === 'nft list ruleset')).toBe(true);
  });
});

describe('the rule', () => {
  it('is recorded before it is there, and removed by that', async () => {
    const chains: Record<string, string[]> = { FORWARD: ['-j DROP', RULE] };
    const host = filterHost(chains);
    const script = host.script;
    let wasRecorded = false;
    host.script = (argv, options) => {
      if (argv[2] === '-I') wasRecorded = host.content.has(RECORD);
      return script(argv, options);
    };
    expect(await stateOf(host)).toBe('added');
    expect(wasRecorded).toBe(true);
    expect(chains.FORWARD).toEqual([RULE, '-j DROP', RULE]);
    await removeAcceptRule(host, 'br0');
    // The other one is somebody else's.
    expect(chains.FORWARD).toEqual(['-j DROP', RULE]);
    expect(host.content.has(RECORD)).toBe(false);
  });

  it('of an earlier version is removed as often as it is there', async () => {
    const chains = { 'DOCKER-USER': [RULE, '-i br1 -o br1 -j ACCEPT', RULE] };
    await removeAcceptRule(filterHost(chains), 'br0');
    expect(chains['DOCKER-USER']).toEqual(['-i br1 -o br1 -j ACCEPT']);
  });

  it('is not taken for removed when iptables fails', async () => {
    const host = new FakeHost();
    host.script = () => ({ exitCode: 4, stderr: 'Another app is currently holding the xtables lock.' });
    await expect(removeAcceptRule(host, 'br0')).rejects.toThrow(/xtables lock/);
    host.script = ([, , command]) =>
      command === '-S'
        ? { stdout: `-A DOCKER-USER ${RULE}\n` }
        : { exitCode: 1, stderr: 'Operation not permitted' };
    await expect(removeAcceptRule(host, 'br0')).rejects.toThrow(/not permitted/);
  });
});
