import { EXIT, type ExitCode, usageError } from '../errors.js';
import type { HostFacts } from '../model/facts.js';
import { planText } from '../ui/report.js';
import { readGivenAnswers } from './answers-file.js';
import { carryOut } from './carry-out.js';
import type { CliContext } from './context.js';
import { prepare } from './prepare.js';
import { programInfo } from './program-info.js';
import { withValues } from './provenance.js';
import { readFacts, readRecordedFacts } from './read-facts.js';
import { forContainer, refuseMissingImage } from './runtime-image.js';
import { refuseUnfinished } from './unfinished.js';

/** Flags of the set-up. */
export interface SetupFlags {
  readonly answers?: string;
  readonly dryRun?: boolean;
  readonly facts?: string;
  readonly root?: string;
}

/** `bridge-setup`, `bridge-setup --answers FILE|-`, and both with `--dry-run`. */
export async function setup(
  context: CliContext,
  options: Readonly<Record<string, unknown>>,
): Promise<ExitCode> {
  const flags = options as SetupFlags;
  if (flags.facts !== undefined && !flags.dryRun) {
    throw usageError(
      'facts-without-dry-run',
      '--facts describes a host that is elsewhere, so it needs --dry-run.',
    );
  }
  if (flags.root !== undefined && flags.facts === undefined) {
    throw usageError(
      'root-without-facts',
      '--root holds the files of a host that is elsewhere, so it needs --facts.',
    );
  }
  const { host, output } = context;
  const given = flags.answers === undefined ? null : await readGivenAnswers(host, flags.answers);
  if (given === null) return (await import('./wizard.js')).wizard(context, flags);
  if (!flags.dryRun && host.isRoot()) await refuseUnfinished(host);
  const facts = await factsFor(context, flags);
  const program = await programInfo(host);
  const asked = forContainer(given, program);
  const { answers } = asked;
  if (flags.facts === undefined) await refuseMissingImage(host, answers);
  const plan = withValues(prepare(facts, answers, program, flags.dryRun ?? false), asked, facts);
  output.print(planText(plan, output.style, { width: output.width }));
  if (flags.dryRun || plan.steps.length === 0) {
    output.document({ state: flags.dryRun ? 'planned' : 'unchanged', plan });
    return EXIT.ok;
  }
  return carryOut(context, { plan, answers, facts, program, attended: false });
}

/** Facts of this host, or of one that is elsewhere. */
export function factsFor({ host }: CliContext, { facts, root }: SetupFlags): Promise<HostFacts> {
  return facts === undefined ? readFacts(host) : readRecordedFacts(host, facts, root);
}
