import type { Host } from '../host/host.js';
import type { DockerFacts } from '../model/docker-facts.js';

const TIMEOUT_MS = 10_000;

/**
 * Whether apt has the command `docker` in a package of its own, `docker-cli`, as Debian from 13 on. `null`: it was not
 * asked, since Docker is there or apt is not, or its lists are empty.
 */
export async function collectDockerCli(host: Host, docker: DockerFacts): Promise<boolean | null> {
  if (docker.installed || (await host.which('apt-cache')) === null) return null;
  const argv = ['apt-cache', 'policy', 'docker.io', 'docker-cli'];
  const shown = await host.run(argv, { check: false, timeoutMs: TIMEOUT_MS, env: { LC_ALL: 'C' } });
  const offered = candidates(shown.stdout);
  return offered.has('docker.io') ? offered.has('docker-cli') : null;
}

/** Packages that apt-cache(8) `policy` has a candidate of; it says nothing of those that it does not know. */
function candidates(text: string): Set<string> {
  const found = new Set<string>();
  let name = '';
  for (const line of text.split('\n')) {
    name = /^(\S+):$/.exec(line)?.[1] ?? name;
    const candidate = /^ {2}Candidate: (.*)$/.exec(line)?.[1];
    if (candidate !== undefined && candidate !== '(none)') found.add(name);
  }
  return found;
}
