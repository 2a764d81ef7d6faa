import { beforeEach, onTestFailed } from 'vitest';

/** Tests that tell one story of one machine: each goes on where the one before ended, and the first failure ends it. */
export function tellStory(): void {
  let failed = false;
  beforeEach(({ skip }) => {
    skip(failed, 'the story has ended with a failure');
    onTestFailed(() => {
      failed = true;
    });
  });
}
