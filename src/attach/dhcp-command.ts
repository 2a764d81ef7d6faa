import { EXIT, refusal, SetupError } from '../errors.js';
import type { Host } from '../host/host.js';
import { DHCP_CLIENT_PACKAGE } from '../model/dhcp-client.js';
import type { DhcpClientName } from '../model/facts.js';
import { render } from '../templates.js';
import { HOOK_FILE } from './paths.js';

/** What a DHCP client is to do. */
export interface DhcpJob {
  readonly link: string;
  /** Told to the server; `null`: none is. */
  readonly hostname: string | null;
  /** What to ask for again; `null`: nothing. */
  readonly previous: PreviousLease | null;
  /** Folder of its own for configuration and state. */
  readonly folder: string;
  /** For the hook. */
  readonly env: Readonly<Record<string, string>>;
}

/** A lease that an earlier client had. */
export interface PreviousLease {
  /** IPv4 address, without its prefix length. */
  readonly address: string;
  readonly server: string | null;
  /** Unix time of its end, in seconds; `null`: it has none. */
  readonly end: number | null;
}

/** Packages of Debian, for the hint. */
const PACKAGES: Readonly<Record<DhcpClientName, string>> = {
  ...DHCP_CLIENT_PACKAGE,
  udhcpc: 'udhcpc" (or "busybox',
};
/** Options that are asked for beside those of busybox's own list: MTU, routes (33 and 121), search list. */
const ASKED_OPTIONS = ['26', '33', '119', '121'];
/** `noconfigure` was tried with this version; one that does not know it sets addresses itself. */
const DHCPCD_SINCE = [9, 4] as const;

/** Refuse a DHCP client that is not there, or too old, before anything is done for the container that wants it. */
export async function refuseMissingClient(host: Host, client: DhcpClientName): Promise<void> {
  if (client === 'udhcpc') {
    await udhcpcProgram(host);
    return;
  }
  const program = await host.which(client);
  if (program === null) throw missing(client);
  if (client === 'dhcpcd') await refuseOldDhcpcd(host, program);
}

/** Write the files of a DHCP client and give the command that runs it in the foreground. All it writes is in its folder. */
export async function prepareDhcp(host: Host, client: DhcpClientName, job: DhcpJob): Promise<string[]> {
  if (client === 'udhcpc') return udhcpc(await udhcpcProgram(host), job);
  const program = await host.which(client);
  if (program === null) throw missing(client);
  await host.files.mkdir(job.folder, 0o700);
  return client === 'dhclient' ? dhclient(host, program, job) : dhcpcd(host, program, job);
}

/**
 * The command that gives the lease of a dhclient back (dhclient(8), -r). That one has to have ended: by its PID file, which
 * is not named here, this one would end it, and then wait for a second.
 */
export function dhclientRelease(program: string, job: Pick<DhcpJob, 'link' | 'folder' | 'env'>): string[] {
  return [...dhclientArgv(program, job, 'release.pid'), '-r', job.link];
}

/** busybox, networking/udhcp/dhcpc.c. No release at its end: the address is kept. */
function udhcpc(program: readonly string[], { link, hostname, previous }: DhcpJob): string[] {
  return [
    ...program,
    '-f',
    ...['-i', link],
    ...['-s', HOOK_FILE],
    ...ASKED_OPTIONS.flatMap((option) => ['-O', option]),
    ...(hostname === null ? [] : ['-x', `hostname:${hostname}`]),
    // Five discovers, two seconds apart, then a pause of five: a LAN that comes up late is found soon.
    ...['-t', '5', '-T', '2', '-A', '5'],
    ...(previous === null ? [] : ['-r', previous.address]),
  ];
}

/**
 * dhclient(8). With files of its own it neither reads nor touches those of the host's dhclient. It asks for the lease of
 * before by its lease file (RFC 2131, 4.3.2, INIT-REBOOT): with "send dhcp-requested-address" that option would stand in
 * all its messages, also where it must not (4.4.5, table 5), and dnsmasq drops such a DHCPRELEASE without a word.
 */
