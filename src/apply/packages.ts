import type { InstallPackages } from '../model/plan.js';
import { aptFailure } from './apt-words.js';
import type { ApplyContext } from './context.js';

const INSTALL_TIMEOUT_MS = 15 * 60_000;

/** Install packages with the host's package manager. */
export function installPackages(step: InstallPackages, context: ApplyContext): Promise<void> {
  return step.manager === 'apt' ? byApt(step, context) : byRpm(step, context);
}

const options = ({ progress }: ApplyContext) => ({
  timeoutMs: INSTALL_TIMEOUT_MS,
  // Ctrl-C stops the run after this step, not dpkg or rpm in the middle of a package.
  ownProcessGroup: true,
  onLine: (line: string) => progress.line(line),
});

/**
 * With apt-get(8). The package lists are only fetched when the install fails without: a fresh image has none, and a
 * stale list names versions that are gone.
 */
async function byApt({ packages }: InstallPackages, context: ApplyContext): Promise<void> {
  const { host } = context;
  const how = { ...options(context), env: { DEBIAN_FRONTEND: 'noninteractive', LC_ALL: 'C.UTF-8' } };
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
  const first = await host.run(install, { ...how, check: false });
  if (first.exitCode === 0) return;
  // One unreachable archive among several is not fatal; the install decides.
  const update = await host.run(['apt-get', 'update'], { ...how, check: false });
  const second = await host.run(install, { ...how, check: false });
  if (second.exitCode !== 0) throw new Error(aptFailure(packages, [second, update]));
}

/**
 * With dnf(8) or yum(8), which fetch their lists themselves. yum leaves out a package that it does not find, and calls
 * it a success where it found another; so rpm is asked afterwards.
 */
async function byRpm({ manager, packages }: InstallPackages, context: ApplyContext): Promise<void> {
  await context.host.run([manager, '--assumeyes', 'install', ...packages], options(context));
  await context.host.run(['rpm', '--query', '--whatprovides', ...packages]);
}
