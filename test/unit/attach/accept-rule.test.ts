import { describe, expect, it } from 'vitest';
import { ensureAcceptRule, removeAcceptRule } from '../../../src/attach/accept-rule.js';
import { FakeHost } from '../support/fake-host.js';

/** A host with an iptables of so many words: Docker's chain with its rules, and the policy of FORWARD. */
function filterHost(chain: string[] | null, policy = 'DROP', bridgeNf = '1\n'): FakeHost {
  const host = new FakeHost();
  host.content.set('/proc/sys/net/bridge/bridge-nf-call-iptables', bridgeNf);
  host.script = ([program, , command, name, ...rule]) => {
    if (program !== 'iptables') return { exitCode: 127 };
    if (name === 'FORWARD') return { stdout: `-P FORWARD ${policy}\n` };
    if (chain === null) return { exitCode: 1, stderr: 'No chain/target/match by that name.' };
    const text = rule.join(' ');
    const place = chain.indexOf(text);
    if (command === '-I') chain.unshift(text);
    if (command === '-D' && place >= 0) chain.splice(place, 1);
    return { exitCode: (command === '-C' || command === '-D') && place < 0 ? 1 : 0 };
  };
  return host;
}
const stateOf = async (host: FakeHost) => (await ensureAcceptRule(host, 'br0'))[0]?.state;

describe('the accept rule', () => {
  it('is added once, at the head of the chain', async () => {
    const chain = ['-j RETURN'];
    const host = filterHost(chain);
    expect(await stateOf(host)).toBe('added');
    expect(await stateOf(host)).toBe('present');
    expect(chain).toEqual(['-i br0 -o br0 -j ACCEPT', '-j RETURN']);
    expect(host.commands.find(({ argv }) => argv[2] === '-I')?.argv.join(' ')).toBe(
      'iptables -w -I DOCKER-USER -i br0 -o br0 -j ACCEPT',
    );
  });

  it('is not needed where nothing drops bridged frames', async () => {
    expect(await stateOf(filterHost(null, 'ACCEPT'))).toBe('not-needed');
    expect(await stateOf(filterHost(null, 'DROP', '0\n'))).toBe('not-needed');
  });

  it('waits for Docker where something does', async () => {
    expect(await stateOf(filterHost(null))).toBe('waiting');
  });

  it('is not needed without the program', async () => {
    const [, six] = await ensureAcceptRule(filterHost(['-j RETURN']), 'br0');
    expect(six).toMatchObject({ family: 6, state: 'not-needed' });
  });

  it('is not needed for a bridge that is not of the kernel, and no filter is asked', async () => {
    const host = filterHost(['-j RETURN']);
    host.content.set('/sys/class/net/br0', '');
    expect(await stateOf(host)).toBe('not-needed');
    expect(host.commands).toEqual([]);
    host.content.set('/sys/class/net/br0/bridge', '');
    expect(await stateOf(host)).toBe('added');
  });

  it('is removed as often as it is there', async () => {
    const chain = ['-i br0 -o br0 -j ACCEPT', '-i br1 -o br1 -j ACCEPT', '-i br0 -o br0 -j ACCEPT'];
    expect(await removeAcceptRule(filterHost(chain), 'br0')).toBe(2);
    expect(chain).toEqual(['-i br1 -o br1 -j ACCEPT']);
  });

  it('is not taken for removed when iptables fails', async () => {
    const host = new FakeHost();
    host.script = () => ({ exitCode: 4, stderr: 'Another app is currently holding the xtables lock.' });
    await expect(removeAcceptRule(host, 'br0')).rejects.toThrow(/xtables lock/);
    host.script = ([, , command]) =>
      command === '-C' ? {} : { exitCode: 1, stderr: 'Operation not permitted' };
    await expect(removeAcceptRule(host, 'br0')).rejects.toThrow(/not permitted/);
  });
});
