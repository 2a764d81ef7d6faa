import { EXIT, messageOf, SetupError } from '../errors.js';
import type { Host } from '../host/host.js';

const PUBLIC_IMAGE = 'busybox:latest';
const OWN_IMAGE = 'bridge-setup/verify:latest';

/** The image for test containers, and whether it is ours to remove afterwards. */
export interface TestImage {
  readonly reference: string;
  readonly origin: 'named' | 'present' | 'pulled' | 'imported';
}

/**
 * The image that the answers name, else the busybox that Docker has, else one made of the host's own busybox, else
 * busybox from the registry. That comes last: a host that is cut off from it learns that only after seconds, and one
 * that is not is asked for nothing.
 */
export async function testImage(host: Host, named: string | null): Promise<TestImage> {
  if (named !== null) {
    if (!(await host.docker.hasImage(named))) await host.docker.pull(named);
    return { reference: named, origin: 'named' };
  }
  if (await host.docker.hasImage(PUBLIC_IMAGE)) return { reference: PUBLIC_IMAGE, origin: 'present' };
  const whyNotMade = await importBusybox(host).catch(messageOf);
  if (whyNotMade === null) return { reference: OWN_IMAGE, origin: 'imported' };
  try {
    await host.docker.pull(PUBLIC_IMAGE);
    return { reference: PUBLIC_IMAGE, origin: 'pulled' };
  } catch (error) {
    throw new SetupError('no-test-image', 'There is no image to test with: none could be made or pulled.', {
      exitCode: EXIT.checkFailed,
      problems: [{ message: whyNotMade }, { message: messageOf(error) }],
      hint: 'Install busybox (on Debian: busybox-static), or name an image in verify.container.image.',
    });
  }
}

/** Remove an image that was only made for the proof. */
export async function removeTestImage(host: Host, { reference, origin }: TestImage): Promise<void> {
  if (origin === 'pulled' || origin === 'imported') await host.docker.removeImage(reference).catch(() => {});
}

/** Make an image of the host's own busybox; why there is none, or `null`. */
async function importBusybox(host: Host): Promise<string | null> {
  const busybox = await host.which('busybox');
  if (busybox === null) return 'busybox is not installed';
  const folder = (
    await host.run(['mktemp', '--directory', '--tmpdir', 'bridge-setup-image.XXXXXX'])
  ).stdout.trim();
  try {
    await host.files.mkdir(`${folder}/root/bin`);
    await host.run(['cp', '--dereference', busybox, `${folder}/root/bin/busybox`]);
    await host.run(['ln', '--symbolic', 'busybox', `${folder}/root/bin/sleep`]);
    await copyLibraries(host, busybox, `${folder}/root`);
    await host.run([
      'tar',
      '--create',
      '--file',
      `${folder}/image.tar`,
      '--directory',
      `${folder}/root`,
      '.',
    ]);
    await host.docker.importImage(`${folder}/image.tar`, OWN_IMAGE);
    return null;
  } finally {
    await host.files.removeTree(folder);
  }
}

/** The shared libraries of a busybox that is not static, at the paths where its loader looks for them. */
async function copyLibraries(host: Host, program: string, root: string): Promise<void> {
  const ldd = await host.run(['ldd', program], { check: false });
  if (ldd.exitCode !== 0) return;
  for (const [, path] of ldd.stdout.matchAll(/(\/\S+) \(0x[0-9a-f]+\)/g)) {
    if (path === undefined) continue;
    await host.files.mkdir(`${root}${path.slice(0, path.lastIndexOf('/'))}`);
    await host.run(['cp', '--dereference', path, `${root}${path}`]);
  }
}
