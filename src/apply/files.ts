import type { Host } from '../host/host.js';

/** A file is not what the plan saw: somebody else changed it meanwhile. */
export class FileChangedError extends Error {
  override readonly name = 'FileChangedError';
  constructor(readonly path: string) {
    super(`${path} was changed by someone else; it is left as it is`);
  }
}

/** Whether a file has exactly this content. */
export async function sameContent(host: Host, path: string, content: string): Promise<boolean> {
  return (await host.files.read(path)) === content;
}

/** Throws `FileChangedError` unless the file still is what the plan saw. */
export async function readFileOrFail(host: Host, path: string, expected: string | null): Promise<void> {
  if ((await host.files.read(path)) !== expected) throw new FileChangedError(path);
}
