import { choose } from '../backends/registry.js';
import { refuseOnErrors, runPreflight } from '../checks/preflight.js';
import { refusal } from '../errors.js';
import { automaticUplink, uplinkCandidates } from '../facts/uplink.js';
import type { Answers } from '../model/answers.js';
import type { HostFacts } from '../model/facts.js';
import type { Finding } from '../model/finding.js';
import { lanPorts } from '../model/lan-ports.js';
import { canBePort, defaultRoute } from '../model/links.js';
import type { Plan, Program } from '../model/plan.js';
import { buildPlan } from '../plan/build.js';
import { buildExistingPlan } from '../plan/existing.js';

/** The uplink by name. Refuses (`uplink-unclear`) where "auto" does not tell. */
export function settleUplink(answers: Answers, facts: HostFacts): string {
  const { uplink, name, existing } = answers.bridge;
  if (uplink !== 'auto') return uplink;
  // Where there is none, the check of existing bridges refuses.
  if (existing) return lanPorts(facts, name)[0]?.name ?? 'none';
  const found = automaticUplink(facts, name);
  if (found !== null) return found;
  const names = uplinkCandidates(facts)
    .filter((link) => canBePort(link) || link.master === name)
    .map((link) => link.name);
  throw refusal('uplink-unclear', 'Refused; nothing was changed.', [
    {
      path: 'bridge.uplink',
      message:
        defaultRoute(facts)?.link === name
          ? `The default route leads through ${name}, and no port of it leads to the LAN.`
          : 'No link has a default route, so "auto" does not tell which one is on the LAN.',
      remedy: names.length > 0 ? `Name it: ${names.join(', ')}.` : 'Name it.',
    },
  ]);
}

/** What was started from an image cannot be installed as a service: the host may have no Node.js to run it with. */
function serviceFromContainer({ runtime }: Answers, { container }: Program): Finding[] {
  if (container === undefined || runtime.install !== 'service') return [];
  return [
    {
      check: 'in-container',
      severity: 'error',
      path: 'runtime.install',
      message: 'From a container the runtime cannot be installed as a service.',
      remedy: 'Leave runtime.install out, or set it to "container".',
    },
  ];
}

/**
 * Facts and answers → checked plan. Refuses (exit 3) with every reason.
 * @param dryRun plan for somebody who need not be root
 */
export function prepare(facts: HostFacts, answers: Answers, program: Program, dryRun: boolean): Plan {
  const uplink = settleUplink(answers, facts);
  const findings = runPreflight({ facts, answers, uplink }).filter(
    ({ check }) => !(dryRun && check === 'not-root'),
  );
  refuseOnErrors([...findings, ...serviceFromContainer(answers, program)]);
  if (answers.bridge.existing) return buildExistingPlan({ facts, answers, uplink, findings, program });
  return buildPlan({ facts, answers, uplink, backend: choose(facts, uplink), findings, program });
}
