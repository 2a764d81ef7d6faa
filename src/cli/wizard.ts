import { choose } from '../backends/registry.js';
import { EXIT, type ExitCode, refusal, SetupError, usageError } from '../errors.js';
import { automaticUplink, uplinkCandidates } from '../facts/uplink.js';
import { unfollowedRules } from '../firewall/affected.js';
import { rewrittenByCloudInit } from '../model/cloud-init.js';
import { existingBridges } from '../model/existing-bridge.js';
import type { HostFacts, Link } from '../model/facts.js';
import { defaultRoute, linkNamed } from '../model/links.js';
import type { Program } from '../model/plan.js';
import { type Asker, BACK } from '../ui/asker.js';
import { interview } from '../ui/interview.js';
import { addressText, carrierOf, isLeased, knownText } from '../ui/known.js';
import { answersOf, type Draft, questions, type RuntimeInstall } from '../ui/questions.js';
import { planText } from '../ui/report.js';
import { leafPaths, parseAnswers } from './answers-file.js';
import type { CliContext, FirstChoice } from './context.js';
import { askerFor, askFirst, stoppable } from './opening.js';
import { prepare } from './prepare.js';
import { programInfo } from './program-info.js';
import { withValues } from './provenance.js';
import { forContainer } from './runtime-image.js';
import { likelyBridge } from './served-bridge.js';
import { factsFor, type SetupFlags } from './setup.js';
import { refuseUnfinished } from './unfinished.js';
import { existingChoices } from './wizard-existing.js';
import { type Decided, decideOnPlan } from './wizard-plan.js';
import { problemOnHost } from './wizard-problems.js';

/** `bridge-setup` without answers: ask, show the plan, ask again, act. With `--dry-run` it ends with the plan. */
export async function wizard(context: CliContext, flags: SetupFlags): Promise<ExitCode> {
  const { host, output } = context;
  if (!flags.dryRun && !host.isRoot()) {
    throw refusal(
      'not-root',
      'Network configuration can only be changed by root.',
      [],
      'Run `sudo npx bridge-setup`, or try `bridge-setup --dry-run` first.',
    );
  }
  if (!process.stdin.isTTY || output.json) {
    throw usageError(
      'no-answers',
      'There is nobody to ask: standard input is not a terminal.',
      [],
      'Give the answers with --answers FILE, or --answers - for standard input.',
    );
  }
  const asker = await askerFor(context.signal);
  return stoppable(async () => {
    let [choice, rehearsed]: [FirstChoice, boolean] = [context.first ?? 'set-up', false];
    for (;;) {
      if (choice === 'leave') return left(context);
      if (choice === 'rehearse') {
        const { rehearseHost } = await import('./rehearse.js');
        rehearsed = (await rehearseHost(context, null)) === EXIT.ok || rehearsed;
      } else {
        const code = await setUpByWizard(context, flags, asker, rehearsed);
        if (code !== BACK) return code;
      }
      choice = await askFirst(asker, rehearsed);
    }
  });
}

function left({ output }: CliContext): ExitCode {
  output.print('Nothing was changed.');
  return EXIT.ok;
}

/** Questions, plan, and what is decided on it, as often as somebody wants to change the answers. */
async function setUpByWizard(
  context: CliContext,
  flags: SetupFlags,
  asker: Asker,
  rehearsed: boolean,
): Promise<ExitCode | typeof BACK> {
  const { host, output } = context;
  if (!flags.dryRun) await refuseUnfinished(host);
  const facts = await factsFor(context, flags);
  const { draft: start, topics } = whatIsKnown(facts);
  output.print(`\n${knownText(facts, start.uplink, start.name, output.style)}\n`);
  const program = await programInfo(host);
  const plan = (said: Draft) => planFor(facts, program, said, flags.dryRun ?? false);
  refuseHopeless(facts, start, plan);
  let draft = start;
  for (;;) {
    const said = await interview(topics, asker, draft, context.first !== null);
    if (said === BACK) return BACK;
    draft = said;
    const work = orRefusal(() => plan(said));
    if (work instanceof SetupError) {
      output.error(work);
      if (await wantsOtherAnswers(asker)) continue;
      return work.exitCode;
    }
    if (flags.dryRun || work.plan.steps.length === 0) {
      output.print(`\n${planText(work.plan, output.style, { width: output.width })}`);
      return EXIT.ok;
    }
    const code = await decideOnPlan(context, asker, work, rehearsed);
    if (code !== BACK) return code;
  }
}

/** Refuse before anything is asked, where no answers would help. */
function refuseHopeless(facts: HostFacts, start: Draft, plan: (draft: Draft) => unknown): void {
  const uplinks = uplinkCandidates(facts).map(({ name }) => name);
  if (start.existing !== '') {
    const asItIs = orRefusal(() => plan({ ...start, docker: 'if-missing' }));
    if (!(asItIs instanceof SetupError)) return;
  }
  const ways = uplinks.flatMap((uplink) => (['keep', 'dhcp'] as const).map((method) => ({ uplink, method })));
  const outcomes = ways.map((way) =>
    orRefusal(() =>
      plan({ ...start, existing: '', ...way, docker: 'if-missing', cloudInit: 'disable', firewall: 'keep' }),
    ),
  );
  // That of the likeliest NIC, as it is.
  const [first] = outcomes;
  if (first instanceof SetupError && outcomes.every((one) => one instanceof SetupError)) throw first;
}

