import type { Host } from '../../host/host.js';
import type { MarkInterfaces } from '../../model/live.js';

/** ifup(8), FILES. */
const STATE = '/run/network/ifstate';

/** See `MarkInterfaces`. One line for each interface that is up, `name=stanza`; beside it a file for each. */
export async function markInterfaces(
  { up: added, down, kept = [] }: MarkInterfaces,
  host: Host,
): Promise<void> {
  // A journal of an earlier version has none.
  const up = new Map([...kept, ...added].map(split));
  const old = new Map(down.map(split));
  const text = (await host.files.read(STATE)) ?? '';
  const lines = text.split('\n').filter((line) => {
    const [name] = split(line);
    return name !== '' && !up.has(name) && !old.has(name);
  });
  lines.push(...[...up].map(([name, stanza]) => `${name}=${stanza}`));
  await host.files.mkdir('/run/network');
  await host.files.write(STATE, `${lines.join('\n')}\n`, 0o644);
  for (const [name, stanza] of up) await host.files.write(`${STATE}.${name}`, `${stanza}\n`, 0o644);
  for (const name of old.keys()) {
    if (up.has(name) || !(await host.files.exists(`${STATE}.${name}`))) continue;
    await host.files.write(`${STATE}.${name}`, '', 0o644);
  }
}

/** An interface, and the stanza that it is up by. */
function split(entry: string): [string, string] {
  const [name = '', stanza = name] = entry.split('=');
  return [name, stanza];
}
