import type { ConfigFile } from '../model/facts.js';
import { withoutSecrets } from '../model/secret.js';
import type { Reader } from './reader.js';

/** Files of DHCP clients, in which secrets may stand. */
const CLIENT_FILE = /^\/etc\/(dhcp\/)?(dhclient6?(-.*)?|dhcpcd)\.conf$/;
const INCLUDE = /^[ \t]*include[ \t]+"(\/[^"]+)"/gim;

/** The files of DHCP clients among those read, and what they include, which may include others: without their secrets. */
export async function collectClientFiles(
  read: Readonly<Record<string, ConfigFile>>,
  reader: Reader,
): Promise<Record<string, ConfigFile>> {
  const found: Record<string, ConfigFile> = {};
  const visit = async (path: string, file: ConfigFile | null): Promise<void> => {
    if (file === null || Object.hasOwn(found, path)) return;
    found[path] = { ...file, content: withoutSecrets(file.content) };
    for (const [, other = ''] of file.content.matchAll(INCLUDE)) await visit(other, await reader.read(other));
  };
  for (const [path, file] of Object.entries(read)) if (CLIENT_FILE.test(path)) await visit(path, file);
  return found;
}
