import { localFiles, orNull, removeTemporariesBeside, replaceFile, spaceAt } from './files.js';
import type { HostFiles } from './host.js';

/** As many symbolic links as the kernel follows in one path (path_resolution(7)). */
const MAX_LINKS = 40;
/**
 * The kernel's own. Links in there are relative, or lead to objects that have no path, so they are left to it; `self`
 * would be the process that asks.
 */
const KERNEL = /^\/(proc|sys|dev)(\/|$)/;

/**
 * The files that another process sees, by its root as /proc shows it. Symbolic links are followed here: the kernel would
 * take an absolute one, such as /var/run, for a path of this process's own root.
 * @param pid of that process, in the PID namespace of this one
 */
export function filesSeenBy(pid: number, root = `/proc/${pid}/root`): HostFiles {
  const target = (path: string) => locate(root, pid, path, true);
  const entry = (path: string) => locate(root, pid, path, false);
  const seen = (path: string) => path.slice(root.length) || '/';
  const real = async (path: string) => {
    const found = await target(path);
    // Throws where nothing is, as realpath(3) does.
    if (!(await localFiles.exists(found)))
      throw Object.assign(new Error(`ENOENT: ${path}`), { code: 'ENOENT' });
    return found;
  };
  return {
    read: async (path) => localFiles.read(await target(path)),
    exists: async (path) => localFiles.exists(await target(path)),
    list: async (path) => localFiles.list(await target(path)),
    stat: async (path) => localFiles.stat(await entry(path)),
    readlink: async (path) => localFiles.readlink(await entry(path)),
    realpath: async (path) => seen(await real(path)),
    space: (path) =>
      orNull(real(path).then((found) => spaceAt(found, `/proc/${pid}/mountinfo`, seen(found)))),
    write: async (path, content, mode) => replaceFile(await target(path), content, mode),
    removeTemporaries: async (path) => removeTemporariesBeside(await target(path)),
    create: async (path, content, mode) => localFiles.create(await entry(path), content, mode),
    append: async (path, content) => localFiles.append(await target(path), content),
    mkdir: async (path, mode) => localFiles.mkdir(await target(path), mode),
    rename: async (from, to) => localFiles.rename(await entry(from), await entry(to)),
    remove: async (path) => localFiles.remove(await entry(path)),
    removeTree: async (path) => localFiles.removeTree(await entry(path)),
    hold: async (path) => localFiles.hold(await target(path)),
    // No link leads to what is watched: folders that this program has made below /run and /var/lib.
    watch: (path, onChange) => localFiles.watch(root + path, onChange),
  };
}

/** Where a path of that process stands for this one. What is not there is taken for no link. */
async function locate(root: string, pid: number, path: string, followLast: boolean): Promise<string> {
  // A relative one is meant for the folder by the same name: it is given as the working directory of both.
  const rest = (path.startsWith('/') ? path : `${process.cwd()}/${path}`).split('/');
  let at = '';
  let links = 0;
  for (let name = rest.shift(); name !== undefined; name = rest.shift()) {
    if (name === '' || name === '.') continue;
    if (name === '..') {
      at = at.slice(0, Math.max(0, at.lastIndexOf('/')));
      continue;
    }
    at = `${at}/${name}`;
    if (KERNEL.test(at)) return root + [at, ...rest].join('/').replace(/^\/proc\/self\//, `/proc/${pid}/`);
    const isLast = rest.every((one) => one === '');
    const link = isLast && !followLast ? null : await localFiles.readlink(root + at);
    if (link === null) continue;
    links += 1;
    if (links > MAX_LINKS) throw Object.assign(new Error(`ELOOP: ${path}`), { code: 'ELOOP' });
    at = link.startsWith('/') ? '' : at.slice(0, at.lastIndexOf('/'));
    rest.unshift(...link.split('/'));
  }
  return root + (at || '/');
}
