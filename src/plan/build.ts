import type { Backend } from '../backends/backend.js';
import { refusal } from '../errors.js';
import type { Answers } from '../model/answers.js';
import type { HostFacts } from '../model/facts.js';
import type { Finding } from '../model/finding.js';
import { defaultRoute } from '../model/links.js';
import type { Plan, Program, Step } from '../model/plan.js';
import { HIDDEN_SECRET } from '../model/secret.js';
import { cloudInitSteps } from './cloud-init.js';
import { fileDiffs } from './diff.js';
import { firewallRuleSteps } from './firewall.js';
import { packageSteps } from './packages.js';
import { runtimeInstallSteps, runtimeStartSteps } from './runtime.js';
import { probeSteps } from './second-mac-probe.js';
import { bridgeSpec } from './spec.js';

/** What a plan is made of. */
export interface PlanInput {
  readonly facts: HostFacts;
  readonly answers: Answers;
  /** The link that becomes the port, "auto" settled. */
  readonly uplink: string;
  readonly backend: { readonly backend: Backend; readonly reason: string };
  readonly findings: readonly Finding[];
  readonly program: Program;
}

/** (facts, answers) → plan. Pure. Refuses (`SetupError`) what cannot be planned. */
export function buildPlan({ facts, answers, uplink, backend, findings, program }: PlanInput): Plan {
  const network = backend.backend.plan(facts, bridgeSpec(answers, facts, uplink));
  const packages = packageSteps(facts, answers, network.programs);
  const docker: Step[] =
    packages.length > 0 && !facts.docker.installed && answers.docker.install === 'if-missing'
      ? [{ id: 'docker-ready', title: 'Wait until Docker answers', kind: 'await-docker', timeoutSeconds: 60 }]
      : [];
  const install = runtimeInstallSteps(facts, answers, program);
  const start = runtimeStartSteps(facts, answers, install);
  // Whatever may fail without harm comes first; the network is touched when nothing else is left to go wrong.
  refuseLossyFiles(network.steps);
  refuseHiddenSecrets(network.steps);
  const bridge = answers.bridge.name;
  const firewall = acceptRuleSteps(facts, answers, docker.length > 0);
  const cloudInit = cloudInitSteps(facts, answers, uplink);
  const probe = probeSteps(facts, uplink, findings);
  const prepare = [...packages, ...probe, ...docker, ...install, ...cloudInit];
  const rules = firewallRuleSteps(facts, answers, uplink);
  const inOrder = [...prepare, ...rules, ...network.steps, ...firewall, ...start];
  const waits = ({ after }: Step) => after === 'confirmation';
  const steps = [...inOrder.filter((step) => !waits(step)), ...inOrder.filter(waits)];
  return {
    version: 1,
    summary:
      steps.length === 0
        ? `Nothing to change: ${bridge} is set up on ${uplink}.`
        : `${uplink} becomes the port of ${bridge}, which takes over the host's addresses.`,
    backend: { id: backend.backend.id, reason: backend.reason },
    bridge,
    uplink,
    steps,
    files: fileDiffs(steps),
    risks:
      steps.length === 0
        ? []
        : [
            ...findings.filter(({ severity }) => severity === 'warning' || severity === 'info'),
            ...network.risks,
          ],
    notes: steps.length === 0 ? [] : [...network.notes, ...proofNotes(facts, answers, uplink)],
  };
}

/** Whom the proof asks where the host has no gateway on this LAN: "gateway" is the default. */
export function proofNotes(facts: HostFacts, { address, bridge, verify }: Answers, uplink: string): string[] {
  const hasGateway = defaultRoute(facts, [uplink, bridge.name])?.gateway != null;
  if (hasGateway || address.method !== 'keep' || verify.ping.some((target) => target !== 'gateway'))
    return [];
  return [
    `The host has no default gateway on ${uplink}: the proof asks the gateway that a test container gets, its DHCP server, or a neighbour. If the LAN has none of these, name a host to ask in verify.ping.`,
  ];
}

/** A file that is not UTF-8 was read with U+FFFD in it; written back, it would not be what it was. */
function refuseLossyFiles(steps: readonly Step[]): void {
  const lossy = steps.filter((step) => step.kind === 'write-file' && step.before?.includes('\uFFFD'));
  if (lossy.length === 0) return;
  throw refusal(
    'file-not-utf8',
    'Refused; nothing was changed.',
    lossy.flatMap((step) =>
      step.kind === 'write-file'
        ? [
            {
              message: `${step.path} is not UTF-8.`,
              remedy: `Convert it: iconv -f latin1 -t utf8 ${step.path}`,
            },
          ]
        : [],
    ),
  );
}

/** A file whose secrets were not read; written back, it would be without them. */
function refuseHiddenSecrets(steps: readonly Step[]): void {
  const paths = steps.flatMap((step) =>
    step.kind === 'write-file' && step.content.includes(HIDDEN_SECRET) ? [step.path] : [],
  );
  if (paths.length === 0) return;
  throw refusal(
    'file-has-secret',
    'Refused; nothing was changed.',
    paths.map((path) => ({
      message: `${path} has to be changed, and has a key in it, which bridge-setup does not read.`,
      remedy: `Put the key into a file of its own, and write in its place: include "/etc/dhcp/dhclient.key";`,
    })),
  );
}

/**
 * Frames between the ports have to pass; who drops them is Docker, or a firewall (docs/architecture.md). What is added
 * later, by the runtime, is recorded by itself, and goes with the bridge.
 */
export function acceptRuleSteps(
  { netfilter }: HostFacts,
  { bridge: { name: bridge }, firewall }: Answers,
  dockerIsNew: boolean,
): Step[] {
  if (firewall === 'never') return [];
  const step = (how: string): Step[] => [
    {
      id: 'accept-rule',
      title: `Let frames pass between the ports of ${bridge} (${how})`,
      ...{ kind: 'accept-rule', bridge },
    },
  ];
  const dropped = netfilter.dropped?.[bridge];
  // A rule of iptables by its chain; the rest as a person would type it.
  const cures = new Set(
    (dropped ?? []).flatMap(({ cure }) =>
      cure.map((line) => line.replace(/^ip6?tables\S* -I (\S+) .*$/, 'iptables, $1')),
    ),
  );
  if (cures.size > 0) return step([...cures].join('; '));
  const drops =
    dockerIsNew ||
    (dropped === undefined &&
      (netfilter.dockerUserChain || netfilter.forwardPolicy === 'DROP') &&
      netfilter.bridgeNfCallIptables !== false);
  return drops && !netfilter.acceptedBridges.includes(bridge) ? step('iptables, DOCKER-USER') : [];
}
