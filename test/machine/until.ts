const POLL_MS = 100;

/** Wait until something is so; what was waited for is the message when the time is up. */
export async function until(
  what: string | (() => string),
  isSo: () => Promise<boolean>,
  withinMs: number,
): Promise<void> {
  const deadline = Date.now() + withinMs;
  while (!(await isSo())) {
    if (Date.now() > deadline) {
      throw new Error(`not within ${withinMs / 1000} s: ${typeof what === 'string' ? what : what()}`);
    }
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}
