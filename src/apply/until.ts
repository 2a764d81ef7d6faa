import type { Host } from '../host/host.js';

/**
 * Ask until there is no objection left, or the time is up: then the last objection is the error.
 * @param pollMs between two questions; what the kernel does takes milliseconds, what a server does takes longer
 */
export async function until(
  host: Host,
  seconds: number,
  objection: () => Promise<string | null>,
  pollMs = 100,
): Promise<void> {
  const deadline = host.clock.elapsed() + seconds * 1000;
  for (;;) {
    const reason = await objection();
    if (reason === null) return;
    if (host.clock.elapsed() >= deadline) throw new Error(`${reason} (waited ${seconds} s)`);
    await host.clock.sleep(pollMs);
  }
}
