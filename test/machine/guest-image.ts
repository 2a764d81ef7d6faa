import { createHash } from 'node:crypto';
import type { Host } from '../../src/host/host.js';
import { cachedImage } from '../../src/rehearse/layer.js';
import { Sandbox } from '../../src/rehearse/sandbox.js';

/** Where the guest's root is made in its sandbox, so that all of it lands in the image that receives the changes. */
const GUEST = '/guest';
/** The guest's root below the mount point of the image. */
export const GUEST_TREE = `root/upper${GUEST}`;

/** What a guest is made of. */
export interface GuestKind {
  readonly release: 'bookworm' | 'trixie';
  readonly installed: readonly string[];
  /** Installed by apt-get, after these: debootstrap cannot order what they depend on. */
  readonly later?: readonly string[];
  /** In the guest's package cache, since the guest has no route to an archive: what bridge-setup or a test installs. */
  readonly atHand: readonly string[];
}

const DEBIAN = 'http://deb.debian.org/debian';
/** Changes when an image of an older version of this file would no longer do. */
const FORMAT = 1;

/** Docker's engine, with what is of no use without it: the test of a host without Docker purges these. */
export const DOCKER_PACKAGES = ['docker.io', 'containerd', 'runc'];

/** An ordinary server of the LAN: ifupdown, dhclient, Docker. None of what bridge-setup has to install. */
const INSTALLED = [
  ...['systemd-sysv', 'dbus', 'ifupdown', 'isc-dhcp-client', 'iproute2', 'iputils-ping', 'procps'],
  ...['iptables', 'ca-certificates', 'docker.io'],
];
const AT_HAND = ['bridge-utils', 'busybox-static', 'udhcpc', 'dhcpcd-base', 'apparmor', ...DOCKER_PACKAGES];

/** Debian 12 with ifupdown: the host of most tests. */
const SERVER: GuestKind = { release: 'bookworm', installed: INSTALLED, atHand: AT_HAND };

/** A host whose network some other manager configures. systemd-networkd is part of systemd. */
export const managedGuest = (release: GuestKind['release']): GuestKind => ({
  release,
  installed: [
    ...['systemd-sysv', 'dbus', 'iproute2', 'iputils-ping', 'procps', 'iptables', 'ca-certificates'],
    ...['docker.io', ...(release === 'bookworm' ? [] : ['docker-cli'])],
  ],
  later: ['network-manager', 'netplan.io'],
  atHand: ['busybox-static', 'udhcpc'],
});

/** Units that wait for hardware or an internet that the guest does not have. */
const MASKED = [
  'apt-daily.timer',
  'apt-daily-upgrade.timer',
  'systemd-timesyncd.service',
  'getty@tty1.service',
];

const INSTALL_TIMEOUT_MS = 10 * 60_000;

/**
 * The image with the root of a Debian host, made once (about two minutes) and kept.
 * @param tools image of the package layer that has debootstrap
 */
export async function guestImage(
  host: Host,
  tools: string,
  onLine: (line: string) => void,
  kind: GuestKind = SERVER,
): Promise<string> {
  const { release, installed, later, atHand } = kind;
  const contents = JSON.stringify([FORMAT, release, installed, atHand, MASKED, ...(later ?? [])]);
  const key = createHash('sha256').update(contents).digest('hex').slice(0, 16);
  const { image } = await cachedImage(host, `guest-${key}`, '6G', (partial) =>
    fill(host, tools, partial, kind, onLine),
  );
  return image;
}

async function fill(
  host: Host,
  tools: string,
  image: string,
  { release, installed, later = [], atHand }: GuestKind,
  onLine: (line: string) => void,
): Promise<void> {
  const sandbox = new Sandbox(host, { layer: tools, upper: image });
  await sandbox.start();
  const options = { network: 'machine', onLine, timeoutMs: INSTALL_TIMEOUT_MS } as const;
  const include = `--include=${installed.join(',')}`;
  const inGuest = (...argv: string[]) =>
    sandbox.run(['chroot', GUEST, ...argv], { ...options, env: { DEBIAN_FRONTEND: 'noninteractive' } });
  try {
    const mirror = await debianMirror(host);
    await sandbox.run(['debootstrap', '--variant=minbase', include, release, GUEST, mirror], options);
    await inGuest('apt-get', 'update');
    if (later.length > 0) await inGuest('apt-get', 'install', '--yes', '--no-install-recommends', ...later);
    // "--reinstall" fetches the archives of what is installed, too.
    await inGuest(
      'apt-get',
      'install',
      '--yes',
      '--no-install-recommends',
      '--download-only',
      '--reinstall',
      ...atHand,
    );
    await inGuest('systemctl', 'mask', ...MASKED);
    await sandbox.run(['sync']);
  } finally {
    await sandbox.stop();
  }
}

/** The Debian mirror that the machine itself uses (sources.list(5)), since another one may be out of its reach. */
async function debianMirror(host: Host): Promise<string> {
  const folder = '/etc/apt/sources.list.d';
  const paths = [
    '/etc/apt/sources.list',
    ...(await host.files.list(folder)).map((name) => `${folder}/${name}`),
  ];
  for (const path of paths) {
    const lines = ((await host.files.read(path)) ?? '').split('\n').filter((line) => !/^\s*#/.test(line));
    const mirror = /\bhttps?:\/\/\S+\/debian\/?(?=\s|$)/.exec(lines.join('\n'))?.[0];
    if (mirror !== undefined) return mirror;
  }
  return DEBIAN;
}
