import type { Journal } from '../model/journal.js';
import type { Step } from '../model/plan.js';
import { invert, type UndoStep } from './invert.js';

/**
 * The steps that roll several runs back, for each run its own, in the order of the runs.
 *
 * What a later run did to a bridge that an earlier one made is not undone where both are rolled back: a repair
 * (`doctor --fix`) brought the host to what the set-up wanted, and its inverse would break it again right before the
 * network moves: take the port down, or out of the bridge. Such a run is superseded by the rollback of the set-up.
 * @param runs oldest first
 */
export function invertRuns(runs: readonly Pick<Journal, 'kind' | 'entries'>[]): UndoStep[][] {
  const isSetUp = ({ kind, entries }: Pick<Journal, 'kind' | 'entries'>) =>
    kind === 'set-up' && entries.some(({ state }) => state !== 'undone');
  const bridges = new Map<string, number>();
  for (const [index, { entries }] of runs.entries()) {
    for (const { step, state } of entries) {
      if (step.kind === 'create-bridge' && state !== 'undone' && !bridges.has(step.bridge)) {
        bridges.set(step.bridge, index);
      }
    }
  }
  return runs.map(({ kind, entries }, index) => {
    const steps = invert(entries);
    if (kind === 'repair' && runs.slice(0, index).some(isSetUp)) return steps.filter(isOfFirewall);
    const gone = [...bridges].filter(([, made]) => made < index).map(([bridge]) => bridge);
    return steps.filter(({ step }) => !gone.some((bridge) => setsLink(step, bridge)));
  });
}

/** Rules for the bridge are in the firewall of the host, and do not go with it; those of ufw and firewalld are in files. */
function isOfFirewall({ step }: UndoStep): boolean {
  if (step.kind === 'remove-rule') return step.rule.includes('-i');
  return step.kind === 'restore-firewall-zone' || (step.kind === 'run' && step.argv[0] === 'ufw');
}

/** A setting of a link that goes with the link: `ip link set dev LINK …`. */
const setsLink = (step: Step, link: string): boolean =>
  step.kind === 'run' && step.argv.join(' ').startsWith(`ip link set dev ${link} `);
