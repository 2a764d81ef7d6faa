import {
  chmod,
  chown,
  mkdir,
  readdir,
  readFile,
  readlink,
  rename,
  stat,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { localFiles } from '../../../src/host/files.js';
import { temporaryFolder } from '../support/temporary.js';

const isRoot = process.geteuid?.() === 0;
const modeOf = async (path: string) => (await stat(path)).mode & 0o7777;

/** A folder with one file in it. */
async function withFile(content = 'before\n', mode = 0o640) {
  const folder = await temporaryFolder();
  const path = join(folder, 'interfaces');
  await writeFile(path, content);
  await chmod(path, mode);
  return { folder, path };
}

describe('write', () => {
  it('gives back any text as it was written', async () => {
    const { path } = await withFile();
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: 'grapheme' }), async (content) => {
        await localFiles.write(path, content);
        expect(await localFiles.read(path)).toBe(content);
      }),
      { numRuns: 50 },
    );
  });

  it('makes a file with the mode asked for, whatever the umask; 0644 unless asked', async () => {
    const folder = await temporaryFolder();
    await localFiles.write(join(folder, 'plain'), '');
    await localFiles.write(join(folder, 'secret'), '', 0o600);
    await localFiles.write(join(folder, 'open'), '', 0o666);
    const modes = ['plain', 'secret', 'open'].map((name) => modeOf(join(folder, name)));
    expect(await Promise.all(modes)).toEqual([0o644, 0o600, 0o666]);
  });

  it('keeps the mode of a file that exists, unless another is asked for', async () => {
    const { path } = await withFile('before\n', 0o640);
    await localFiles.write(path, 'after\n');
    expect(await modeOf(path)).toBe(0o640);
    await localFiles.write(path, 'after\n', 0o600);
    expect(await modeOf(path)).toBe(0o600);
  });

  it.runIf(isRoot)('keeps the owner of a file that exists', async () => {
    const { path } = await withFile();
    await chown(path, 12, 34);
    await localFiles.write(path, 'after\n');
    const { uid, gid } = await stat(path);
    expect([uid, gid]).toEqual([12, 34]);
  });

  it('replaces the file in one step: who has it open reads on in the old one', async () => {
    const { path } = await withFile('before\n');
    const held = await localFiles.hold(path);
    await localFiles.write(path, 'after\n');
    expect(await readFile(held.path, 'utf8')).toBe('before\n');
    expect(await readFile(path, 'utf8')).toBe('after\n');
    await held.close();
  });

  it('follows a symbolic link, which stays one', async () => {
    const { folder, path } = await withFile();
    const link = join(folder, 'link');
    await symlink('interfaces', link);
    await localFiles.write(link, 'after\n');
    expect(await readlink(link)).toBe('interfaces');
    expect(await readFile(path, 'utf8')).toBe('after\n');
    expect(await modeOf(path)).toBe(0o640);
  });

  it('leaves nothing behind when it fails', async () => {
    const { folder, path } = await withFile();
    const target = join(folder, 'folder');
    await mkdir(join(target, 'full'), { recursive: true });
    await expect(localFiles.write(target, 'after\n')).rejects.toThrow(/EISDIR|ENOTEMPTY|EEXIST/);
    expect((await readdir(folder)).sort()).toEqual(['folder', 'interfaces']);
    await expect(localFiles.write(`${path}/below`, '')).rejects.toThrow('ENOTDIR');
    expect(await readFile(path, 'utf8')).toBe('before\n');
  });

  it('leaves nothing behind when it succeeds', async () => {
    const { folder, path } = await withFile();
    await localFiles.write(path, 'after\n');
    expect(await readdir(folder)).toEqual(['interfaces']);
  });
});

