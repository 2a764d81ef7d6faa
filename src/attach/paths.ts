import { RUN_FOLDER, STATE_FOLDER } from '../model/paths.js';
import { shortId } from './names.js';

/** Lease records, written by the hook of the DHCP client. */
export const LEASE_DIRECTORY = `${RUN_FOLDER}/leases`;
/** One record for each DHCP client that was started. */
export const CLIENT_DIRECTORY = `${RUN_FOLDER}/clients`;
/** One state for each endpoint, for `verify`, `status` and `doctor`. */
export const ENDPOINT_DIRECTORY = `${RUN_FOLDER}/endpoints`;
/** The original text of each resolv.conf that was changed, by container. */
export const RESOLV_CONF_DIRECTORY = `${RUN_FOLDER}/resolv-conf`;

/**
 * The hook that every DHCP client of ours calls. It is executed, so it cannot stand in /run: Debian's initramfs mounts
 * that with `noexec` (initramfs-tools, `init`).
 */
export const HOOK_FILE = `${STATE_FOLDER}/dhcp-hook`;

/** The lease record of an endpoint. */
export function leaseFile(hostLink: string): string {
  return `${LEASE_DIRECTORY}/${hostLink}.lease`;
}

/** The state of an endpoint: those of one container are found by their names. */
export function endpointFile(containerId: string, hostLink: string): string {
  return `${ENDPOINT_DIRECTORY}/${shortId(containerId)}-${hostLink}.json`;
}

/** One record for each NIC that was moved into a container, to give it back by. */
export const NIC_DIRECTORY = `${RUN_FOLDER}/nics`;

/** The record of a NIC that is in a container. */
export function nicFile(key: string): string {
  return `${NIC_DIRECTORY}/${key}.json`;
}

/** Says that a process waits to give a NIC back. */
export function nicKeeperFile(key: string): string {
  return `${NIC_DIRECTORY}/${key}.keeper`;
}
