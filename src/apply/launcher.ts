import { basename, dirname } from 'node:path';
import type { Host } from '../host/host.js';
import type { Program } from '../model/plan.js';

/** Where the program of a container is on the host while it guards a run. SELinux takes what is below libexec for programs. */
const FOLDER = '/usr/local/libexec/bridge-setup-guard';

/** The file of the package that is the command. */
const COMMAND = 'bin/bridge-setup.js';

/**
 * Words that start this program on the host, whatever becomes of the session, or of the container, that it runs in now.
 * A container's is taken along to the host with its Node.js and the libraries of that, which need nothing of the host:
 * the loader is told where they are (ld.so(8)).
 */
export async function placeLauncher(host: Host, program: Program): Promise<readonly string[]> {
  const { container, node, root } = program;
  if (container === undefined) return [node, `${root}/${COMMAND}`];
  const seen = (path: string) => `/proc/${container.pid}/root${path}`;
  const { loader, libraries } = container;
  await removeLauncher(host);
  await host.run(['mkdir', '--parents', `${FOLDER}/lib`]);
  await host.run(['cp', '--dereference', ...[loader, node].map(seen), `${FOLDER}/`]);
  await host.run(['cp', '--dereference', ...libraries.map(seen), `${FOLDER}/lib/`]);
  await host.run(['cp', '--recursive', seen(root), `${FOLDER}/program`]);
  if (await host.files.exists('/sys/fs/selinux/enforce')) {
    await host.run(['restorecon', '-R', FOLDER], { check: false });
  }
  // The next boot may need it.
  await host.run(['sync', '--file-system', FOLDER]);
  return [
    ...[`${FOLDER}/${basename(loader)}`, '--library-path', `${FOLDER}/lib`],
    ...[`${FOLDER}/${basename(node)}`, `${FOLDER}/program/${COMMAND}`],
  ];
}

/** Take away what was taken along. */
export async function removeLauncher(host: Host): Promise<void> {
  if (!(await host.files.exists(FOLDER))) return;
  await host.files.removeTree(FOLDER);
  const parent = dirname(FOLDER);
  if ((await host.files.list(parent)).length === 0) await host.files.removeTree(parent);
}
