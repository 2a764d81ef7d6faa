import { rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { rolldown } from 'rolldown';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
/** Loaded from node_modules when they are needed: they are large, and most commands do without. */
const EXTERNAL = [/^dockerode$/, /^systeminformation$/];

/**
 * Bundle modules into a folder of the package: hundreds of files cost the daemon 14 MiB of memory, and each start some
 * time. Commands stay files of their own, loaded when they run. The folder has to be beside src/, since what is found by
 * the place of a file is looked for from there (`src/package-root.ts`).
 * @param {Record<string, string>} input names of entries, and their modules below the root
 * @param {string} folder
 */
export async function bundle(input, folder) {
  rmSync(`${ROOT}/${folder}`, { recursive: true, force: true });
  const build = await rolldown({ cwd: ROOT, input, platform: 'node', external: EXTERNAL, logLevel: 'warn' });
  await build.write({
    dir: folder,
    format: 'esm',
    entryFileNames: '[name].js',
    chunkFileNames: '[name]-[hash].js',
  });
  await build.close();
}
