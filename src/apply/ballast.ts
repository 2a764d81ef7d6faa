import { randomBytes } from 'node:crypto';
import type { Host } from '../host/host.js';

/** Enough for the journal of a rollback and the temporary copies of what it restores. */
const BYTES = 512 * 1024;

const ballast = (folder: string) => `${folder}/ballast`;

/** Take room while there is some, so that the way back has it when the disk fills up in between. */
export function takeBallast(host: Host, folder: string): Promise<void> {
  // Not zeros: a file system that compresses would keep nothing.
  return host.files.write(ballast(folder), randomBytes(BYTES / 2).toString('hex'), 0o600);
}

/** Give it back. */
export function dropBallast(host: Host, folder: string): Promise<void> {
  return host.files.remove(ballast(folder));
}
