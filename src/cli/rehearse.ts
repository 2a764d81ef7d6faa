import { choose } from '../backends/registry.js';
import { EXIT, type ExitCode, refusal, SetupError } from '../errors.js';
import { automaticUplink, uplinkCandidates } from '../facts/uplink.js';
import { unwatched } from '../host/effects.js';
import type { Answers } from '../model/answers.js';
import { containerDhcpClient } from '../model/dhcp-client.js';
import type { HostFacts } from '../model/facts.js';
import { copyOfHost, type HostCopy, modelHost } from '../rehearse/host-copy.js';
import { removeAllImages } from '../rehearse/image-store.js';
import { rehearse } from '../rehearse/rehearse.js';
import { cleanText, KEPT, rehearsalText, stageText } from '../ui/rehearsal.js';
import { parseAnswers, readAnswers } from './answers-file.js';
import type { CliContext } from './context.js';
import { programInfo, refuseInContainer } from './program-info.js';
import { readFacts } from './read-facts.js';

/** `bridge-setup rehearse [--answers FILE]`, and `--clean` */
export async function rehearseCommand(
  context: CliContext,
  flags: { readonly answers?: string; readonly clean?: boolean },
): Promise<ExitCode> {
  const { host } = context;
  const given = flags.answers === undefined ? null : await readAnswers(host, flags.answers);
  if (!host.isRoot()) {
    throw refusal(
      'not-root',
      'Only root can make a copy of this host.',
      [],
      'Run `sudo npx bridge-setup rehearse`. Nothing on the machine changes.',
    );
  }
  return flags.clean ? cleanUp(context) : rehearseHost(context, given);
}

/** Remove the images that rehearsals have kept. */
async function cleanUp({ host, output }: CliContext): Promise<ExitCode> {
  const { removed, inUse } = await removeAllImages(host);
  output.print(cleanText(removed, inUse));
  const listed = (images: typeof removed) => images.map(({ path, bytes }) => ({ path, bytes }));
  output.document({ removed: listed(removed), inUse: listed(inUse) });
  return EXIT.ok;
}

/** The whole job on a throw-away copy, as these answers have it; `null`: those that leave everything to the host. */
export async function rehearseHost(context: CliContext, given: Answers | null): Promise<ExitCode> {
  const { output, signal } = context;
  // What it does happens in the copy.
  const host = unwatched(context.host);
  refuseInContainer(host, 'A rehearsal');
  if (given?.bridge.existing) {
    throw refusal(
      'nothing-to-rehearse',
      `With bridge.existing nothing of the network is changed, so there is nothing to rehearse.`,
      [],
      'Run `bridge-setup --answers FILE --dry-run` to see each step.',
    );
  }
  const facts = await readFacts(host);
  const answers = given ?? parseAnswers({ version: 1, bridge: { uplink: 'auto' } });
  const copy = chooseCopy(facts, answers);
  output.progress(`Nothing on this machine changes. ${KEPT} This is rehearsed on\n${copy.reason}.`, {
    event: 'copy',
    kind: copy.kind,
    reason: copy.reason,
  });
  const report = await rehearse({
    host,
    copy,
    program: await programInfo(host),
    answers: answersForCopy(answers, copy),
    bridge: answers.bridge.name,
    dhcpClient: containerDhcpClient(answers, facts.distro),
    signal,
    onStageStart: (title) => output.running(title),
    onStage: (stage) => {
      output.running(null);
      output.progress(stageText(stage, output.style), { event: 'stage', ...stage });
    },
    onLine: packageProgress(context),
  });
  output.advise(rehearsalText(report, output.style));
  output.document(report);
  return report.ok ? EXIT.ok : EXIT.checkFailed;
}

/** This host where its network is one that can be rehearsed, else a model. */
function chooseCopy(facts: HostFacts, answers: Answers): HostCopy {
  const uplink =
    answers.bridge.uplink === 'auto' ? automaticUplink(facts, answers.bridge.name) : answers.bridge.uplink;
  if (uplink === null) return modelHost('a model host, since no link of this machine has a default route');
  if (!isRehearsable(facts, uplink)) {
    return modelHost(`a model host, since /etc/network/interfaces does not configure ${uplink} here`);
  }
  return (
    copyOfHost(facts, uplink, uplinkCandidates(facts)) ??
    modelHost(`a model host, since ${uplink} has no IPv4 address with a gateway here`)
  );
}

/** The sandbox brings its network up with ifupdown; it has no network scripts of RHEL. */
function isRehearsable(facts: HostFacts, uplink: string): boolean {
  try {
    return choose(facts, uplink).backend.id === 'ifupdown';
  } catch (error) {
    if (error instanceof SetupError) return false;
    throw error;
  }
}

/**
 * The answers as they hold in the copy: its uplink by name; no service, since no systemd runs there (the runtime is
 * started by hand); Docker is there already.
 */
function answersForCopy(answers: Answers, copy: HostCopy): Readonly<Record<string, unknown>> {
  return {
    ...answers,
    bridge: { ...answers.bridge, uplink: copy.uplink },
    runtime: { install: 'none' },
    packages: { install: true },
  };
}

/** One line for each package that is being installed: the first run takes a while. */
function packageProgress({ output }: CliContext): (line: string) => void {
  return (line) => {
    // `Get:7 URL suite/section arch NAME arch version [size]`; package lists have fewer words.
    const found = /^(?:Get:\d+ \S+ \S+ \S+ (\S+) \S+ \S+ \[|Setting up (\S+))/.exec(line);
    if (found) {
      const [text, name] = found[2] ? ['installing', found[2]] : ['downloading', found[1] ?? ''];
      output.progress(output.style.dim(`        ${text} ${name} (in the copy)`), {
        event: 'package',
        text,
        name,
      });
    } else output.detail(`        ${line}`, { event: 'output', text: line });
  };
}