/** What something gives, or why it was refused; anything else is a bug. */
function orRefusal<T>(make: () => T): T | SetupError {
  try {
    return make();
  } catch (error) {
    if (error instanceof SetupError) return error;
    throw error;
  }
}

async function wantsOtherAnswers(asker: Asker): Promise<boolean> {
  const choice = await asker.choose({
    message: 'What now?',
    choices: [
      { value: 'answers', name: 'Change the answers' },
      { value: 'leave', name: 'Leave; nothing was changed' },
    ],
    offered: 'answers',
    canGoBack: false,
  });
  return choice === 'answers';
}

/** The plan for what was said. */
function planFor(facts: HostFacts, program: Program, draft: Draft, dryRun: boolean): Decided {
  const { install, reason } = runtimeInstall(facts, program);
  const input = answersOf(draft, install);
  const detected = {
    ...(draft.existing === '' && uplinkCandidates(facts).length === 1
      ? { 'bridge.uplink': 'the only NIC' }
      : {}),
    'runtime.install': reason,
  };
  const given = leafPaths(input).filter((path) => !Object.hasOwn(detected, path));
  const asked = forContainer({ answers: parseAnswers(input), given, detected }, program);
  const plan = withValues(prepare(facts, asked.answers, program, dryRun), asked, facts);
  return { plan, answers: asked.answers, input, facts, program };
}

/** How the runtime is installed here, and why. */
function runtimeInstall(
  { init }: HostFacts,
  { container }: Program,
): { readonly install: RuntimeInstall; readonly reason: string } {
  if (container !== undefined) return { install: 'container', reason: 'bridge-setup runs as one' };
  return init === 'systemd'
    ? { install: 'service', reason: 'systemd runs here' }
    : { install: 'none', reason: 'no systemd runs here' };
}

/** What was detected, as the first offer of each question. */
function whatIsKnown(facts: HostFacts) {
  const uplinks = uplinkCandidates(facts);
  if (uplinks.length === 0 && existingBridges(facts).length === 0)
    throw usageError('no-uplink', 'This host has no link that could be the port of a bridge.');
  const name = likelyBridge(facts);
  const uplink = automaticUplink(facts, name) ?? uplinks[0]?.name ?? '';
  const existing = existingChoices(facts);
  const carrier = carrierOf(facts, uplink, name);
  const own = linkNamed(facts, carrier)?.addresses.find(
    ({ family, scope }) => family === 4 && scope === 'global',
  );
  const address = own === undefined ? '' : `${own.address}/${own.prefix}`;
  const draft: Draft = {
    existing: existing[0]?.name ?? '',
    uplink,
    name,
    method: 'keep',
    address,
    gateway: defaultRoute(facts)?.gateway ?? '',
    cloudInit: null,
    firewall: null,
    docker: null,
    proof: 'dhcp',
    proofAddress: '',
  };
  const topics = questions({
    existing,
    canMake: uplinks.some((link) => canBeConverted(facts, link.name)),
    uplinks: uplinks.map((link) => ({ name: link.name, description: describe(facts, link) })),
    address: addressText(facts, carrier),
    leased: isLeased(facts, carrier),
    dockerInstalled: facts.docker.installed,
    firewallRules: (port, bridge) => unfollowedRules(facts, port, bridge).length,
    rewritten: (port, bridge) => rewrittenByCloudInit(facts, [port, bridge]),
    problem: (path, said) => problemWith(path, said) ?? problemOnHost(path, said, facts, address),
  });
  return { draft, topics };
}

function canBeConverted(facts: HostFacts, uplink: string): boolean {
  return !(orRefusal(() => choose(facts, uplink)) instanceof SetupError);
}

function describe(facts: HostFacts, { name, mac, addresses, carrier }: Link): string {
  const own = addresses
    .filter(({ family, scope }) => family === 4 && scope === 'global')
    .map(({ address, prefix }) => `${address}/${prefix}`);
  const isDefault = defaultRoute(facts)?.link === name;
  return [isDefault ? 'has the default route' : '', ...own, mac, carrier ? '' : 'no cable']
    .filter(Boolean)
    .join(', ');
}

/** The schema's own objection to one value, so that the wizard and an answers file agree. */
function problemWith(path: string, draft: Draft): string | null {
  // The gateway is asked for after the address, and judged with it then.
  const settled = path === 'address.address' ? { ...draft, gateway: '' } : draft;
  try {
    parseAnswers(answersOf(settled, 'none'));
    return null;
  } catch (error) {
    if (!(error instanceof SetupError)) throw error;
    return error.problems.find((problem) => problem.path === path)?.message ?? null;
  }
}
