import { EXIT, SetupError } from '../errors.js';
import type { Host } from './host.js';

/**
 * Run lines of ip(8), all in one process. A batch stops at the first line that fails; the error names it.
 * @param ip how `ip` is called: with a family, which the lines cannot name, or in another network namespace
 */
export async function runIpBatch(
  host: Host,
  lines: readonly string[],
  ip: readonly string[] = ['ip'],
): Promise<void> {
  if (lines.length === 0) return;
  const argv = [...ip, '-batch', '-'];
  const result = await host.run(argv, { input: `${lines.join('\n')}\n`, check: false });
  if (result.exitCode === 0) return;
  const failed = /Command failed -:(\d+)/.exec(result.stderr)?.[1];
  const line = failed === undefined ? undefined : lines[Number(failed) - 1];
  const reason = result.stderr.replace(/\s*Command failed -:\d+\s*/, '').trim();
  throw new SetupError('ip-failed', `"ip ${line ?? argv.join(' ')}" failed: ${reason}`, {
    exitCode: EXIT.rolledBack,
  });
}
