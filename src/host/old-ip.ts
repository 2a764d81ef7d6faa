import { CommandError } from './command.js';
import type { Host } from './host.js';
import { jsonOfIpText } from './ip-text.js';

/** What ip(8) says where it knows no `-json`: iproute2 before 4.13. */
const UNKNOWN = /^Option "-json" is unknown/;

/**
 * A `run` for which every `ip` knows `-json`: where it does not, its text is translated. The words may stand behind
 * those of another program, such as nsenter(1).
 */
export function withIpJson(run: Host['run']): Host['run'] {
  return async (argv, options = {}) => {
    const at = argv.indexOf('-json');
    const ip = argv.lastIndexOf('ip', at);
    if (at === -1 || ip === -1) return run(argv, options);
    const result = await run(argv, { ...options, check: false });
    if (UNKNOWN.test(result.stderr)) {
      const shown = await run(argv.toSpliced(at, 1), options);
      if (shown.exitCode !== 0) return shown;
      return { ...shown, stdout: JSON.stringify(jsonOfIpText(argv.slice(ip + 1), shown.stdout)) };
    }
    if (options.check !== false && result.exitCode !== 0) throw new CommandError(result);
    return result;
  };
}