async function dhclient(host: Host, program: string, job: DhcpJob): Promise<string[]> {
  const { folder, hostname, previous, link } = job;
  const config = render('attach/dhclient.conf.ejs', { hostname });
  await host.files.write(`${folder}/dhclient.conf`, config, 0o600);
  if (previous !== null) {
    const lease = render('attach/dhclient.leases.ejs', { link, ...previous });
    await host.files.write(`${folder}/dhclient.leases`, lease, 0o600);
  }
  return [...dhclientArgv(program, job, 'dhclient.pid'), '-d', link];
}

function dhclientArgv(
  program: string,
  { folder, env }: Pick<DhcpJob, 'folder' | 'env'>,
  pidFile: string,
): string[] {
  return [
    ...[program, '-4'],
    ...['-sf', HOOK_FILE],
    ...['-cf', `${folder}/dhclient.conf`],
    ...['-lf', `${folder}/dhclient.leases`],
    ...['-pf', `${folder}/${pidFile}`],
    // Its script gets this environment, and none of dhclient's own.
    ...Object.entries(env).flatMap(([name, value]) => ['-e', `${name}=${value}`]),
  ];
}

/**
 * dhcpcd(8). Its folders for state and sockets are fixed when it is built, so it gets a mount namespace where others
 * stand in their place: the host's dhcpcd has the same names for its own.
 */
async function dhcpcd(host: Host, program: string, job: DhcpJob): Promise<string[]> {
  await refuseOldDhcpcd(host, program);
  const { folder, link, hostname, previous, env } = job;
  const values = { hostname, previous: previous?.address ?? null, env: Object.entries(env) };
  const config = render('attach/dhcpcd.conf.ejs', values);
  await host.files.write(`${folder}/dhcpcd.conf`, config, 0o600);
  const instead = [
    [`${folder}/run`, '/run/dhcpcd'],
    [`${folder}/lib`, '/var/lib/dhcpcd'],
  ] as const;
  for (const [own] of instead) await host.files.mkdir(own, 0o755);
  // To have something to stand in for; the package makes the same ones.
  for (const [, place] of instead) await host.files.mkdir(place, 0o755);
  return [
    // "slave": what is mounted here stays here, and what the host unmounts is unmounted here too. A private copy would
    // keep that disk busy for as long as the client lives.
    ...['unshare', '--mount', '--propagation', 'slave'],
    // The text is constant; what differs are its arguments.
    ...['sh', '-c', 'mount --bind "$1" "$2" && mount --bind "$3" "$4" && shift 4 && exec "$@"', 'dhcpcd'],
    ...instead.flat(),
    ...[program, '-4', '-B', '-f', `${folder}/dhcpcd.conf`, '-c', HOOK_FILE, link],
  ];
}

async function refuseOldDhcpcd(host: Host, program: string): Promise<void> {
  const { stdout } = await host.run([program, '--version'], { check: false });
  const [, major, minor] = /^dhcpcd (\d+)\.(\d+)/.exec(stdout) ?? [];
  const [wantedMajor, wantedMinor] = DHCPCD_SINCE;
  const isOld = Number(major) < wantedMajor || (Number(major) === wantedMajor && Number(minor) < wantedMinor);
  if (major !== undefined && !isOld) return;
  throw refusal(
    'dhcp-client-too-old',
    `dhcpcd ${major === undefined ? 'of an unknown version' : `${major}.${minor}`} cannot be kept from configuring links itself: version ${DHCPCD_SINCE.join('.')} or later is needed`,
    [],
    'Use the DHCP client "udhcpc" or "dhclient".',
  );
}

async function udhcpcProgram(host: Host): Promise<string[]> {
  const program = await host.which('udhcpc');
  if (program !== null) return [program];
  const busybox = await host.which('busybox');
  if (busybox !== null) return [busybox, 'udhcpc'];
  throw missing('udhcpc');
}

function missing(client: DhcpClientName): SetupError {
  return new SetupError('dhcp-client-missing', `${client} is not installed on this host`, {
    exitCode: EXIT.refused,
    hint: `Install the package "${PACKAGES[client]}".`,
  });
}
