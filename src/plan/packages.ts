import { refusal } from '../errors.js';
import type { Answers } from '../model/answers.js';
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
  udhcpc: ['udhcpc'],
};

/** Programs that the runtime and the proof need on every host. */
const RUNTIME_PROGRAMS = ['busybox', 'iptables', 'nsenter', 'ping', 'udhcpc'] as const;

/**
 * The step that installs what is missing, before the network is touched; none when nothing is.
 * Refuses where packages are missing and may not, or cannot, be installed.
 * @param backendPrograms programs that the network configuration itself needs
 */
export function packageSteps(facts: HostFacts, answers: Answers, backendPrograms: readonly string[]): Step[] {
  const wanted = new Set<string>([...backendPrograms, ...RUNTIME_PROGRAMS]);
  if (takesDhcpcd(facts)) wanted.delete('udhcpc');
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

/**
 * ifupdown takes udhcpc before dhcpcd: installed for containers, it would lease the host's address from the next boot
 * on, with another identifier, so perhaps another address. Containers have that of busybox then.
 */
function takesDhcpcd({ dhcpClients: { installed } }: HostFacts): boolean {
  return installed.includes('dhcpcd') && !installed.includes('dhclient') && !installed.includes('udhcpc');
}