describe('what is not there', () => {
  it('is null, empty or false; removing it is no error', async () => {
    const { folder, path } = await withFile();
    for (const missing of [join(folder, 'missing'), `${path}/below`]) {
      expect(await localFiles.read(missing)).toBeNull();
      expect(await localFiles.exists(missing)).toBe(false);
      expect(await localFiles.list(missing)).toEqual([]);
      expect(await localFiles.stat(missing)).toBeNull();
      expect(await localFiles.readlink(missing)).toBeNull();
    }
    await localFiles.remove(join(folder, 'missing'));
    await localFiles.removeTree(join(folder, 'missing'));
  });

  it('is told apart from what cannot be read', async () => {
    await expect(localFiles.read(await temporaryFolder())).rejects.toThrow('EISDIR');
  });
});

describe('space', () => {
  it('tells what is left where something is, and null where nothing is', async () => {
    const { path } = await withFile();
    const space = await localFiles.space(path);
    expect(space).toMatchObject({ freeBytes: expect.any(Number), readOnly: false });
    expect(space?.freeBytes).toBeGreaterThan(0);
    expect(await localFiles.space(`${path}-missing`)).toBeNull();
  });

  it('does not take what is not counted for nothing left', async () => {
    // proc(5) counts neither blocks nor files.
    expect(await localFiles.space('/proc')).toMatchObject({ freeBytes: null, freeInodes: null });
  });
});

describe('append', () => {
  it('adds to the end, and makes a file that only its owner can read', async () => {
    const journal = join(await temporaryFolder(), 'journal.jsonl');
    await localFiles.append(journal, 'one\n');
    await localFiles.append(journal, 'two\n');
    expect(await readFile(journal, 'utf8')).toBe('one\ntwo\n');
    expect(await modeOf(journal)).toBe(0o600);
  });
});

describe('hold', () => {
  it('names the same file when its path is somebody else', async () => {
    const { folder, path } = await withFile('mine\n');
    const held = await localFiles.hold(path);
    await rename(path, join(folder, 'moved'));
    await writeFile(path, 'theirs\n');
    expect(await readFile(held.path, 'utf8')).toBe('mine\n');
    await held.close();
    await expect(readFile(held.path)).rejects.toThrow();
  });
});

describe('list, stat, readlink, mkdir', () => {
  it('lists names in order', async () => {
    const folder = await temporaryFolder();
    for (const name of ['b', 'a', 'c']) await writeFile(join(folder, name), '');
    expect(await localFiles.list(folder)).toEqual(['a', 'b', 'c']);
  });

  it('tells a link from what it names', async () => {
    const { folder, path } = await withFile('four', 0o604);
    const link = join(folder, 'link');
    await symlink(path, link);
    expect(await localFiles.stat(path)).toMatchObject({ type: 'file', mode: 0o604, size: 4 });
    expect(await localFiles.stat(link)).toMatchObject({ type: 'symlink' });
    expect(await localFiles.stat(folder)).toMatchObject({ type: 'directory' });
    expect([await localFiles.readlink(link), await localFiles.readlink(path)]).toEqual([path, null]);
  });

  it('makes folders on the way, and leaves the mode of one that is there', async () => {
    const folder = await temporaryFolder();
    const deep = join(folder, 'a/b/c');
    await localFiles.mkdir(deep, 0o700);
    expect(await modeOf(deep)).toBe(0o700);
    await localFiles.mkdir(deep);
    expect(await modeOf(deep)).toBe(0o700);
  });
});

describe('create', () => {
  it('lets only one make a file, also where others remove what lies beside it', async () => {
    const folder = await temporaryFolder();
    const path = join(folder, 'lock');
    const makers = Array.from({ length: 30 }, () => localFiles.create(path, 'own'));
    const removers = Array.from({ length: 30 }, () => localFiles.removeTemporaries(path));
    const [made] = await Promise.all([Promise.all(makers), ...removers]);
    expect(made.filter(Boolean)).toHaveLength(1);
    expect(await readdir(folder)).toEqual(['lock']);
  });
});
