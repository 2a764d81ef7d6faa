import type { Answers } from '../model/answers.js';
import type { HostFacts } from '../model/facts.js';
import type { Finding } from '../model/finding.js';
import type { Plan, Program, Step } from '../model/plan.js';
import { acceptRuleSteps, proofNotes } from './build.js';
import { fileDiffs } from './diff.js';
import { packageSteps } from './packages.js';
import { isServed, runtimeInstallSteps, runtimeStartSteps } from './runtime.js';

/** What a plan for a bridge that is there is made of. */
export interface ExistingPlanInput {
  readonly facts: HostFacts;
  readonly answers: Answers;
  /** The port of the bridge that leads to the LAN. */
  readonly uplink: string;
  readonly findings: readonly Finding[];
  readonly program: Program;
}

/**
 * (facts, answers) → plan for a bridge of somebody else's: runtime and accept rule. No step changes the network or a file
 * of its configuration, so no backend is needed. Pure.
 */
export function buildExistingPlan({ facts, answers, uplink, findings, program }: ExistingPlanInput): Plan {
  const { name: bridge } = answers.bridge;
  const packages = packageSteps(facts, answers, []);
  const installsDocker = packages.length > 0 && !facts.docker.installed;
  const docker: Step[] =
    installsDocker && answers.docker.install === 'if-missing'
      ? [{ id: 'docker-ready', title: 'Wait until Docker answers', kind: 'await-docker', timeoutSeconds: 60 }]
      : [];
  const install = runtimeInstallSteps(facts, answers, program);
  const start = runtimeStartSteps(facts, answers, install);
  const rules = acceptRuleSteps(facts, answers, docker.length > 0);
  const changes = [...packages, ...docker, ...install, ...rules, ...start];
  // Containers of before stay where a later run, such as one that replaces the program, is rolled back.
  const isNew = changes.length > 0 && !isServed(facts, bridge);
  const expect: Step[] = isNew
    ? [
        {
          id: 'bridge',
          title: `See that ${bridge} is there, with its port ${uplink}`,
          ...{ kind: 'expect-bridge' as const, bridge, port: uplink },
        },
      ]
    : [];
  const at = packages.length + docker.length + install.length;
  const steps = [...changes.slice(0, at), ...expect, ...changes.slice(at)];
  return {
    version: 1,
    summary:
      steps.length === 0
        ? `Nothing to change: containers can join ${bridge}, which stays as it is.`
        : `Containers can join ${bridge}, which stays as it is: its configuration is not touched.`,
    backend: { id: 'existing', reason: `${bridge} is there, and somebody else configures it.` },
    bridge,
    uplink,
    existing: true,
    steps,
    files: fileDiffs(steps),
    risks: steps.length === 0 ? [] : findings.filter(({ severity }) => severity !== 'ok'),
    notes: steps.length === 0 ? [] : proofNotes(facts, answers, uplink),
  };
}
