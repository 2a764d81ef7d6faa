import { execFileSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { leaseOfRun, parseLease } from '../../../src/attach/lease.js';
import { render } from '../../../src/templates.js';

/** The real hook in a real shell, with an `ip` that only writes down how it was called. */
let folder: string;
let record: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'dhcp-hook-'));
  record = join(folder, 'bs1.lease');
  writeFileSync(join(folder, 'ip'), `#!/bin/sh\necho "$*" >>"${folder}/calls"\n`);
  chmodSync(join(folder, 'ip'), 0o755);
  const hook = render('attach/dhcp-hook.sh.ejs', {});
  writeFileSync(join(folder, 'hook'), hook.replace(/^PATH=/m, `PATH=${folder}:`), { mode: 0o700 });
});
afterEach(() => rmSync(folder, { recursive: true }));

const LEASE = {
  ip: '192.168.1.50',
  mask: '24',
  router: '192.168.1.1 192.168.1.2',
  dns: '192.168.1.1 9.9.9.9',
  serverid: '192.168.1.1',
  lease: '3600',
};

/** Call the hook as udhcpc does; the calls of `ip` that it made. */
function call(event: string, values: Record<string, string> = {}, run = '1-1'): string[] {
  writeFileSync(join(folder, 'calls'), '');
  const env = {
    ...values,
    BRIDGE_SETUP_INTERFACE: 'eth0',
    BRIDGE_SETUP_MAC: '02:00:00:00:00:01',
    BRIDGE_SETUP_MTU: '1500',
    BRIDGE_SETUP_RUN: run,
    BRIDGE_SETUP_RECORD: record,
  };
  try {
    execFileSync('/bin/sh', [join(folder, 'hook'), event], { env, stdio: 'pipe' });
  } catch {
    // The exit code is the hook's business with udhcpc, which does not look at it.
  }
  return readFileSync(join(folder, 'calls'), 'utf8').split('\n').filter(Boolean);
}
const routes = (calls: string[]) => calls.filter((line) => line.startsWith('route'));
const written = () => parseLease(readFileSync(record, 'utf8'));

