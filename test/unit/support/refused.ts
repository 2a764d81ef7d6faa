import { SetupError } from '../../../src/errors.js';

/** The error meant for a person that an action throws; fails when it throws none, or a bug. */
export async function refusedBy(action: () => unknown): Promise<SetupError> {
  try {
    await action();
  } catch (error) {
    if (error instanceof SetupError) return error;
    throw error;
  }
  throw new Error('nothing was refused');
}
