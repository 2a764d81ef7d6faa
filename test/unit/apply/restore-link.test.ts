import { describe, expect, it } from 'vitest';
import { restoreLifetimes } from '../../../src/apply/restore-link.js';
import { network } from '../support/applied.js';
import { link } from '../support/facts.js';
import { FakeHost } from '../support/fake-host.js';

const ADDRESS = { family: 4, address: '192.168.1.10', prefix: 24, scope: 'global' } as const;
const LEASED = { valid_life_time: 3600, preferred_life_time: 3600, dynamic: true };
const LASTING = { valid_life_time: 4294967295, preferred_life_time: 4294967295 };

/** The batches that a rollback runs: before it, and now, the uplink has that address. */
async function batches(wasLeased: boolean, now: object): Promise<(string | undefined)[]> {
  const host = new FakeHost();
  const inputs: (string | undefined)[] = [];
  host.script = (argv, options) => {
    if (argv.includes('-batch')) inputs.push(options?.input);
    const info = { family: 'inet', local: '192.168.1.10', prefixlen: 24, scope: 'global', ...now };
    return argv.includes('show')
      ? { stdout: JSON.stringify([{ ifname: 'eth0', mtu: 1500, addr_info: [info] }]) }
      : {};
  };
  const links = [link({ addresses: [{ ...ADDRESS, dynamic: wasLeased }] })];
  expect(await restoreLifetimes(host, { ...network({ links }), passed: [], uplink: 'eth0' })).toEqual([]);
  return inputs;
}

describe('after a rollback an address', () => {
  it('that was static is so again, though it was leased meanwhile', async () => {
    expect((await batches(false, LEASED)).join()).toContain(
      'address change 192.168.1.10/24 dev eth0 valid_lft forever preferred_lft forever',
    );
  });

  it('keeps its metric and who gave it', async () => {
    expect((await batches(false, { ...LEASED, metric: 300, protocol: 'kernel_lo' })).join()).toContain(
      'address change 192.168.1.10/24 dev eth0 metric 300 proto kernel_lo valid_lft forever preferred_lft forever',
    );
  });

  it('that was leased, or is static, stays as it is', async () => {
    expect(await batches(true, LEASED)).toEqual([]);
    expect(await batches(false, LASTING)).toEqual([]);
  });
});
