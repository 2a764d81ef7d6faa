import { parseConfig } from '../attach/config.js';
import { differences } from '../backends/registry.js';
import { runPreflight } from '../checks/preflight.js';
import { EXIT, type ExitCode } from '../errors.js';
import { automaticUplink } from '../facts/uplink.js';
import type { HostFacts } from '../model/facts.js';
import { RUNTIME_CONFIG_FILE } from '../model/paths.js';
import { findingText } from '../ui/report.js';
import { parseAnswers } from './answers-file.js';
import type { CliContext } from './context.js';
import { readFacts } from './read-facts.js';

/** `bridge-setup doctor`: every check against this host, and its files against its network, with cause and remedy. */
export async function doctor({ host, output }: CliContext): Promise<ExitCode> {
  const facts = await readFacts(host);
  const answers = parseAnswers({ version: 1, bridge: { name: bridgeName(facts), uplink: 'auto' } });
  const uplink = automaticUplink(facts, answers.bridge.name) ?? 'eth0';
  const findings = [...runPreflight({ facts, answers, uplink }), ...differences(facts, answers.bridge.name)];
  output.print(
    findings.length === 0
      ? output.style.good('Nothing found.')
      : findings.map((found) => findingText(found, output.style)).join('\n'),
  );
  output.document({ findings });
  return findings.some(({ severity }) => severity === 'error') ? EXIT.checkFailed : EXIT.ok;
}

/** The bridge that the runtime serves, where there is one. */
function bridgeName({ files }: HostFacts): string {
  try {
    return parseConfig(files[RUNTIME_CONFIG_FILE]?.content ?? '').bridges[0] ?? 'br0';
  } catch {
    // None, or one that the runtime itself refuses, with its reason in the journal.
    return 'br0';
  }
}
