/** Milliseconds. */
export const FIRST_DELAY_MS = 1000;
export const LONGEST_DELAY_MS = 60_000;

/** The wait before the next attempt, after so many failures in a row: it doubles, up to the longest. */
export function backOff(failures: number, longestMs = LONGEST_DELAY_MS, firstMs = FIRST_DELAY_MS): number {
  return Math.min(firstMs * 2 ** Math.max(0, failures - 1), longestMs);
}
