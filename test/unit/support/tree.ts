import { chmodSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** A file, as it matters to its owner. */
export interface TreeFile {
  readonly content: string;
  /** Permission bits. */
  readonly mode: number;
}

/** Every file below a folder, by its path as seen from there; without those below the paths left out. */
export function readTree(root: string, leftOut: readonly string[] = []): Record<string, TreeFile> {
  const paths = readdirSync(root, { recursive: true, encoding: 'utf8' })
    .map((name) => `/${name}`)
    .filter((path) => statSync(join(root, path)).isFile())
    .filter((path) => !leftOut.some((folder) => path.startsWith(`${folder}/`)))
    .sort();
  return Object.fromEntries(
    paths.map((path) => [
      path,
      { content: readFileSync(join(root, path), 'utf8'), mode: statSync(join(root, path)).mode & 0o7777 },
    ]),
  );
}

/** Write files below a folder. */
export function writeTree(root: string, files: Readonly<Record<string, TreeFile>>): void {
  for (const [path, { content, mode }] of Object.entries(files)) {
    mkdirSync(join(root, dirname(path)), { recursive: true });
    writeFileSync(join(root, path), content);
    chmodSync(join(root, path), mode);
  }
}
