import { messageOf } from '../errors.js';
import type { Host } from '../host/host.js';
import { RESOLV_CONF } from '../model/paths.js';
import type { Step } from '../model/plan.js';
import { parseResolvConf } from '../model/resolv-conf.js';
import type { Checkpoint } from './checkpoint.js';
import { withRetries } from './retry.js';
import type { Leftover } from './undo.js';

/** Steps that write resolv.conf, by themselves or by the client that they start. */
const WRITERS: ReadonlySet<Step['kind']> = new Set(['configure-name-servers', 'start-dhcp-client']);
/** Steps of a host whose resolv.conf is written by somebody else after the rollback. */
const OTHER_WRITERS: ReadonlySet<Step['kind']> = new Set(['stop-dhcp-client', 'network-manager-state']);

/**
 * resolv.conf of a host that had no lease, as it was. A client that the set-up has started, or a boot that brought links
 * up in another order, has written other name servers since, and nothing would write those of before again. The text
 * that is replaced is kept in the checkpoint.
 * @param checkpoints those that are rolled back, oldest first
 */
export async function restoreNameServers(
  host: Host,
  checkpoints: readonly Checkpoint[],
): Promise<Leftover[]> {
  const [oldest] = checkpoints;
  const wanted = oldest?.before.details?.resolvConf;
  if (oldest === undefined || wanted === undefined) return [];
  const { before, folder } = oldest;
  const servers = parseResolvConf(wanted).nameservers;
  const kinds = checkpoints.flatMap(({ entries }) => entries.map(({ step }) => step.kind));
  const isLeased =
    kinds.some((kind) => OTHER_WRITERS.has(kind)) ||
    before.links.some(({ addresses }) => addresses.some(({ family, dynamic }) => family === 4 && dynamic));
  if (isLeased) return [];
  try {
    await withRetries(host, async () => {
      const present = (await host.files.read(RESOLV_CONF)) ?? '';
      const { nameservers } = parseResolvConf(present);
      const isMissing = servers.some((server) => !nameservers.includes(server));
      if (present === wanted || !(isMissing || kinds.some((kind) => WRITERS.has(kind)))) return;
      const mode = (await host.files.stat(RESOLV_CONF))?.mode ?? 0o644;
      await host.files.write(`${folder}/resolv.conf.replaced`, present, 0o600);
      await host.files.write(RESOLV_CONF, wanted, mode);
    });
    return [];
  } catch (error) {
    const what = `Restore ${RESOLV_CONF}: ${messageOf(error)}`;
    return [{ what, remedy: `Its name servers were: ${servers.join(', ')}.` }];
  }
}
