import { createTwoFilesPatch, FILE_HEADERS_ONLY } from 'diff';
import type { FileDiff, Step } from '../model/plan.js';

/** The changes of files that steps make, as unified diffs. */
export function fileDiffs(steps: readonly Step[]): FileDiff[] {
  return steps.flatMap((step): FileDiff[] => {
    if (step.kind === 'write-file') {
      const { path, before, content } = step;
      return [{ path, change: before === null ? 'create' : 'modify', diff: fileDiff(path, before, content) }];
    }
    if (step.kind === 'remove-file') {
      return [{ path: step.path, change: 'remove', diff: fileDiff(step.path, step.before, null) }];
    }
    return [];
  });
}

/** The change of one file as a unified diff; `null` stands for no file. */
export function fileDiff(path: string, before: string | null, after: string | null): string {
  const [from, to] = [before === null ? '/dev/null' : path, after === null ? '/dev/null' : path];
  return createTwoFilesPatch(from, to, before ?? '', after ?? '', undefined, undefined, {
    context: 3,
    headerOptions: FILE_HEADERS_ONLY,
  });
}
