import type { Host } from '../host/host.js';
import { mountOf, parseMountinfo } from '../host/mountinfo.js';
import type { NetworkRoot } from '../model/facts.js';

/** Where the root file system is, when that is another machine; `null` when it is here, or cannot be told. */
export async function collectNetworkRoot(host: Host): Promise<NetworkRoot | null> {
  const root = mountOf(parseMountinfo((await host.files.read('/proc/self/mountinfo')) ?? ''), '/');
  if (root === null) return null;
  if (/^nfs4?$/.test(root.type)) return { kind: 'nfs', detail: root.source };
  if (/^(cifs|smb3)$/.test(root.type)) return { kind: 'cifs', detail: root.source };
  const paths = await devicePaths(host, await blockDevice(host, root));
  const iscsi = paths.find((path) => /\/session\d+\//.test(path));
  if (iscsi !== undefined) return { kind: 'iscsi', detail: deviceName(iscsi) };
  const nbd = paths.find((path) => /\/block\/nbd\d/.test(path));
  return nbd === undefined ? null : { kind: 'nbd', detail: deviceName(nbd) };
}

const deviceName = (path: string) => `/dev/${path.slice(path.lastIndexOf('/') + 1)}`;

/** The device below a mount in /sys. btrfs has numbers of its own, so there the name of its device tells. */
async function blockDevice(host: Host, mount: { device: string; source: string }): Promise<string | null> {
  const real = (path: string) => host.files.realpath(path).catch(() => null);
  if (!mount.device.startsWith('0:')) return real(`/sys/dev/block/${mount.device}`);
  const node = mount.source.startsWith('/dev/') ? await real(mount.source) : null;
  return node === null ? null : real(`/sys/class/block/${node.slice(node.lastIndexOf('/') + 1)}`);
}

/** A device in /sys and all devices below it: those of LVM, dm-crypt, multipath and md. */
async function devicePaths(host: Host, device: string | null): Promise<string[]> {
  const found = new Set<string>();
  const visit = async (path: string | null) => {
    if (path === null || found.has(path)) return;
    found.add(path);
    // A partition of such a device has no folder of its own; that of the whole device stands beside it.
    const partition = await host.files.exists(`${path}/partition`);
    const folder = `${partition ? path.slice(0, path.lastIndexOf('/')) : path}/slaves`;
    for (const name of await host.files.list(folder)) {
      await visit(await host.files.realpath(`${folder}/${name}`).catch(() => null));
    }
  };
  await visit(device);
  return [...found];
}
