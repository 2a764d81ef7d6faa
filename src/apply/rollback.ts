import { messageOf, type Problem, refusal } from '../errors.js';
import { pasteable } from '../host/command.js';
import type { Host } from '../host/host.js';
import type { NetworkState } from '../model/journal.js';
import type { Step } from '../model/plan.js';
import { invert } from '../plan/invert.js';
import { type Checkpoint, listCheckpoints, mendJournal, writeJournal } from './checkpoint.js';
import type { ApplyContext } from './context.js';
import { carryOut } from './steps.js';

/** What a rollback did not manage, and what to do by hand. */
export interface Leftover {
  readonly what: string;
  readonly remedy: string;
}

const SETTLE_SECONDS = 30;
/** Steps that leave the network alone. */
const FILES_ONLY: readonly Step['kind'][] = [
  'write-file',
  'remove-file',
  'remove-program',
  'restore-program',
];

/**
 * Take the host back by the inverse of its journals, the newest first.
 * @param folder only this checkpoint; without it all that were not rolled back
 * @returns what is left to do by hand; `null` when there was nothing to roll back
 */
export async function rollBack(
  context: Omit<ApplyContext, 'answeredBefore'>,
  folder?: string,
): Promise<{ readonly leftovers: readonly Leftover[]; readonly steps: number } | null> {
  const { host } = context;
  const checkpoints = (await listCheckpoints(host)).filter(
    (checkpoint) =>
      checkpoint.end !== 'rolled-back' && (folder === undefined || checkpoint.folder === folder),
  );
  const [oldest] = checkpoints;
  if (oldest === undefined) return null;
  // A whole rollback begins only when all of it can be done: half of it could leave the host without an address.
  // After a step that failed there is no such choice.
  if (folder === undefined) await refuseEditedFiles(host, checkpoints);
  const leftovers: Leftover[] = [];
  let steps = 0;
  let touchedNetwork = false;
  for (const checkpoint of checkpoints.toReversed()) {
    let complete = true;
    await mendJournal(host, checkpoint.folder);
    for (const { n, step } of invert(checkpoint.entries)) {
      const failure = await undo(step, context);
      if (failure === null) {
        await writeJournal(host, checkpoint.folder, { state: 'undone', n });
        steps++;
      } else {
        complete = false;
        leftovers.push(failure);
      }
      touchedNetwork ||= !FILES_ONLY.includes(step.kind);
    }
    if (complete) await writeJournal(host, checkpoint.folder, { state: 'rolled-back' });
  }
  // Said only after reading the host again: commands that exit 0 have left hosts without an address before.
  if (touchedNetwork) leftovers.push(...(await remainingDifferences(context, oldest.before)));
  return { leftovers, steps };
}

/** Refuses (`file-changed`) where files are not as bridge-setup left them. */
async function refuseEditedFiles(host: Host, checkpoints: readonly Checkpoint[]): Promise<void> {
  const seen = new Map<string, string | null>();
  const edited: Problem[] = [];
  for (const checkpoint of checkpoints.toReversed()) {
    for (const { step } of invert(checkpoint.entries)) {
      if (step.kind !== 'write-file' && step.kind !== 'remove-file') continue;
      const now = seen.has(step.path) ? seen.get(step.path) : await host.files.read(step.path);
      const target = step.kind === 'write-file' ? step.content : null;
      if (now !== target && now !== step.before) {
        edited.push({
          message: `${step.path} was edited since bridge-setup wrote it.`,
          remedy: `Its text from before stands in ${checkpoint.folder}/files${step.path}. Take your edit out, and run again.`,
        });
      }
      seen.set(step.path, target);
    }
  }
  if (edited.length > 0) throw refusal('file-changed', 'Refused; nothing was changed.', edited);
}

async function undo(step: Step, context: Omit<ApplyContext, 'answeredBefore'>): Promise<Leftover | null> {
  const started = performance.now();
  context.progress.step(step, 'started', 0);
  try {
    await carryOut(step, { ...context, answeredBefore: new Set() });
    context.progress.step(step, 'done', performance.now() - started);
    return null;
  } catch (error) {
    context.progress.step(step, 'failed', performance.now() - started);
    return { what: `${step.title}: ${messageOf(error)}`, remedy: remedyFor(step) };
  }
}

function remedyFor(step: Step): string {
  if (step.kind === 'run') return pasteable(step.argv);
  if (step.kind === 'write-file')
    return `compare ${step.path} with the backup in the checkpoint folder, and edit it`;
  if (step.kind === 'remove-file') return `rm ${step.path}`;
  return 'run `bridge-setup rollback` again';
}

/** Addresses and default routes that every link had, without what changes by itself. */
export function comparable({ links, routes, nameservers }: NetworkState): string[] {
  const addresses = links.flatMap(({ name, kind, master, addresses: all }) =>
    kind === 'veth' && master !== null
      ? []
      : all
          .filter(({ scope, family }) => scope === 'global' && family === 4)
          .map(({ address, prefix }) => `${name} has ${address}/${prefix}`),
  );
  const gateways = routes
    .filter(({ destination, family }) => destination === 'default' && family === 4)
    .map(({ gateway, link }) => `default route via ${gateway} on ${link}`);
  return [...addresses, ...gateways, ...nameservers.map((server) => `name server ${server}`)];
}

/** Name servers behind a link that is gone, as a router advertises them: `fe80::1%br0`. Each name waits for them. */
function strandedServers({ links, nameservers }: NetworkState): string[] {
  return nameservers.filter((server) => {
    const link = server.split('%')[1];
    return link !== undefined && !links.some(({ name }) => name === link);
  });
}

async function remainingDifferences(
  { host, readNetwork }: Omit<ApplyContext, 'answeredBefore'>,
  before: NetworkState,
): Promise<Leftover[]> {
  const deadline = host.clock.elapsed() + SETTLE_SECONDS * 1000;
  for (;;) {
    const network = await readNetwork();
    const now = new Set(comparable(network));
    const missing = comparable(before).filter((fact) => !now.has(fact));
    const stranded = strandedServers(network).filter((server) => !before.nameservers.includes(server));
    if (missing.length + stranded.length === 0) return [];
    if (host.clock.elapsed() >= deadline) {
      return [
        ...missing.map((fact) => ({ what: `Before: ${fact}. Not so now.`, remedy: 'ip address; ip route' })),
        ...stranded.map((server) => ({
          what: `The name server ${server} is behind a link that is gone.`,
          remedy: 'remove it from /etc/resolv.conf',
        })),
      ];
    }
    await host.clock.sleep(250);
  }
}
