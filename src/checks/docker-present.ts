import type { Check } from './check.js';
import { forwardingProblem } from './docker-forwarding.js';

/** Docker is there, or may be installed. */
export const dockerPresent: Check = {
  id: 'docker-missing',
  title: 'Docker is there',
  group: 'docker',
  needs: 'docker',
  looksAt: "Whether Docker's engine is installed, and answers on its socket.",
  cause: "Rules stand in Docker's containers, and without its engine nobody tells about them.",
  run: ({ facts, answers }) => {
    const { docker } = facts;
    if (docker.reachable) return [];
    if (docker.denied) {
      const message = 'Docker was not seen: only root and the group "docker" may open its socket.';
      return [{ check: 'docker-not-seen', severity: 'unknown', message }];
    }
    if (!docker.installed) {
      const packages = `docker.io apparmor${docker.cliPackage ? ' docker-cli' : ''}`;
      const command = facts.distro.family === 'debian' ? ` (\`apt-get install ${packages}\`)` : '';
      return answers.docker.install === 'if-missing'
        ? [{ check: 'docker-missing', severity: 'info', message: 'Docker is not installed; it will be.' }]
        : [
            {
              check: 'docker-missing',
              severity: 'error',
              path: 'docker.install',
              message: 'Docker is not installed.',
              remedy: `Set docker.install to "if-missing": the distribution's Docker is then installed first${command}. Or install Docker yourself.`,
            },
          ];
    }
    const cause = forwardingProblem(facts);
    if (cause !== null) return [cause];
    return [
      {
        check: 'docker-unreachable',
        severity: 'error',
        message: `Docker is installed, but its engine does not answer: ${docker.error ?? 'no reason given'}.`,
        remedy: 'Start it (`systemctl start docker`) and run again.',
      },
    ];
  },
};
