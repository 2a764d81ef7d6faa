import { detachAny } from '../attach/command.js';
import { readEndpointStates } from '../attach/state.js';
import { EXIT, type ExitCode, refusal } from '../errors.js';
import type { Host } from '../host/host.js';
import { folded } from '../ui/wrap.js';
import type { CliContext } from './context.js';
import { keptEndpoint } from './own-rule.js';

/** `bridge-setup detach [-i IF] CONTAINER`: takes away what `attach` has made; a NIC goes back to the host. */
export async function detach(
  { host, output }: CliContext,
  { interface: name = 'eth1' }: { readonly interface?: string },
  [guest = '']: readonly string[],
): Promise<ExitCode> {
  if (!host.isRoot())
    throw refusal(
      'not-root',
      'Only root can change the network of a container.',
      [],
      `Run \`sudo bridge-setup detach ${guest}\`.`,
    );
  const kept = await keptEndpoint(host, guest, name);
  const detached = await detachAny(host, guest, name);
  if (detached) {
    output.print(`${guest}: ${name} is taken away`);
    if (kept !== null)
      output.progress(`note: ${keptNote(guest, name)}`, { event: 'note', note: keptNote(guest, name) });
  } else output.print(folded(await nothingText(host, guest, name), output.width));
  output.document({ detached });
  return EXIT.ok;
}

const keptNote = (guest: string, name: string) =>
  `a rule of ${guest} asks for ${name}, so the attach runtime makes it anew. To end that, make the container without the rule.`;

/** That there was nothing under this name, and under which there is something. */
async function nothingText(host: Host, guest: string, name: string): Promise<string> {
  const container = await host.docker.inspect(guest);
  const states = container === null ? [] : await readEndpointStates(host, container.id);
  const names = states.map(({ interfaceName }) => interfaceName).sort();
  const others = names.length === 0 ? 'nor anything else' : `but ${names.join(', ')}: name it with -i`;
  return `${guest}: there was no ${name} of ours, ${others}`;
}
