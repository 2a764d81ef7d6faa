import { CommandError, isUnanswered } from '../host/command.js';
import type { Host } from '../host/host.js';
import type { FirewallZone, RestoreFirewallZone } from '../model/firewall-steps.js';

type Client = 'firewall-cmd' | 'firewall-offline-cmd';

/** See `FirewallZone`. */
export async function bindZone({ link, zone, lasting }: FirewallZone, host: Host): Promise<void> {
  const words = [`--zone=${zone}`, `--change-interface=${link}`];
  await host.run(['firewall-cmd', ...words]);
  if (lasting) await host.run(['firewall-cmd', '--permanent', ...words]);
}

/** See `RestoreFirewallZone`. */
export async function restoreZone(step: RestoreFirewallZone, host: Host): Promise<void> {
  if (await says(host, ['firewall-cmd', '--state'])) {
    await restoreIn(['firewall-cmd'], step, host);
    if (step.lasting) await restoreIn(['firewall-cmd', '--permanent'], step, host);
  } else if (step.lasting) {
    await restoreIn(['firewall-offline-cmd'], step, host);
  }
}

/** A link that has another zone by now, and was in none, is left to whoever bound it. */
async function restoreIn(
  client: readonly [Client, ...string[]],
  { link, zone, before }: RestoreFirewallZone,
  host: Host,
): Promise<void> {
  if (before !== null) {
    await host.run([...client, `--zone=${before}`, `--change-interface=${link}`]);
  } else if (await says(host, [...client, `--zone=${zone}`, `--query-interface=${link}`])) {
    await host.run([...client, `--zone=${zone}`, `--remove-interface=${link}`]);
  }
}

/** No, too, where the program is gone. Throws where it could not be asked. */
async function says(host: Host, argv: readonly [Client, ...string[]]): Promise<boolean> {
  if ((await host.which(argv[0])) === null) return false;
  const shown = await host.run(argv, { check: false });
  if (isUnanswered(shown)) throw new CommandError(shown);
  return shown.exitCode === 0;
}
