import { CommandError, isUnanswered } from '../host/command.js';
import type { Host } from '../host/host.js';

/** Where firewalld knows a link from: what counts now, and its configuration, which the next boot goes by. */
export type ZoneScope = 'runtime' | 'permanent';

/** A link, and the zone of firewalld (firewall-cmd(1)) that it is taken out of. */
export interface ZoneMember {
  readonly link: string;
  readonly zone: string;
}

/**
 * Take a link out of a zone. One that is in another zone by now is left to whoever put it there; where firewalld does not
 * run, only its configuration is changed (firewall-offline-cmd(1)). Throws where it could not be asked.
 */
export async function leaveZone(
  host: Host,
  { link, zone }: ZoneMember,
  scopes: readonly ZoneScope[],
): Promise<void> {
  for (const client of await zoneClients(host, scopes)) {
    if (await says(host, [...client, `--zone=${zone}`, `--query-interface=${link}`])) {
      await host.run([...client, `--zone=${zone}`, `--remove-interface=${link}`]);
    }
  }
}

/** Put a link back into a zone, likewise. */
export async function enterZone(
  host: Host,
  { link, zone }: ZoneMember,
  scopes: readonly ZoneScope[],
): Promise<void> {
  for (const client of await zoneClients(host, scopes)) {
    await host.run([...client, `--zone=${zone}`, `--change-interface=${link}`]);
  }
}

type Client = readonly [program: string, ...words: string[]];

/** The commands that reach these scopes now. */
async function zoneClients(host: Host, scopes: readonly ZoneScope[]): Promise<readonly Client[]> {
  const isRunning = await says(host, ['firewall-cmd', '--state']);
  return scopes.flatMap((scope): Client[] => {
    if (scope === 'runtime') return isRunning ? [['firewall-cmd']] : [];
    return [isRunning ? ['firewall-cmd', '--permanent'] : ['firewall-offline-cmd']];
  });
}

/** No, too, where the program is gone. */
async function says(host: Host, argv: Client): Promise<boolean> {
  if ((await host.which(argv[0])) === null) return false;
  const shown = await host.run(argv, { check: false });
  if (isUnanswered(shown)) throw new CommandError(shown);
  return shown.exitCode === 0;
}
