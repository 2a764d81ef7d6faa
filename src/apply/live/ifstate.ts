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
  const up = [...kept, ...added];
  const text = (await host.files.read(STATE)) ?? '';
  const lines = text.split('\n').filter((line) => {
    const [name = ''] = line.split('=');
    return name !== '' && !up.includes(name) && !down.includes(name);
  });
  lines.push(...up.map((name) => `${name}=${name}`));
  await host.files.mkdir('/run/network');
  await host.files.write(STATE, `${lines.join('\n')}\n`, 0o644);
  for (const name of up) await host.files.write(`${STATE}.${name}`, `${name}\n`, 0o644);
  for (const name of down) {
    if (await host.files.exists(`${STATE}.${name}`)) await host.files.write(`${STATE}.${name}`, '', 0o644);
  }
}
