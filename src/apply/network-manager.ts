import type { Host } from '../host/host.js';
import { parseProfiles, profilesQuery } from '../host/nmcli.js';
import type { AwaitProfiles, NetworkManagerState } from '../model/network-manager.js';
import { until } from './until.js';

const STATE_FOLDER = '/run/NetworkManager/devices';

/** Write the state file of a link. Throws where the link is not there. */
export async function leaveWord({ link, like, uuid }: NetworkManagerState, { files }: Host): Promise<void> {
  const indexOf = async (name: string) => (await files.read(`/sys/class/net/${name}/ifindex`))?.trim();
  const index = await indexOf(link);
  if (index === undefined) throw new Error(`there is no ${link}`);
  const model = (await files.read(`${STATE_FOLDER}/${await indexOf(like)}`)) ?? '';
  // The metrics would be those of a bridge otherwise, and each route there twice.
  const metrics = model.match(/^route-metric-default-.*$/gm) ?? [];
  const lines = ['[device]', 'managed=true', `connection-uuid=${uuid}`, 'nm-owned=true', ...metrics, ''];
  await files.write(`${STATE_FOLDER}/${index}`, lines.join('\n'), 0o644);
}

/** Throws with what is not so yet when it is not in time. */
export async function awaitProfiles({ profiles, timeoutSeconds }: AwaitProfiles, host: Host): Promise<void> {
  await until(host, timeoutSeconds, async () => {
    const { exitCode, stdout, stderr } = await host.run(profilesQuery, { check: false, timeoutMs: 5000 });
    if (exitCode !== 0) return `NetworkManager does not answer: ${stderr.trim()}`;
    const now = parseProfiles(stdout);
    const other = Object.entries(profiles).find(([link, path]) => now[link] !== path);
    if (other === undefined) return null;
    const [link, path] = other;
    return `NetworkManager has ${link} ${now[link] === undefined ? 'by no profile' : `by ${now[link] || 'a profile without a file'}`}, not by ${path}`;
  });
}
