import type { Host } from '../host/host.js';

const MANY = 100;

/** Names for two containers that Docker would take: `web` and `web2`, or higher numbers. */
export async function freeNames(host: Host): Promise<string[]> {
  const names: string[] = [];
  for (let number = 1; names.length < 2 && number <= MANY; number++) {
    const name = number === 1 ? 'web' : `web${number}`;
    // Where Docker does not answer, any name is as good as another.
    const taken = await host.docker.inspect(name).catch(() => null);
    if (taken === null) names.push(name);
  }
  return names;
}
