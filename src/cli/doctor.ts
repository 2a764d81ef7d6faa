import { runPreflight } from '../checks/preflight.js';
import { EXIT, type ExitCode } from '../errors.js';
import { automaticUplink } from '../facts/uplink.js';
import { findingText } from '../ui/report.js';
import { parseAnswers } from './answers-file.js';
import type { CliContext } from './context.js';
import { readFacts } from './read-facts.js';

/** `bridge-setup doctor`: every check against this host, with cause and remedy. */
export async function doctor({ host, output }: CliContext): Promise<ExitCode> {
  const facts = await readFacts(host);
  const answers = parseAnswers({ version: 1, bridge: { uplink: 'auto' } });
  const uplink = automaticUplink(facts, answers.bridge.name) ?? 'eth0';
  const findings = runPreflight({ facts, answers, uplink });
  output.print(
    findings.length === 0
      ? output.style.good('Nothing found.')
      : findings.map((found) => findingText(found, output.style)).join('\n'),
  );
  output.document({ findings });
  return findings.some(({ severity }) => severity === 'error') ? EXIT.checkFailed : EXIT.ok;
}
