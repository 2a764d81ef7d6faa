import type { HostBefore } from '../model/journal.js';
import type { ApplyDoor } from './context.js';
import type { WholeNetwork } from './equality.js';

const fileIn = (folder: string) => `${folder}/after.json`;

/**
 * Record the network that a run has made: a rollback weeks later tells by it what the run has added or lost from what
 * somebody else has changed since. No run fails for it.
 */
export async function recordNetworkAfter(folder: string, uplink: string, door: ApplyDoor): Promise<void> {
  try {
    const after: WholeNetwork = { ...(await door.readNetwork()), details: await door.readDetails(uplink) };
    await door.host.files.write(fileIn(folder), JSON.stringify(after, null, 2), 0o600);
  } catch {}
}

/** What runs made of the network, each with what it found; those of which that is not known are left out. */
export async function effectsOnNetwork(
  checkpoints: readonly { readonly folder: string; readonly before: HostBefore }[],
  { host }: ApplyDoor,
): Promise<{ before: WholeNetwork; after: WholeNetwork }[]> {
  const found: { before: WholeNetwork; after: WholeNetwork }[] = [];
  for (const { folder, before } of checkpoints) {
    const text = await host.files.read(fileIn(folder)).catch(() => null);
    if (text === null || before.details === undefined) continue;
    try {
      found.push({ before: { ...before, details: before.details }, after: JSON.parse(text) as WholeNetwork });
    } catch {
      // Cut short by a crash.
    }
  }
  return found;
}
