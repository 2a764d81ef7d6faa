import { describe, expect, it } from 'vitest';
import { withConfiguredDns } from '../../../../src/apply/live/name-servers.js';

const LEASED = '# by dhclient\noptions ndots:2\ndomain lan\nsearch lan home\nnameserver 192.168.1.1\n';

// What the real ifup-post makes of a lease is compared in test/sandbox/ifcfg-live.test.ts.
describe('resolv.conf after ifup-post', () => {
  it('has the servers of the files in the place of those of the lease, and options first', () => {
    expect(withConfiguredDns(LEASED, { servers: ['192.0.2.1', '192.0.2.2'], domain: '' })).toBe(
      'options ndots:2\n# by dhclient\ndomain lan\nsearch lan home\nnameserver 192.0.2.1\nnameserver 192.0.2.2\n',
    );
  });

  it('has the domain before others, and the servers of the lease where the files have none', () => {
    expect(withConfiguredDns(LEASED, { servers: [], domain: 'corp' })).toBe(
      'options ndots:2\n# by dhclient\nnameserver 192.168.1.1\nsearch corp lan lan home\n',
    );
  });

  it.each([
    { servers: ['192.168.1.1'], domain: 'home' },
    { servers: [], domain: 'lan' },
  ])('stays as it is where that is in it: %j', (dns) => {
    expect(withConfiguredDns(LEASED, dns)).toBe(LEASED);
  });

  it.each([
    { servers: ['192.0.2.1'], domain: 'corp' },
    { servers: ['192.0.2.1', '192.0.2.2', '192.0.2.3'], domain: '' },
  ])('comes to the same when it is made twice: %j', (dns) => {
    const once = withConfiguredDns(LEASED, dns);
    expect(withConfiguredDns(once, dns)).toBe(once);
    expect(withConfiguredDns('', dns)).toContain('nameserver 192.0.2.1\n');
  });
});
