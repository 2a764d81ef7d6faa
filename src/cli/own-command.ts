import { pasteable } from '../host/command.js';
import type { Host } from '../host/host.js';
import { ON_THE_HOST, RUNTIME_IMAGE, runsInContainer } from '../model/runtime-container.js';
import { PROGRAM_NAME } from '../ui/command-name.js';
import { ownProgram } from './program-info.js';

/**
 * How a person starts this program in a new session, ready to paste. Its name, where that is on the PATH; what npm puts
 * there for the time of one command does not count.
 */
export async function ownCommand(host: Host): Promise<string> {
  const path = await host.which(PROGRAM_NAME);
  if (path !== null && !path.includes('/node_modules/')) return PROGRAM_NAME;
  if (runsInContainer(host.env)) {
    const once = ['docker', 'run', '--rm', '--interactive', '--tty', ...ON_THE_HOST];
    return pasteable([...once, `--entrypoint=${PROGRAM_NAME}`, RUNTIME_IMAGE]);
  }
  const { node, root } = ownProgram();
  return pasteable([node, `${root}/bin/bridge-setup.js`]);
}
