import { beforeEach, describe, expect, it } from 'vitest';
import { refuseConflict, refuseDuplicate } from '../../../src/attach/address-probe.js';
import { FakeHost } from '../support/fake-host.js';

const site = { netns: '/proc/1/fd/7', link: 'eth0', mac: '02:00:00:00:00:01', bridge: 'br0' };

describe('refuseConflict', () => {
  let host: FakeHost;
  beforeEach(() => {
    host = new FakeHost();
  });

  /** What `neighbour show` prints from the given probe on. */
  const answer = (line: string, from = 1) => {
    let shown = 0;
    host.script = (_, { input = '' }) =>
      input.startsWith('neighbour show') && ++shown >= from ? { stdout: `10.0.0.5 dev eth0 ${line}\n` } : {};
  };

  it('asks three times in the namespace, and lets an address be used that nobody has', async () => {
    answer('INCOMPLETE');
    await refuseConflict(host, '10.0.0.5/24', site);
    const asked = host.commands.filter(({ input }) => input?.includes('replace'));
    expect(asked).toHaveLength(3);
    expect(asked[0]).toEqual({
      argv: ['nsenter', '--net=/proc/1/fd/7', 'ip', '-batch', '-'],
      input: 'neighbour replace 10.0.0.5 dev eth0 nud none use\n',
    });
  });

  it.each([1, 3])('names the MAC address of the other host, after probe %i', async (probe) => {
    answer('lladdr 02:00:00:00:00:99 REACHABLE', probe);
    await expect(refuseConflict(host, '10.0.0.5/24', site)).rejects.toMatchObject({
      code: 'address-conflict',
      message: '10.0.0.5 is in use on br0 already, by the MAC address 02:00:00:00:00:99',
    });
  });

  it('is no conflict with the own MAC address, nor where the probe cannot be made', async () => {
    answer('lladdr 02:00:00:00:00:01 REACHABLE');
    await refuseConflict(host, '10.0.0.5/24', site);
    host.script = () => ({ exitCode: 1, stderr: 'Error: argument "use" is wrong' });
    await refuseConflict(host, '10.0.0.5/24', site);
  });
});

describe('refuseDuplicate', () => {
  const host = new FakeHost();
  const show = (states: string[], holder = '') => {
    host.commands.length = 0;
    host.script = (argv, { input = '' }) => {
      if (argv.includes('-oneline'))
        return { stdout: `2: eth0 inet6 fd00::5/64 scope global ${states.shift()}` };
      return input.includes('neighbour show') ? { stdout: holder } : {};
    };
  };
  const lines = () => host.commands.map(({ input }) => input ?? '').join('');

  it('waits until the kernel has asked', async () => {
    show(['tentative', 'tentative', '']);
    await refuseDuplicate(host, 'fd00::5/64', site);
    expect(host.commands).toHaveLength(3);
  });

  it('takes an address off that somebody has, and says who', async () => {
    show(['tentative', 'dadfailed tentative'], 'fd00::5 dev eth0 lladdr 02:00:00:00:00:99 REACHABLE');
    await expect(refuseDuplicate(host, 'fd00::5/64', site)).rejects.toThrow(
      'fd00::5 is in use on br0 already, by the MAC address 02:00:00:00:00:99',
    );
    expect(lines()).toContain('address delete fd00::5/64 dev eth0');
  });

  it('refuses it also where nobody says who', async () => {
    show(['dadfailed tentative'], 'fd00::5 dev eth0 FAILED');
    await expect(refuseDuplicate(host, 'fd00::5/64', site)).rejects.toThrow('already, by another host');
  });
});
