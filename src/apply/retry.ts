import { EXIT, SetupError } from '../errors.js';
import type { Host } from '../host/host.js';

const ATTEMPTS = 3;
const PAUSE_MS = 300;

/**
 * Try a few times: what disturbed it may be over in a moment, as a process that could not be started is. A refusal
 * stays one.
 * @param mayPass whether another attempt may end otherwise
 */
export async function withRetries<T>(
  host: Host,
  work: () => Promise<T>,
  mayPass: (error: unknown) => boolean = () => true,
): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await work();
    } catch (error) {
      if (attempt >= ATTEMPTS || isRefusal(error) || !mayPass(error)) throw error;
      await host.clock.sleep(PAUSE_MS);
    }
  }
}

/** What was refused before anything was changed: another attempt ends the same way. */
export function isRefusal(error: unknown): error is SetupError {
  return error instanceof SetupError && error.exitCode === EXIT.refused;
}
