import type { Host } from '../host/host.js';

/** Where images of packages are kept from one rehearsal to the next. */
export const IMAGE_FOLDER = '/var/cache/bridge-setup';

const DAY_SECONDS = 24 * 3600;
/** An image that nobody used for so long goes. */
const UNUSED_SECONDS = 30 * DAY_SECONDS;

/** An image of the store. */
export interface StoredImage {
  readonly path: string;
  /** When it was used last, in seconds since the epoch. */
  readonly usedAt: number;
  /** Room that it takes on the disk; the file itself is sparse. */
  readonly bytes: number;
}

/** What was removed of the store, and what stays since a process uses it. */
export interface Removal {
  readonly removed: readonly StoredImage[];
  readonly inUse: readonly StoredImage[];
}

/** Note that an image is used now. */
export async function markUsed(host: Host, image: string): Promise<void> {
  await host.run(['touch', '--no-create', image]);
}

/**
 * Remove what no rehearsal will use: layers of another state of this machine's packages that were not used for a day
 * (another process may have just made them, before a package was installed), what was not used for 30 days, and what a
 * killed process has left half made. Never what is mounted.
 * @param state how the names of layers of the present state begin
 */
export async function pruneImages(host: Host, state: string): Promise<Removal> {
  const now = host.clock.now() / 1000;
  return removeImages(host, ({ path, usedAt }) => {
    const name = path.slice(IMAGE_FOLDER.length + 1);
    const isOld = name.startsWith('packages-') && !name.startsWith(state);
    return now - usedAt > (isOld ? DAY_SECONDS : UNUSED_SECONDS);
  });
}

/** Remove every image that no process uses. */
export async function removeAllImages(host: Host): Promise<Removal> {
  return removeImages(host, () => true);
}

async function removeImages(host: Host, unwanted: (image: StoredImage) => boolean): Promise<Removal> {
  const mounted = await mountedImages(host);
  const removed: StoredImage[] = [];
  const inUse: StoredImage[] = [];
  for (const image of await storedImages(host)) {
    if (await isAbandoned(host, image.path)) removed.push(image);
    else if (image.path.endsWith('.partial')) inUse.push(image);
    else if (unwanted(image)) (mounted.has(image.path) ? inUse : removed).push(image);
  }
  for (const { path } of removed) await host.files.remove(path);
  return { removed, inUse };
}

/** Half of an image that nobody makes any more: `NAME.img.PID.partial`. */
async function isAbandoned(host: Host, path: string): Promise<boolean> {
  const pid = /\.(\d+)\.partial$/.exec(path)?.[1];
  return pid !== undefined && !(await host.files.exists(`/proc/${pid}`));
}

async function storedImages(host: Host): Promise<StoredImage[]> {
  const names = (await host.files.list(IMAGE_FOLDER)).filter((name) => /\.img(\.\d+\.partial)?$/.test(name));
  if (names.length === 0) return [];
  // %b: blocks of 512 bytes (stat(1)). One may have gone meanwhile.
  const { stdout } = await host.run(
    ['stat', '--format=%Y %b %n', ...names.map((name) => `${IMAGE_FOLDER}/${name}`)],
    { check: false },
  );
  return [...stdout.matchAll(/^(\d+) (\d+) (.+)$/gm)].map(([, time, blocks, path = '']) => ({
    path,
    usedAt: Number(time),
    bytes: Number(blocks) * 512,
  }));
}

/** Files that loop devices are of, in whatever mount namespace they are mounted. */
async function mountedImages(host: Host): Promise<Set<string>> {
  const devices = (await host.files.list('/sys/block')).filter((name) => name.startsWith('loop'));
  const files = await Promise.all(
    devices.map((name) => host.files.read(`/sys/block/${name}/loop/backing_file`).catch(() => null)),
  );
  return new Set(files.flatMap((file) => (file === null ? [] : [file.trim()])));
}
