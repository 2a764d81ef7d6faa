import { messageOf } from '../errors.js';
import { type CheckResult, type CheckStatus, type Examination, NOT_SEEN } from '../model/examination.js';
import type { Finding } from '../model/finding.js';
import type { Need } from './check.js';
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
      const findings = unseen(check, context) ?? findingsOf(check, context);
      return { id, title, group, cause, findings, status: worst(findings) };
    });
  return { checks: results, ok: results.every(({ status }) => status !== 'error') };
}

/** Why a check cannot be answered, as its only finding; `null`: it can. */
function unseen({ title, needs }: DoctorCheck, { facts, doctor }: DoctorContext): Finding[] | null {
  const isHidden: Readonly<Record<Need, boolean>> = {
    root: !facts.root,
    docker: facts.docker.denied === true,
    clients: facts.dhcpClients.complete === false,
    files: (facts.unreadable ?? []).length > 0,
    lan: doctor.lan === null,
    reach: doctor.reach === null,
    offers: doctor.dhcpOffers === null,
  };
  if (needs === undefined || !isHidden[needs]) return null;
  const why = facts.root ? 'Not asked' : 'Only root can tell';
  return [{ check: NOT_SEEN, severity: 'unknown', message: `${why}: ${title}.` }];
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
