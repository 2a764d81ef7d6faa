import { randomUUID } from 'node:crypto';
import {
  closeSync,
  constants,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  statSync,
  watch,
} from 'node:fs';
import {
  access,
  chmod,
  link,
  lstat,
  mkdir,
  open,
  readdir,
  readFile,
  readlink,
  realpath,
  rename,
  rm,
  stat,
  statfs,
  writeFile,
} from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import type { FileStat, FreeSpace, HostFiles } from './host.js';
import { mountOf, parseMountinfo } from './mountinfo.js';

/** The result of a read, or `null` when the file (or its directory) does not exist. */
export async function orNull<T>(operation: Promise<T>, ...codes: string[]): Promise<T | null> {
  try {
    return await operation;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR' || (code !== undefined && codes.includes(code))) return null;
    throw error;
  }
}

async function fsyncDirectory(path: string): Promise<void> {
  const handle = await open(path, constants.O_RDONLY | constants.O_DIRECTORY);
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/**
 * How the name of a temporary file begins. The dot keeps it out of what `source interfaces.d/*` and its like read, also
 * when a crash leaves it behind.
 */
const temporaryName = (name: string) => `.${name}.bridge-setup-`;

/** See `HostFiles.removeTemporaries`; the target is no symbolic link. */
export async function removeTemporariesBeside(target: string): Promise<void> {
  const names = (await orNull(readdir(dirname(target)))) ?? [];
  for (const name of names) {
    if (name.startsWith(temporaryName(basename(target))))
      await rm(`${dirname(target)}/${name}`, { force: true });
  }
}

/** See `HostFiles.write`; the target is no symbolic link. */
export async function replaceFile(target: string, content: string, mode?: number): Promise<void> {
  const existing = await orNull(stat(target));
  const temporary = `${dirname(target)}/${temporaryName(basename(target))}${process.pid}`;
  try {
    const handle = await open(temporary, 'wx', 0o600);
    try {
      await handle.writeFile(content);
      await handle.chmod(mode ?? (existing ? existing.mode & 0o7777 : 0o644));
      if (existing) await handle.chown(existing.uid, existing.gid);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(temporary, target);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
  await fsyncDirectory(dirname(target));
}

const typeOf = (entry: Awaited<ReturnType<typeof lstat>>): FileStat['type'] => {
  if (entry.isFile()) return 'file';
  if (entry.isDirectory()) return 'directory';
  return entry.isSymbolicLink() ? 'symlink' : 'other';
};

/**
 * See `HostFiles.space`.
 * @param mountinfo file with the mounts that count
 * @param real the path as these have it
 */
export async function spaceAt(path: string, mountinfo: string, real: string): Promise<FreeSpace> {
  const { blocks, bavail, bsize, files, ffree } = await statfs(path);
  const mounts = parseMountinfo(await readFile(mountinfo, 'utf8'));
  return {
    freeBytes: blocks === 0 ? null : bavail * bsize,
    freeInodes: files === 0 ? null : ffree,
    readOnly: mountOf(mounts, real)?.readOnly ?? false,
  };
}

/**
 * What the kernel has in memory is there at once, while each call to the thread pool costs the main thread more than the
 * reading itself does, four calls a file.
 */
const IN_MEMORY = /^\/(proc|sys|run)\//;

/** Its result or its error, as a promise. */
const now = async <T>(operation: () => T): Promise<T> => operation();

/** What a path leads to in the end; the path itself where that is nothing. */
const targetOf = async (path: string): Promise<string> => (await orNull(realpath(path))) ?? path;

/** The files of this machine. */
export const localFiles: HostFiles = {
  read: (path) =>
    orNull(IN_MEMORY.test(path) ? now(() => readFileSync(path, 'utf8')) : readFile(path, 'utf8')),
  exists: async (path) =>
    IN_MEMORY.test(path)
      ? statSync(path, { throwIfNoEntry: false }) !== undefined
      : ((await orNull(access(path).then(() => true))) ?? false),
  list: async (path) =>
    ((await orNull(IN_MEMORY.test(path) ? now(() => readdirSync(path)) : readdir(path))) ?? []).sort(),
  stat: async (path) => {
    const entry = await orNull(lstat(path));
    if (entry === null) return null;
    const { uid, gid, size, ino } = entry;
    return { type: typeOf(entry), mode: entry.mode & 0o7777, uid, gid, size, inode: ino };
  },
  readlink: (path) => orNull(IN_MEMORY.test(path) ? now(() => readlinkSync(path)) : readlink(path), 'EINVAL'),
  realpath: (path) => realpath(path),
  space: (path) => orNull(realpath(path).then((real) => spaceAt(path, '/proc/self/mountinfo', real))),
  write: async (path, content, mode) => replaceFile(await targetOf(path), content, mode),
  removeTemporaries: async (path) => removeTemporariesBeside(await targetOf(path)),
  create: async (path, content, mode = 0o600) => {
    // A hard link is made or is there already, and nobody ever sees the file empty.
    const temporary = `${dirname(path)}/${temporaryName(basename(path))}${process.pid}-${randomUUID()}`;
    for (;;) {
      await writeFile(temporary, content, { mode, flush: true });
      try {
        await link(temporary, path);
        return true;
      } catch (error) {
        const { code } = error as NodeJS.ErrnoException;
        if (code === 'EEXIST') return false;
        // Somebody else has made the file, and removed what others had left beside it.
        if (code !== 'ENOENT') throw error;
      } finally {
        // The file is made or not, whatever becomes of this one.
        await rm(temporary, { force: true }).catch(() => {});
      }
    }
  },
  append: async (path, content) => {
    const handle = await open(path, 'a', 0o600);
    try {
      await handle.appendFile(content);
      await handle.sync();
    } finally {
      await handle.close();
    }
  },
  mkdir: async (path, mode = 0o755) => {
    const first = await mkdir(path, { recursive: true, mode });
    if (first !== undefined) await chmod(path, mode);
  },
  rename: async (from, to) => (await orNull(rename(from, to).then(() => true))) ?? false,
  remove: (path) => rm(path, { force: true }),
  removeTree: (path) => rm(path, { force: true, recursive: true }),
  hold: async (path) => {
    if (IN_MEMORY.test(path)) {
      const fd = openSync(path, constants.O_RDONLY);
      return { path: `/proc/${process.pid}/fd/${fd}`, close: async () => closeSync(fd) };
    }
    const handle = await open(path, constants.O_RDONLY);
    return { path: `/proc/${process.pid}/fd/${handle.fd}`, close: () => handle.close() };
  },
  watch: (path, onChange) => watch(path, (_event, name) => name !== null && onChange(name)),
};
