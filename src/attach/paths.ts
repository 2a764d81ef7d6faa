/** State of the running system: gone after a reboot, as the links and leases that it describes. */
export const RUN_DIRECTORY = '/run/bridge-setup';
/** Lease records, written by the hook of the DHCP client. */
export const LEASE_DIRECTORY = `${RUN_DIRECTORY}/leases`;
/** One record for each DHCP client that was started. */
export const CLIENT_DIRECTORY = `${RUN_DIRECTORY}/clients`;
/** One state for each endpoint, for `verify`, `status` and `doctor`. */
export const ENDPOINT_DIRECTORY = `${RUN_DIRECTORY}/endpoints`;
/** Says that the daemon runs, and whether its first pass is done. */
export const DAEMON_FILE = `${RUN_DIRECTORY}/daemon.json`;

/**
 * The hook is executed, so it cannot stand in /run: Debian's initramfs mounts that with `noexec`
 * (initramfs-tools, `init`).
 */
export const HOOK_DIRECTORY = '/var/lib/bridge-setup';
/** The hook that every DHCP client of ours calls. */
export const HOOK_FILE = `${HOOK_DIRECTORY}/udhcpc-hook`;

/** The lease record of an endpoint. */
export function leaseFile(hostLink: string): string {
  return `${LEASE_DIRECTORY}/${hostLink}.lease`;
}

/** The state of an endpoint. */
export function endpointFile(hostLink: string): string {
  return `${ENDPOINT_DIRECTORY}/${hostLink}.json`;
}
