import { type Problem, refusal } from '../errors.js';
import type { Host } from '../host/host.js';
import type { RemoveFile, Step, WriteFile } from '../model/plan.js';
import { fileDiff } from '../plan/diff.js';
import { invert } from '../plan/invert.js';
import type { Checkpoint } from './checkpoint.js';

/** Refuses (`file-changed`) where files are not as bridge-setup left them, with what was edited. */
export async function refuseEditedFiles(host: Host, checkpoints: readonly Checkpoint[]): Promise<void> {
  const seen = new Map<string, string | null>();
  const edited: Problem[] = [];
  for (const checkpoint of checkpoints.toReversed()) {
    for (const { step } of invert(checkpoint.entries)) {
      if (!isFileStep(step)) continue;
      const now = seen.has(step.path) ? (seen.get(step.path) ?? null) : await host.files.read(step.path);
      if (isEdited(step, now)) {
        edited.push({
          message: `${step.path} was edited since bridge-setup wrote it:\n${fileDiff(step.path, step.before, now)}`,
          remedy: `Its text from before stands in ${checkpoint.folder}/files${step.path}.`,
        });
      }
      seen.set(step.path, targetOf(step));
    }
  }
  if (edited.length > 0) {
    throw refusal(
      'file-changed',
      'Refused; nothing was changed.',
      edited,
      'Take the edits out, or run `bridge-setup rollback --force`: it keeps a copy of them in the checkpoint.',
    );
  }
}

/** The step with the file as it is now for what it expects; the edited text is kept in the checkpoint. */
export async function keepEdited(host: Host, folder: string, step: Step): Promise<Step> {
  if (!isFileStep(step)) return step;
  const now = await host.files.read(step.path);
  if (!isEdited(step, now)) return step;
  if (now !== null) {
    const copy = `${folder}/edited${step.path}`;
    await host.files.mkdir(copy.slice(0, copy.lastIndexOf('/')), 0o700);
    await host.files.write(copy, now, 0o600);
  }
  return step.kind === 'write-file' ? { ...step, before: now } : { ...step, before: now ?? '' };
}

type FileStep = Step & (WriteFile | RemoveFile);

/** Whether a step changes one file. */
export function isFileStep(step: Step): step is FileStep {
  return step.kind === 'write-file' || step.kind === 'remove-file';
}

/** The text of the file after the step; `null`: none. */
const targetOf = (step: FileStep) => (step.kind === 'write-file' ? step.content : null);

/** A file that is neither as the step expects it nor as it makes it. */
const isEdited = (step: FileStep, now: string | null) => now !== targetOf(step) && now !== step.before;
