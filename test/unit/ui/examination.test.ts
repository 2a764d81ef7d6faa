import { stripVTControlCharacters } from 'node:util';
import { describe, expect, it } from 'vitest';
import type { CheckResult, Examination } from '../../../src/model/examination.js';
import { examinationText } from '../../../src/ui/examination.js';
import { style } from '../../../src/ui/style.js';
import { expectText } from '../support/golden-text.js';
import { HOSTILE } from '../support/topology.js';

const result = (id: string, group: CheckResult['group'], parts: Partial<CheckResult> = {}): CheckResult => ({
  ...{ id, group, title: `${id} is in order`, cause: `Something was done to ${id}.` },
  ...{ status: 'ok', findings: [] },
  ...parts,
});
const healthy: Examination = {
  ok: true,
  checks: [result('disk', 'host'), result('name', 'host'), result('bridge', 'bridge')],
};
const troubled: Examination = {
  ok: false,
  checks: [
    ...healthy.checks,
    result('port', 'bridge', {
      status: 'error',
      findings: [
        {
          check: 'port-missing',
          severity: 'error',
          message: 'br0 has no port.',
          cause: 'Somebody pulled it.',
          remedy: 'Run `ip link set dev eth0 master br0`.',
        },
      ],
    }),
    result('image', 'containers', {
      status: 'warning',
      findings: [
        { check: 'rule-ignored', severity: 'warning', message: `The rule of ${HOSTILE} is not followed.` },
      ],
    }),
    result('snooping', 'lan', {
      status: 'unknown',
      findings: [{ check: 'not-seen', severity: 'unknown', message: 'Only root can look at it.' }],
    }),
    result('leases', 'dhcp', {
      status: 'unknown',
      findings: [{ check: 'not-seen', severity: 'unknown', message: 'Not seen without root: leases.' }],
    }),
    result('session', 'lan', {
      status: 'info',
      findings: [{ check: 'session', severity: 'info', message: 'You are connected over br0.' }],
    }),
  ],
};

describe.each([
  ['healthy', healthy],
  ['troubled', troubled],
])('the screen of a host that is %s', (name, examination) => {
  const text = (color: boolean, verbose = false) =>
    examinationText(examination, { style: style(color), verbose });

  it('is as recorded', () => {
    expectText(`test/screens/doctor-${name}.txt`, `${text(false)}\n`);
    expectText(`test/screens/doctor-${name}-verbose.txt`, `${text(false, true)}\n`);
  });

  it('says the same with colours, and nothing of others gets out of its line', () => {
    expect(stripVTControlCharacters(text(true))).toBe(text(false));
    // biome-ignore lint/suspicious/noControlCharactersInRegex: that is what must not be there.
    expect(text(false)).not.toMatch(/[\x00-\x09\x0b-\x1f\u202e]/);
  });
});
