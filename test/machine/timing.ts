/** Do a piece of work, and print how long it took. */
export async function timed<T>(title: string, work: () => Promise<T>): Promise<T> {
  const started = performance.now();
  try {
    return await work();
  } finally {
    note(`${((performance.now() - started) / 1000).toFixed(1).padStart(6)} s  ${title}`);
  }
}

/** Print a line at once; the reporter would keep it until the test ends. */
export function note(line: string): void {
  process.stderr.write(`    ${line}\n`);
}
