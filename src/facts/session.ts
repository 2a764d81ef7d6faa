import type { Host } from '../host/host.js';
import type { Session } from '../model/facts.js';

const MAX_ANCESTORS = 16;

/** The peer's address in sshd's SSH_CONNECTION: "client port server port", sshd(8). */
export function parseSshConnection(value: string | undefined): string | null {
  const client = value?.split(' ')[0]?.replace(/%.*$/, '') ?? '';
  return /^[0-9a-fA-F.:]{2,45}$/.test(client) ? client : null;
}

/** sudo and su drop SSH_CONNECTION from the environment; the shell that they were called from still has it. */
async function inheritedConnection(host: Host): Promise<string | null> {
  let pid: string = String(host.pid);
  for (let step = 0; step < MAX_ANCESTORS && pid !== '0'; step++) {
    const environ = await host.files.read(`/proc/${pid}/environ`).catch(() => null);
    const entry = environ?.split('\0').find((line) => line.startsWith('SSH_CONNECTION='));
    const client = parseSshConnection(entry?.slice('SSH_CONNECTION='.length));
    if (client !== null) return client;
    const status = await host.files.read(`/proc/${pid}/status`).catch(() => null);
    pid = /^PPid:\s*(\d+)$/m.exec(status ?? '')?.[1] ?? '0';
  }
  return null;
}

/** Whether a person works over SSH, from where, and through which link their packets come. */
export async function collectSession(host: Host): Promise<Session> {
  const client = parseSshConnection(host.env.SSH_CONNECTION) ?? (await inheritedConnection(host));
  if (client === null) return { ssh: false, client: null, link: null };
  const route = await host.run(['ip', '-json', 'route', 'get', client], { check: false });
  const link = route.exitCode === 0 ? (JSON.parse(route.stdout) as { dev?: string }[])[0]?.dev : undefined;
  return { ssh: true, client, link: link ?? null };
}
