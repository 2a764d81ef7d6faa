import { refusal } from '../errors.js';
import type { Answers } from '../model/answers.js';
import { containerDhcpClient, DHCP_CLIENT_PACKAGE, wouldSupplant } from '../model/dhcp-client.js';
import type { HostFacts } from '../model/facts.js';
import type { Step } from '../model/plan.js';

/** Debian's packages by the program they bring. */
const DEBIAN: Readonly<Record<string, readonly string[]>> = {
  brctl: ['bridge-utils'],
  busybox: ['busybox-static'],
  // docker.io only recommends apparmor, and on Debian's kernel no container starts without it.
  dockerd: ['docker.io', 'apparmor', 'ca-certificates'],
  iptables: ['iptables'],
  nsenter: ['util-linux'],
  ping: ['iputils-ping'],
  ...Object.fromEntries(Object.entries(DHCP_CLIENT_PACKAGE).map(([client, name]) => [client, [name]])),
};

/** Programs that the runtime and the proof need on every host. */
const RUNTIME_PROGRAMS = ['busybox', 'iptables', 'nsenter', 'ping'] as const;

/**
 * The step that installs what is missing, before the network is touched; none when nothing is.
 * Refuses where packages are missing and may not, or cannot, be installed.
 * @param backendPrograms programs that the network configuration itself needs
 */
export function packageSteps(facts: HostFacts, answers: Answers, backendPrograms: readonly string[]): Step[] {
  const client = containerDhcpClient(answers);
  const wanted = new Set<string>([...backendPrograms, ...RUNTIME_PROGRAMS]);
  // Containers have the udhcpc of busybox where the package's own would take the host's place.
  if (client !== 'udhcpc' || !wouldSupplant(client, facts.dhcpClients.installed)) wanted.add(client);
  if (!facts.docker.installed && answers.docker.install === 'if-missing') wanted.add('dockerd');
  const missing = [...wanted].filter((program) => !facts.programs[program]).sort();
  if (missing.length === 0) return [];

  const packages = [...new Set(missing.flatMap((program) => DEBIAN[program] ?? []))].sort();
  if (!answers.packages.install) {
    throw refusal('packages-missing', 'Programs are missing, and packages may not be installed.', [
      {
        path: 'packages.install',
        message: `Missing: ${missing.join(', ')}.`,
        remedy: `Set it to true, or run: apt-get install ${packages.join(' ')}`,
      },
    ]);
  }
  if (!facts.programs['apt-get']) {
    throw refusal(
      'no-package-manager',
      'Programs are missing, and this host has no apt-get to install them with.',
      [{ message: `Missing: ${missing.join(', ')}.`, remedy: 'Install them by hand and run again.' }],
    );
  }
  return [
    {
      id: 'packages',
      title: `Install ${packages.join(', ')}`,
      kind: 'install-packages',
      manager: 'apt',
      packages,
    },
  ];
}
