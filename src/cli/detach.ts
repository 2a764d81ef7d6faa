import { detachAny } from '../attach/command.js';
import { EXIT, type ExitCode, refusal } from '../errors.js';
import type { CliContext } from './context.js';

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
  const detached = await detachAny(host, guest, name);
  output.print(detached ? `${guest}: ${name} is taken away` : `${guest}: there was no ${name} of ours`);
  output.document({ detached });
  return EXIT.ok;
}
