import { DHCP_CLIENT_PACKAGE } from '../model/dhcp-client.js';
import type { HostFacts } from '../model/facts.js';

/** Where a family of distributions has its programs from. */
interface Distribution {
  /** Commands that install packages, the first that is there is taken. */
  readonly managers: readonly ('apt-get' | 'dnf' | 'yum')[];
  /** Programs that the runtime and the proof need on every host. */
  readonly runtimePrograms: readonly string[];
  /** Packages by the program that they bring; a program without any has to be there. */
  readonly packageOf: Readonly<Record<string, readonly string[]>>;
}

const DEBIAN: Distribution = {
  managers: ['apt-get'],
  runtimePrograms: ['busybox', 'iptables', 'nsenter', 'ping'],
  packageOf: {
    brctl: ['bridge-utils'],
    busybox: ['busybox-static'],
    // docker.io only recommends apparmor, and on Debian's kernel no container starts without it.
    dockerd: ['docker.io', 'apparmor', 'ca-certificates'],
    iptables: ['iptables'],
    nsenter: ['util-linux'],
    ping: ['iputils-ping'],
    ...Object.fromEntries(Object.entries(DHCP_CLIENT_PACKAGE).map(([client, name]) => [client, [name]])),
  },
};

/**
 * RHEL has neither busybox nor udhcpc: containers have dhclient, arping(8) is that of iputils, and the image of the proof
 * is pulled. RHEL 8 calls its package dhcp-client, which provides "dhclient". Docker is in no repository of its own.
 */
const RHEL: Distribution = {
  managers: ['dnf', 'yum'],
  runtimePrograms: ['iptables', 'nsenter', 'ping'],
  packageOf: {
    bc: ['bc'],
    brctl: ['bridge-utils'],
    dhclient: ['dhclient'],
    iptables: ['iptables'],
    nsenter: ['util-linux'],
    ping: ['iputils'],
  },
};

/** What a host of this family installs, and by what; one of neither family is taken for a Debian. */
export const distribution = (family: HostFacts['distro']['family']): Distribution =>
  family === 'rhel' ? RHEL : DEBIAN;
