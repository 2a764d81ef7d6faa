import { beforeEach, describe, expect, it } from 'vitest';
import { awaitProfiles, leaveWord } from '../../../src/apply/network-manager.js';
import type { AwaitProfiles, NetworkManagerState } from '../../../src/model/network-manager.js';
import { FakeHost } from '../support/fake-host.js';

const STATE: NetworkManagerState = { kind: 'network-manager-state', link: 'br0', like: 'eth0', uuid: 'u-1' };
const PROFILES: AwaitProfiles = {
  kind: 'await-profiles',
  profiles: { br0: '/etc/ifcfg-br0', eth0: '/etc/ifcfg-eth0' },
  timeoutSeconds: 5,
};

let host: FakeHost;
beforeEach(() => {
  host = new FakeHost();
});

describe('leaveWord', () => {
  it('names the profile, and the metric that the routes have', async () => {
    host.content.set('/sys/class/net/br0/ifindex', '7\n');
    host.content.set('/sys/class/net/eth0/ifindex', '2\n');
    host.content.set(
      '/run/NetworkManager/devices/2',
      '[device]\nmanaged=true\nconnection-uuid=u-0\nroute-metric-default-effective=100\n',
    );
    await leaveWord(STATE, host);
    expect(await host.files.read('/run/NetworkManager/devices/7')).toBe(
      '[device]\nmanaged=true\nconnection-uuid=u-1\nnm-owned=true\nroute-metric-default-effective=100\n',
    );
  });

  it('throws where the bridge is not there', async () => {
    await expect(leaveWord(STATE, host)).rejects.toThrow('there is no br0');
  });
});

describe('awaitProfiles', () => {
  const answers = (...texts: string[]) => {
    host.script = () => ({ stdout: (texts.length > 1 ? texts.shift() : texts[0]) ?? '' });
  };

  it('waits until each link goes by its file', async () => {
    answers(
      'eth0:/etc/ifcfg-eth0\n',
      'br0:\neth0:/etc/ifcfg-eth0\n',
      'br0:/etc/ifcfg-br0\neth0:/etc/ifcfg-eth0\n',
    );
    await awaitProfiles(PROFILES, host);
    expect(host.commands).toHaveLength(3);
  });

  it.each([
    ['eth0:/etc/ifcfg-eth0\n', 'NetworkManager has br0 by no profile, not by /etc/ifcfg-br0'],
    ['br0:\neth0:/etc/ifcfg-eth0\n', 'NetworkManager has br0 by a profile without a file'],
    ['br0:/etc/ifcfg-br0\neth0:/run/x\n', 'NetworkManager has eth0 by /run/x, not by /etc/ifcfg-eth0'],
  ])('says what is not so in time: %j', async (text, words) => {
    answers(text);
    await expect(awaitProfiles(PROFILES, host)).rejects.toThrow(words);
  });

  it('says that it does not answer', async () => {
    host.script = () => ({ exitCode: 8, stderr: 'NetworkManager is not running.\n' });
    await expect(awaitProfiles(PROFILES, host)).rejects.toThrow(
      'does not answer: NetworkManager is not running.',
    );
  });
});
