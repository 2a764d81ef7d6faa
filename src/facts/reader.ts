import { isDenied, messageOf } from '../errors.js';
import type { Host } from '../host/host.js';
import type { ConfigFile, UnreadFile } from '../model/facts.js';

const MAX_BYTES = 256 * 1024;

/** Reads files of the host, and notes those that it could not read, and what this user may not read. */
export class Reader {
  readonly unread: UnreadFile[] = [];
  readonly denied = new Set<string>();

  constructor(readonly host: Host) {}

  /** Names in a folder; none where this user may not look. */
  async list(path: string): Promise<string[]> {
    try {
      return await this.host.files.list(path);
    } catch (error) {
      if (!isDenied(error)) throw error;
      this.denied.add(path);
      return [];
    }
  }

  /** A file; `null` where there is none, or it was noted. */
  async read(path: string): Promise<ConfigFile | null> {
    const { files } = this.host;
    try {
      const real = await files.realpath(path).catch(() => null);
      const entry = real === null ? null : await files.stat(real);
      if (real === null || entry?.type !== 'file') return null;
      if (entry.size > MAX_BYTES) return this.#note(path, 'too-large', `${entry.size} bytes`);
      const content = await files.read(real);
      if (content?.includes('\0')) return this.#note(path, 'binary', 'a NUL byte');
      return content === null ? null : { content, mode: entry.mode };
    } catch (error) {
      if (!isDenied(error)) return this.#note(path, 'unreadable', messageOf(error));
      this.denied.add(path);
      return null;
    }
  }

  #note(path: string, reason: UnreadFile['reason'], detail: string): null {
    if (!this.unread.some((each) => each.path === path)) this.unread.push({ path, reason, detail });
    return null;
  }
}
