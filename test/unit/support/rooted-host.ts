import { run } from '../../../src/host/exec.js';
import { localFiles } from '../../../src/host/files.js';
import type { CommandResult, HostFiles, RunOptions } from '../../../src/host/host.js';
import { FakeHost } from './fake-host.js';

/** Commands that only move files about: they are run, below the root. */
const REAL = new Set(['cp', 'ln', 'mv']);

/**
 * A host whose files are real, below a folder that it takes for its root. Commands are scripted, as with every
 * `FakeHost`, but for those that only move files.
 */
export class RootedHost extends FakeHost {
  override readonly files: HostFiles;
  /** Called before a scripted command answers. */
  onRun: () => Promise<void> = async () => {};

  constructor(readonly root: string) {
    super();
    this.files = filesBelow(root);
  }

  override async run(argv: readonly string[], options: RunOptions = {}): Promise<CommandResult> {
    if (!REAL.has(argv[0] ?? '')) {
      await this.onRun();
      return super.run(argv, options);
    }
    this.commands.push({ argv, input: options.input });
    return run(
      argv.map((word) => (word.startsWith('/') ? this.root + word : word)),
      options,
    );
  }
}

/** The files of the machine, below a folder; links that point below it are told as the host sees them. */
function filesBelow(root: string): HostFiles {
  const seen = (path: string) => (path.startsWith(`${root}/`) ? path.slice(root.length) : path);
  return {
    read: (path) => localFiles.read(root + path),
    exists: (path) => localFiles.exists(root + path),
    list: (path) => localFiles.list(root + path),
    stat: (path) => localFiles.stat(root + path),
    readlink: async (path) => {
      const target = await localFiles.readlink(root + path);
      return target === null ? null : seen(target);
    },
    realpath: async (path) => seen(await localFiles.realpath(root + path)),
    space: (path) => localFiles.space(root + path),
    write: (path, content, mode) => localFiles.write(root + path, content, mode),
    removeTemporaries: (path) => localFiles.removeTemporaries(root + path),
    create: (path, content, mode) => localFiles.create(root + path, content, mode),
    append: (path, content) => localFiles.append(root + path, content),
    mkdir: (path, mode) => localFiles.mkdir(root + path, mode),
    rename: (from, to) => localFiles.rename(root + from, root + to),
    remove: (path) => localFiles.remove(root + path),
    removeTree: (path) => localFiles.removeTree(root + path),
    hold: (path) => localFiles.hold(root + path),
    watch: (path, onChange) => localFiles.watch(root + path, onChange),
  };
}
