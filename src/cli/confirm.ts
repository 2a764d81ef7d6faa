import { journalOf, unfinishedRun } from '../apply/checkpoint.js';
import { decide } from '../apply/decision.js';
import { finishConfirmed } from '../apply/execute.js';
import { EXIT, type ExitCode, refusal } from '../errors.js';
import { isEnd } from '../model/journal.js';
import type { CliContext } from './context.js';
import { applyDoor } from './live-network.js';

/** Whoever waits for the confirmation is given this long to take note of it. */
const NOTE_MS = 3000;
const POLL_MS = 50;

/** `bridge-setup confirm`: a pending change stays. From a new session, it has come through the new network. */
export async function confirm({ host, output }: CliContext): Promise<ExitCode> {
  if (!host.isRoot())
    throw refusal('not-root', 'Only root can confirm a change.', [], 'Run `sudo bridge-setup confirm`.');
  const run = await unfinishedRun(host);
  if (run?.phase !== 'awaiting') {
    throw refusal(
      'nothing-pending',
      'No change waits for a confirmation.',
      [],
      'It was kept already, or taken back.',
    );
  }
  const { folder } = run;
  if ((await decide(host, folder, 'commit')) === 'roll-back') {
    throw refusal('too-late', 'Too late: the change is being taken back.', [], 'Run bridge-setup again.');
  }
  const deadline = host.clock.elapsed() + NOTE_MS;
  while (!isEnd((await journalOf(host, folder)).phase)) {
    // Neither the run nor its watchdog is there any more.
    if (host.clock.elapsed() >= deadline) await finishConfirmed(folder, applyDoor({ host, output }));
    else await host.clock.sleep(POLL_MS);
  }
  output.print(`${output.style.good('Confirmed')}: the new network stays.`);
  output.document({ state: 'committed', checkpoint: folder });
  return EXIT.ok;
}
