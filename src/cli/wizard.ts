import { refusal, SetupError, usageError } from '../errors.js';
import { automaticUplink, uplinkCandidates } from '../facts/uplink.js';
import type { Answers } from '../model/answers.js';
import { rewrittenByCloudInit } from '../model/cloud-init.js';
import type { HostFacts, Link } from '../model/facts.js';
import { defaultRoute, linkNamed } from '../model/links.js';
import { askConfirmation, askQuestions } from '../ui/prompts.js';
import { parseAnswers } from './answers-file.js';
import type { CliContext } from './context.js';

const BRIDGE = 'br0';

/** Ask a person for the answers, with what was detected as defaults. */
export async function askForAnswers({ output }: CliContext, facts: HostFacts): Promise<Answers> {
  const uplinks = uplinkCandidates(facts);
  if (uplinks.length === 0)
    throw usageError('no-uplink', 'This host has no link that could be the port of a bridge.');
  const uplink = automaticUplink(facts, BRIDGE) ?? uplinks[0]?.name ?? '';
  const carrier = linkNamed(facts, BRIDGE) ?? linkNamed(facts, uplink);
  const own = carrier?.addresses.find(({ family, scope }) => family === 4 && scope === 'global');
  output.print(
    `${facts.distro.prettyName}, ${facts.docker.version ? `Docker ${facts.docker.version}` : 'no Docker'}, ${uplink}.`,
  );
  const given = await stoppable(() =>
    askQuestions({
      uplinks: uplinks.map((link) => ({ name: link.name, description: describe(link) })),
      bridgeName: BRIDGE,
      method: own?.dynamic ? 'dhcp' : 'static',
      address: own ? `${own.address}/${own.prefix}` : null,
      gateway: defaultRoute(facts)?.gateway ?? null,
      dockerInstalled: facts.docker.installed,
      systemd: facts.init === 'systemd',
      rewritten: (port, bridge) => rewrittenByCloudInit(facts, [port, bridge]),
      problem: problemWith,
    }),
  );
  return parseAnswers(given);
}

/** Show the plan's question; false means that nothing is to be done. */
export function confirmPlan(): Promise<boolean> {
  return stoppable(() => askConfirmation('Carry out this plan?'));
}

/** Ctrl-C at a question is an answer too. */
async function stoppable<T>(ask: () => Promise<T>): Promise<T> {
  try {
    return await ask();
  } catch (error) {
    if ((error as Error).name !== 'ExitPromptError') throw error;
    throw refusal('stopped', 'Stopped; nothing was changed.');
  }
}

function describe({ mac, addresses, carrier }: Link): string {
  const own = addresses
    .filter(({ scope }) => scope === 'global')
    .map(({ address, prefix }) => `${address}/${prefix}`);
  return [mac, ...own, carrier ? '' : 'no cable'].filter(Boolean).join(', ');
}

/** The schema's own objection to one value, so that the wizard and an answers file agree. */
function problemWith(path: string, value: string): string | null {
  const sample: Record<string, unknown> = { version: 1, bridge: { uplink: 'auto' } };
  const [section = '', key = '', inner] = path.split('.');
  if (section === 'bridge') sample.bridge = { uplink: 'auto', [key]: value };
  if (section === 'verify' && inner) sample.verify = { [key]: { [inner]: value } };
  if (section === 'address') sample.address = { method: 'static', [key]: value };
  try {
    parseAnswers(sample);
    return null;
  } catch (error) {
    if (!(error instanceof SetupError)) throw error;
    return error.problems.find((problem) => problem.path === path)?.message ?? null;
  }
}
