import { EXIT, type ExitCode } from '../errors.js';
import { discoverDhcp } from '../host/dhcp-discover.js';
import type { CliContext } from './context.js';

/** Somewhat more than dnsmasq's ping check, which is the longest that is common. */
const WAIT_MS = 3300;

/** `bridge-setup discover-dhcp MAC`: the offers of the LAN as JSON. Doctor starts it in a network namespace of its own. */
export async function discoverDhcpCommand(
  _context: CliContext,
  _flags: unknown,
  [mac = '']: readonly string[],
): Promise<ExitCode> {
  process.stdout.write(`${JSON.stringify(await discoverDhcp(mac, WAIT_MS))}\n`);
  return EXIT.ok;
}