describe('the hook of udhcpc', () => {
  it('applies a lease, and writes it down for root alone', () => {
    expect(call('bound', LEASE)).toEqual([
      'address replace 192.168.1.50/24 dev eth0 valid_lft 3600 preferred_lft 3600',
      'route replace default via 192.168.1.1 dev eth0',
      'link set dev eth0 address 02:00:00:00:00:01',
    ]);
    expect(written()).toMatchObject({
      event: 'bound',
      run: '1-1',
      lease: {
        address: '192.168.1.50/24',
        router: '192.168.1.1',
        dns: ['192.168.1.1', '9.9.9.9'],
        server: '192.168.1.1',
        seconds: 3600,
      },
    });
    expect(statSync(record).mode & 0o777).toBe(0o600);
    expect(readdirSync(folder).sort()).toEqual(['bs1.lease', 'calls', 'hook', 'ip']);
  });

  it('keeps the address at the first deconfig of a new client, and drops it at the next', () => {
    call('bound', LEASE);
    expect(call('deconfig', {}, '1-2')).toEqual(['link set dev eth0 up']);
    expect(written()).toMatchObject({ event: 'deconfig', run: '1-2', lease: { address: '192.168.1.50/24' } });
    expect(call('deconfig', {}, '1-2')).toEqual([
      'link set dev eth0 up',
      'route delete default via 192.168.1.1 dev eth0',
      'address delete 192.168.1.50/24 dev eth0',
    ]);
    expect(written()).toMatchObject({ event: 'deconfig', lease: null });
  });

  it('changes the address without a flush', () => {
    call('bound', LEASE);
    expect(call('renew', { ...LEASE, ip: '192.168.1.51', lease: '4294967295' })).toEqual([
      'address delete 192.168.1.50/24 dev eth0',
      'address replace 192.168.1.51/24 dev eth0 valid_lft forever preferred_lft forever',
      'route replace default via 192.168.1.1 dev eth0',
      // Announced, as at the start.
      'link set dev eth0 address 02:00:00:00:00:01',
    ]);
  });

  it('follows a renumbered LAN, and leaves no route of the old one', () => {
    call('bound', { ...LEASE, routes: '10.9.0.0/192.168.1.7' });
    expect(call('renew', { ...LEASE, ip: '10.0.0.5', router: '10.0.0.1' })).toEqual([
      'address delete 192.168.1.50/24 dev eth0',
      'address replace 10.0.0.5/24 dev eth0 valid_lft 3600 preferred_lft 3600',
      'route delete 10.9.0.0/32 via 192.168.1.7 dev eth0',
      'route delete default via 192.168.1.1 dev eth0',
      'route replace default via 10.0.0.1 dev eth0',
      'link set dev eth0 address 02:00:00:00:00:01',
    ]);
    expect(written()?.lease).toMatchObject({ address: '10.0.0.5/24', router: '10.0.0.1' });
  });

  it.each([
    ['lost', 'deconfig', {}],
    ['changed', 'renew', { ...LEASE, ip: '192.168.1.51' }],
  ])('has no confirmed lease on record while the address of a lease that is %s goes', (_, event, values) => {
    call('bound', LEASE);
    const then = join(folder, 'then');
    writeFileSync(
      join(folder, 'ip'),
      `#!/bin/sh\necho "$*" >>"${folder}/calls"\ncase $* in "address delete"*) cp "${record}" "${then}" ;; esac\n`,
    );
    call(event, values);
    expect(leaseOfRun(parseLease(readFileSync(then, 'utf8')), '1-1')).toBeNull();
  });

  it('announces nothing at a renewal that changes nothing', () => {
    call('bound', LEASE);
    expect(call('renew', LEASE)).toEqual([
      'address replace 192.168.1.50/24 dev eth0 valid_lft 3600 preferred_lft 3600',
      'route replace default via 192.168.1.1 dev eth0',
    ]);
  });

  it('takes the classless routes (121), and then neither the router (3) nor the static routes (33)', () => {
    const staticroutes = '10.5.0.0/16 192.168.1.9 172.16.0.0/12 0.0.0.0 0.0.0.0/0 192.168.1.254';
    expect(routes(call('bound', { ...LEASE, staticroutes, routes: '10.9.0.1/192.168.1.7' }))).toEqual([
      'route replace 10.5.0.0/16 via 192.168.1.9 dev eth0',
      'route replace 172.16.0.0/12 dev eth0',
      'route replace default via 192.168.1.254 dev eth0',
    ]);
    expect(written()?.lease).toMatchObject({
      router: '192.168.1.254',
      routes: [
        { destination: '10.5.0.0/16', gateway: '192.168.1.9' },
        { destination: '172.16.0.0/12', gateway: '0.0.0.0' },
        { destination: '0.0.0.0/0', gateway: '192.168.1.254' },
      ],
    });
  });

  it('has no default route when the classless routes have none', () => {
    call('bound', LEASE);
    const calls = call('renew', { ...LEASE, staticroutes: '10.5.0.0/16 192.168.1.9' });
    expect(calls).toContain('route delete default via 192.168.1.1 dev eth0');
    expect(written()?.lease?.router).toBeNull();
  });

  it('knows the class of the destination of a static route (33)', () => {
    const given = [
      ['10.0.0.0', '10.0.0.0/8'],
      ['10.5.0.0', '10.5.0.0/32'],
      ['172.16.0.0', '172.16.0.0/16'],
      ['172.16.9.0', '172.16.9.0/32'],
      ['192.0.2.0', '192.0.2.0/24'],
      ['192.0.2.9', '192.0.2.9/32'],
    ];
    const option = given.map(([to]) => `${to}/192.168.1.2`).join(' ');
    expect(routes(call('bound', { ...LEASE, routes: `0.0.0.0/192.168.1.2 ${option}`, router: '' }))).toEqual(
      given.map(([, to]) => `route replace ${to} via 192.168.1.2 dev eth0`),
    );
  });

  it.each([
    '10.5.0.0/33 192.168.1.9',
    '10.5.0/16 192.168.1.9',
    '127.0.0.0/8 192.168.1.9',
    '224.0.0.0/4 192.168.1.9',
    '0.0.0.0/0 0.0.0.0',
    '10.5.0.0/16 127.0.0.1',
    '10.5.0.0/16,dev 192.168.1.9',
    '-6 ::1',
    '$(id) `id`',
    '10.5.0.0/16',
  ])('does not take the classless route %s', (staticroutes) => {
    expect(routes(call('bound', { ...LEASE, staticroutes }))).toEqual([]);
  });

  it('takes no more than 33 routes', () => {
    const staticroutes = Array.from({ length: 60 }, (_, n) => `10.${n}.0.0/16 192.168.1.9`).join(' ');
    expect(routes(call('bound', { ...LEASE, staticroutes }))).toHaveLength(33);
  });

  it('sets the MTU within that of the bridge, and back when it is not given any more', () => {
    expect(call('bound', { ...LEASE, mtu: '1400' })).toContain('link set dev eth0 mtu 1400');
    expect(written()?.lease?.mtu).toBe(1400);
    expect(call('renew', { ...LEASE, mtu: '1400' }).join()).not.toContain('mtu');
    expect(call('renew', LEASE)).toContain('link set dev eth0 mtu 1500');
  });

  it.each(['1501', '575', '-1', '9999999999', '01400', '1400 up'])('does not take the MTU %j', (mtu) => {
    expect(call('bound', { ...LEASE, mtu }).join()).not.toContain('mtu');
    expect(written()?.lease?.mtu).toBeNull();
  });

  it('writes down the search list (119), or the domain (15)', () => {
    call('bound', { ...LEASE, domain: 'lan.example' });
    expect(written()?.lease?.search).toEqual(['lan.example']);
    const search = `a.example $(id) -x ..b ${'a'.repeat(64)}.example b_1.example`;
    call('renew', { ...LEASE, domain: 'lan.example', search });
    expect(written()?.lease?.search).toEqual(['a.example', 'b_1.example']);
  });

  it.each([
    ['ip', '192.168.1.50; reboot'],
    ['ip', '$(reboot)'],
    ['ip', '1.2.3'],
    ['ip', '1..2.3'],
    ['ip', '1..2.3.4'],
    ['ip', '.1.2.3.4'],
    ['ip', '192.168.1.256'],
    ['ip', '192.168.1.010'],
    ['ip', '0.0.0.0'],
    ['ip', '127.0.0.1'],
    ['ip', '224.0.0.1'],
    ['ip', '255.255.255.255'],
    ['ip', ''],
    ['mask', '24 scope host'],
    ['mask', '099'],
    ['mask', '33'],
  ])('does not take the value %s=%j', (name, value) => {
    expect(call('bound', { ...LEASE, [name]: value })).toEqual([]);
    expect(written()).toMatchObject({ event: 'invalid', lease: null });
  });

  it('leaves out what is not an address or a number in the rest', () => {
    const calls = call('bound', {
      ...LEASE,
      router: '* `id` 192.168.1.9',
      dns: '*',
      lease: '-1',
      serverid: 'x',
    });
    expect(calls).toContain('route replace default via 192.168.1.9 dev eth0');
    expect(calls[0]).toContain('valid_lft forever');
    expect(written()?.lease).toMatchObject({ dns: [], server: null, seconds: 0 });
  });

  it('keeps the lease in its record when a server is silent', () => {
    call('bound', LEASE);
    expect(call('leasefail')).toEqual([]);
    expect(written()).toMatchObject({ event: 'leasefail', lease: { address: '192.168.1.50/24' } });
  });

  it('names no file of the host but the record', () => {
    const code = render('attach/dhcp-hook.sh.ejs', {}).replace(/^\s*#.*$/gm, '');
    expect(code).not.toContain('/etc/');
    expect(code.match(/>+\s*"[^"]*"/g)?.map((text) => text.trim())).toEqual(['>"$record.new"']);
  });
});

describe('the hook of dhclient and dhcpcd', () => {
  const COMMON = {
    new_ip_address: '192.168.1.50',
    new_subnet_mask: '255.255.254.0',
    new_routers: '192.168.1.1',
    new_static_routes: '10.0.0.0 192.168.1.2',
    new_interface_mtu: '1400',
    new_domain_name_servers: '192.168.1.1',
    new_domain_name: 'lan.example',
    new_dhcp_server_identifier: '192.168.1.1',
    new_dhcp_lease_time: '120',
  };

  it('takes what dhclient says', () => {
    const calls = call('', {
      ...COMMON,
      reason: 'BOUND',
      new_domain_search: 'a.example. b.example.',
      new_rfc3442_classless_static_routes: '16 10 5 192 168 1 9 0 192 168 1 1 32 10 1 2 3 0 0 0 0',
    });
    expect(calls).toEqual([
      'address replace 192.168.1.50/23 dev eth0 valid_lft 120 preferred_lft 120',
      'link set dev eth0 mtu 1400',
      'route replace 10.5.0.0/16 via 192.168.1.9 dev eth0',
      'route replace default via 192.168.1.1 dev eth0',
      'route replace 10.1.2.3/32 dev eth0',
      'link set dev eth0 address 02:00:00:00:00:01',
    ]);
    expect(written()).toMatchObject({
      event: 'bound',
      lease: { server: '192.168.1.1', search: ['a.example', 'b.example'], dns: ['192.168.1.1'] },
    });
  });

  it('takes what dhcpcd says', () => {
    const values = {
      ...COMMON,
      new_subnet_cidr: '23',
      new_classless_static_routes: '0.0.0.0/0 192.168.1.254',
    };
    expect(routes(call('', { ...values, reason: 'REBOOT' }))).toEqual([
      'route replace default via 192.168.1.254 dev eth0',
    ]);
    expect(written()).toMatchObject({ event: 'bound', lease: { address: '192.168.1.50/23' } });
    expect(routes(call('', { ...COMMON, reason: 'RENEW' }))).toContain(
      'route replace 10.0.0.0/8 via 192.168.1.2 dev eth0',
    );
    expect(written()?.event).toBe('renew');
  });

  it.each(['EXPIRE', 'RELEASE', 'NAK'])('drops the address at %s', (reason) => {
    call('', { ...COMMON, reason: 'BOUND' });
    expect(call('', { reason })).toContain('address delete 192.168.1.50/23 dev eth0');
    expect(written()).toMatchObject({ event: 'deconfig', lease: null });
  });

  it.each(['STOP', 'TIMEOUT', 'CARRIER', '$(id)'])('does nothing at %s', (reason) => {
    call('', { ...COMMON, reason: 'BOUND' });
    expect(call('', { ...COMMON, new_ip_address: '192.168.1.51', reason })).toEqual([]);
    expect(written()?.lease?.address).toBe('192.168.1.50/23');
  });

  it.each(['255.0.255.0', '255.255.255.1', '$(id)', '256.0.0.0', '0.0.0.0'])(
    'does not take the mask %s',
    (mask) => {
      call('', { ...COMMON, reason: 'BOUND', new_subnet_mask: mask });
      expect(written()).toMatchObject({ event: 'invalid', lease: null });
    },
  );

  it.each([
    '16 10 5 192 168 1',
    '33 1 2 3 4 5 6 7 8',
    '16 $(id) 5 192 168 1 9',
    '16 300 5 192 168 1 9',
    '24',
  ])('does not take the routes %s', (bytes) => {
    const calls = call('', { ...COMMON, reason: 'BOUND', new_rfc3442_classless_static_routes: bytes });
    expect(calls.join('\n')).not.toMatch(/10\.5|via 192\.168\.1\.9|\$|300/);
  });
});
