/** Where things of bridge-setup live on a host (file-hierarchy(7)). */

/** The program, as the service runs it. */
export const PROGRAM_FOLDER = '/usr/local/lib/bridge-setup';
/** In the program's folder: what is installed there. */
export const PROGRAM_RECORD = 'installed.json';
/** Folder of the commands on the PATH. */
export const COMMAND_FOLDER = '/usr/local/bin';
export const OWN_COMMANDS = {
  'bridge-setup': `${COMMAND_FOLDER}/bridge-setup`,
  pipework: `${COMMAND_FOLDER}/pipework`,
} as const;

export const RUNTIME_UNIT = 'bridge-setup.service';
export const RUNTIME_UNIT_FILE = `/etc/systemd/system/${RUNTIME_UNIT}`;
/** Configuration of the attach runtime. */
export const RUNTIME_CONFIG_FILE = '/etc/bridge-setup/runtime.json';

/** Switches cloud-init's network configuration off. */
export const CLOUD_INIT_FILE = '/etc/cloud/cloud.cfg.d/99-bridge-setup.cfg';

/** Backups and journals: they survive a reboot, and no network tool looks here. */
export const STATE_FOLDER = '/var/lib/bridge-setup';
/** Scripts by which udhcpc takes an address over that is there; the name of its link follows. */
export const UDHCPC_HANDOVER = `${STATE_FOLDER}/udhcpc-handover-`;
/** State of the running daemon: gone with a reboot. */
export const RUN_FOLDER = '/run/bridge-setup';
/** Says that the daemon runs, and whether its first pass is done. */
export const DAEMON_FILE = `${RUN_FOLDER}/daemon.json`;
/** Name servers of the host (resolv.conf(5)). */
export const RESOLV_CONF = '/etc/resolv.conf';
