import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { endOfLease, heldLease, leaseOfRun, parseLease } from '../../../src/attach/lease.js';

const RECORD = `event=bound
run=1-2
time=1700000000
ip=192.168.1.50
prefix=24
router=192.168.1.1
routes=10.5.0.0/16,192.168.1.9 0.0.0.0/0,192.168.1.1 10.0.0.0/99,192.168.1.1 10.0.0.0/8,$(id)
mtu=1400
dns=192.168.1.1 9.9.9.9
search=lan.example -x $(id)
serverid=192.168.1.1
lease=3600
`;

describe('heldLease', () => {
  it('is the lease until it ends, confirmed or not', () => {
    const record = parseLease(RECORD.replace('bound', 'deconfig'));
    expect(heldLease(record, 1700003599_000)?.address).toBe('192.168.1.50/24');
    expect(heldLease(record, 1700003600_000)).toBeNull();
    expect(heldLease(null, 0)).toBeNull();
  });

  it('has no end where the server gives none', () => {
    const record = parseLease(RECORD.replace('lease=3600', 'lease=0'));
    if (record === null) throw new Error('no record');
    expect(endOfLease(record)).toBeNull();
    expect(heldLease(record, Number.MAX_SAFE_INTEGER)?.seconds).toBe(0);
  });
});

describe('parseLease', () => {
  it('reads what the hook wrote', () => {
    expect(parseLease(RECORD)).toEqual({
      event: 'bound',
      run: '1-2',
      time: 1700000000,
      lease: {
        address: '192.168.1.50/24',
        router: '192.168.1.1',
        routes: [
          { destination: '10.5.0.0/16', gateway: '192.168.1.9' },
          { destination: '0.0.0.0/0', gateway: '192.168.1.1' },
        ],
        mtu: 1400,
        search: ['lan.example'],
        dns: ['192.168.1.1', '9.9.9.9'],
        server: '192.168.1.1',
        seconds: 3600,
      },
    });
  });

  it('has no lease without an address', () => {
    const lost = RECORD.replace('bound', 'deconfig').replace('ip=192.168.1.50', 'ip=');
    expect(parseLease(lost)).toMatchObject({ event: 'deconfig', lease: null });
  });

  it.each([
    ['prefix=24', 'prefix=99'],
    ['ip=192.168.1.50', 'ip=192.168.1.999'],
    ['ip=192.168.1.50', 'ip=$(id)'],
  ])('does not take %s changed to %s', (from, to) => {
    expect(parseLease(RECORD.replace(from, to))?.lease).toBeNull();
  });

  it('leaves out servers that are no addresses', () => {
    expect(parseLease(RECORD.replace('9.9.9.9', '`id` 1.2.3'))?.lease?.dns).toEqual(['192.168.1.1']);
  });

  it('is null for anything else', () => {
    for (const text of ['', 'event=bound', RECORD.replace('bound', 'evil'), RECORD.replace('1-2', '')]) {
      expect(parseLease(text)).toBeNull();
    }
    fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => parseLease(text) === null));
  });
});

describe('leaseOfRun', () => {
  it('is the lease only when this start of the client got it', () => {
    const record = parseLease(RECORD);
    expect(leaseOfRun(record, '1-2')?.address).toBe('192.168.1.50/24');
    expect(leaseOfRun(record, '1-3')).toBeNull();
    // Kept from an earlier start, not confirmed yet.
    expect(leaseOfRun(parseLease(RECORD.replace('bound', 'deconfig')), '1-2')).toBeNull();
    expect(leaseOfRun(null, '1-2')).toBeNull();
  });
});
