import { refusal } from '../errors.js';
import type { Answers } from '../model/answers.js';
import { containerDhcpClient, wouldSupplant } from '../model/dhcp-client.js';
import type { HostFacts } from '../model/facts.js';
import type { Step } from '../model/plan.js';
import { distribution } from './distribution.js';

/**
 * The step that installs what is missing, before the network is touched; none when nothing is.
 * Refuses where packages are missing and may not, or cannot, be installed.
 * @param backendPrograms programs that the network configuration itself needs
 */
export function packageSteps(facts: HostFacts, answers: Answers, backendPrograms: readonly string[]): Step[] {
  const { managers, runtimePrograms, packageOf } = distribution(facts.distro.family);
  const client = containerDhcpClient(answers, facts.distro);
  const wanted = new Set<string>([...backendPrograms, ...runtimePrograms]);
  // Containers have the udhcpc of busybox where the package's own would take the host's place.
  if (client !== 'udhcpc' || !wouldSupplant(client, facts.dhcpClients.installed)) wanted.add(client);
  // A busybox has its own.
  if (facts.programs.busybox && !runtimePrograms.includes('busybox')) wanted.delete('udhcpc');
  if (!facts.docker.installed && answers.docker.install === 'if-missing') wanted.add('dockerd');
  const missing = [...wanted].filter((program) => !facts.programs[program]).sort();
  if (missing.length === 0) return [];

  const manager = managers.find((each) => facts.programs[each]);
  const withoutPackage = missing.filter((program) => packageOf[program] === undefined);
  if (manager === undefined || withoutPackage.length > 0) {
    throw refusal(...unobtainable(managers, manager === undefined ? missing : withoutPackage, manager));
  }
  const dockerCli = missing.includes('dockerd') && needsDockerCli(facts) ? ['docker-cli'] : [];
  const packages = [
    ...new Set([...missing.flatMap((program) => packageOf[program] ?? []), ...dockerCli]),
  ].sort();
  if (!answers.packages.install) {
    throw refusal('packages-missing', 'Programs are missing, and packages may not be installed.', [
      {
        path: 'packages.install',
        message: `Missing: ${missing.join(', ')}.`,
        remedy: `Set it to true, or run: ${manager} install ${packages.join(' ')}`,
      },
    ]);
  }
  return [
    {
      id: 'packages',
      title: `Install ${packages.join(', ')}`,
      kind: 'install-packages',
      manager: manager === 'apt-get' ? 'apt' : manager,
      packages,
    },
  ];
}

/** Debian from 13 on has the command `docker` in a package that docker.io only recommends. */
function needsDockerCli({ docker, distro }: HostFacts): boolean {
  return docker.cliPackage ?? (distro.id === 'debian' && Number(distro.versionId) >= 13);
}

function unobtainable(
  managers: readonly string[],
  programs: readonly string[],
  manager: string | undefined,
): Parameters<typeof refusal> {
  const message = `Missing: ${programs.join(', ')}.`;
  if (manager === undefined) {
    return [
      'no-package-manager',
      `Programs are missing, and this host has no ${managers.join(' or ')} to install them with.`,
      [{ message, remedy: 'Install them by hand and run again.' }],
    ];
  }
  const instead = programs.includes('udhcpc') ? ' For containers, dhcpClient "auto" is dhclient here.' : '';
  const docker = programs.includes('dockerd') ? " Docker is in Docker's own repository, docker-ce." : '';
  return [
    'no-package',
    `Programs are missing that this distribution has no package for.`,
    [{ message, remedy: `Install them by hand and run again.${instead}${docker}` }],
  ];
}
