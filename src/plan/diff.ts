import { createTwoFilesPatch, FILE_HEADERS_ONLY } from 'diff';
import type { FileDiff, Step } from '../model/plan.js';

/** The changes of files that steps make, as unified diffs. */
export function fileDiffs(steps: readonly Step[]): FileDiff[] {
  return steps.flatMap((step): FileDiff[] => {
    if (step.kind === 'write-file') {
      const { path, before, content } = step;
      return [{ path, change: before === null ? 'create' : 'modify', diff: unified(path, before, content) }];
    }
    if (step.kind === 'remove-file') {
      return [{ path: step.path, change: 'remove', diff: unified(step.path, step.before, null) }];
    }
    return [];
  });
}

function unified(path: string, before: string | null, after: string | null): string {
  const [from, to] = [before === null ? '/dev/null' : path, after === null ? '/dev/null' : path];
  return createTwoFilesPatch(from, to, before ?? '', after ?? '', undefined, undefined, {
    context: 3,
    headerOptions: FILE_HEADERS_ONLY,
  });
}
