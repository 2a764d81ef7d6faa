import { execFileSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parseLease } from '../../../src/attach/lease.js';
import { render } from '../../../src/templates.js';

/** The real hook in a real shell, with an `ip` that only writes down how it was called. */
let folder: string;
let record: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'udhcpc-hook-'));
  record = join(folder, 'bs1.lease');
  writeFileSync(join(folder, 'ip'), `#!/bin/sh\necho "$*" >>"${folder}/calls"\n`);
  chmodSync(join(folder, 'ip'), 0o755);
  const hook = render('attach/udhcpc-hook.sh.ejs', {});
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
    ]);
  });

  it.each([
    ['ip', '192.168.1.50; reboot'],
    ['ip', '$(reboot)'],
    ['ip', '1.2.3'],
    ['ip', '1..2.3'],
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
    const code = render('attach/udhcpc-hook.sh.ejs', {}).replace(/^\s*#.*$/gm, '');
    expect(code).not.toContain('/etc/');
    expect(code.match(/>+\s*"[^"]*"/g)?.map((text) => text.trim())).toEqual(['>"$record.new"']);
  });
});
