import type { InstallPackages } from '../model/plan.js';
import type { ApplyContext } from './context.js';

const INSTALL_TIMEOUT_MS = 15 * 60_000;

/**
 * Install packages with apt-get(8). The package lists are only fetched when the install fails without: a fresh
 * image has none, and a stale list names versions that are gone.
 */
export async function installPackages(
  { packages }: InstallPackages,
  { host, progress }: ApplyContext,
): Promise<void> {
  const options = {
    timeoutMs: INSTALL_TIMEOUT_MS,
    // Ctrl-C stops the run after this step, not dpkg in the middle of a package.
    ownProcessGroup: true,
    env: { DEBIAN_FRONTEND: 'noninteractive' },
    onLine: (line: string) => progress.line(line),
  };
  const install = [
    'apt-get',
    'install',
    '--yes',
    '--no-install-recommends',
    '--option=Dpkg::Use-Pty=0',
    // Another apt, such as the nightly one, may hold the lock for a while.
    '--option=DPkg::Lock::Timeout=120',
    ...packages,
  ];
  const first = await host.run(install, { ...options, check: false });
  if (first.exitCode === 0) return;
  // One unreachable archive among several is not fatal; the install decides.
  await host.run(['apt-get', 'update'], { ...options, check: false });
  await host.run(install, options);
}
