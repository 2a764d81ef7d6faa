import type { Host } from '../host/host.js';

/**
 * Tell systemd that the service is up (sd_notify(3)). The message comes from a child process, so the unit needs
 * `NotifyAccess=all`. Without systemd, and when it fails, nothing depends on it.
 */
export async function notifyReady(host: Host, status: string): Promise<void> {
  if (!host.env.NOTIFY_SOCKET) return;
  await host.run(['systemd-notify', '--ready', `--status=${status}`], { check: false }).catch(() => {});
}
