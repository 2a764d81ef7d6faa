import { messageOf } from '../errors.js';
import type { CheckResult, CheckStatus, Examination } from '../model/examination.js';
import type { Finding } from '../model/finding.js';
import type { DoctorCheck, DoctorContext } from './doctor-check.js';

/** Best first. */
const ORDER: readonly CheckStatus[] = ['ok', 'info', 'unknown', 'warning', 'error'];

/** Ask every check that applies to the host. Pure. One that crashes is a finding, and keeps no other from its turn. */
export function examine(checks: readonly DoctorCheck[], context: DoctorContext): Examination {
  const state = context.doctor.setUp ? 'set-up' : 'not-set-up';
  const results = checks
    .filter(({ on = state }) => on === state)
    .map((check): CheckResult => {
      const { id, title, group, cause } = check;
      const findings = findingsOf(check, context);
      return { id, title, group, cause, findings, status: worst(findings) };
    });
  return { checks: results, ok: results.every(({ status }) => status !== 'error') };
}

function findingsOf(check: DoctorCheck, context: DoctorContext): readonly Finding[] {
  try {
    return check.run(context);
  } catch (error) {
    return [
      {
        check: 'check-crashed',
        severity: 'error',
        message: `The check "${check.title}" crashed: ${messageOf(error)}`,
        cause: 'That is a fault of bridge-setup, or this host is one that nobody has thought of.',
        remedy: 'Report it, with the facts of this host: `BRIDGE_SETUP_RECORD=folder bridge-setup doctor`.',
      },
    ];
  }
}

function worst(findings: readonly Finding[]): CheckStatus {
  const ranks = findings.map(({ severity }) => ORDER.indexOf(severity));
  return ORDER[Math.max(0, ...ranks)] ?? 'ok';
}
