import { describe, expect, it } from 'vitest';
import type { DoctorCheck } from '../../../src/checks/doctor-check.js';
import { examine } from '../../../src/checks/examine.js';
import { doctorChecks } from '../../../src/checks/registry.js';
import type { Finding } from '../../../src/model/finding.js';
import { doctorContext } from '../support/doctor.js';

const check = (id: string, parts: Partial<DoctorCheck> = {}): DoctorCheck => ({
  ...{ id, title: id, group: 'host', looksAt: '', cause: 'because' },
  run: () => [],
  ...parts,
});
const found = (severity: Finding['severity']): Finding => ({ check: 'x', severity, message: 'm' });

describe('examine', () => {
  it('takes the worst finding of a check for its status; only an error is not ok', () => {
    const run = (...severities: Finding['severity'][]) =>
      examine([check('a', { run: () => severities.map(found) })], doctorContext());
    expect(run().checks[0]?.status).toBe('ok');
    expect(run('info', 'unknown').checks[0]?.status).toBe('unknown');
    expect(run('warning', 'info')).toMatchObject({ ok: true, checks: [{ status: 'warning' }] });
    expect(run('info', 'error', 'warning')).toMatchObject({ ok: false, checks: [{ status: 'error' }] });
  });

  it('asks what applies to the host', () => {
    const checks = [check('any'), check('after', { on: 'set-up' }), check('before', { on: 'not-set-up' })];
    const asked = (setUp: boolean) => examine(checks, doctorContext({ setUp })).checks.map(({ id }) => id);
    expect([asked(true), asked(false)]).toEqual([
      ['any', 'after'],
      ['any', 'before'],
    ]);
  });

  it('a check that crashes is a finding, and the next one has its turn', () => {
    const crash = () => {
      throw new TypeError('x is undefined');
    };
    const { checks, ok } = examine([check('a', { run: crash }), check('b')], doctorContext());
    expect(ok).toBe(false);
    expect(checks.map(({ status }) => status)).toEqual(['error', 'ok']);
    expect(checks[0]?.findings[0]).toMatchObject({
      check: 'check-crashed',
      message: 'The check "a" crashed: x is undefined',
    });
  });

  it('has nothing but good to say of a host in order', () => {
    const { checks } = examine(doctorChecks, doctorContext());
    expect(new Set(checks.map(({ status }) => status))).toEqual(new Set(['ok']));
  });
});
