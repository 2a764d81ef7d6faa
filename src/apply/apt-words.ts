import { describeFailure } from '../host/command.js';
import type { CommandResult } from '../host/host.js';

/** What apt-get(8) and dpkg(1) say in the C locale, and what that means for a person. */
const MEANINGS: readonly (readonly [RegExp, (found: string) => string])[] = [
  [
    /dpkg was interrupted/,
    () => 'an installation before this one was interrupted; `dpkg --configure -a` ends it',
  ],
  [
    /Could not get lock \S+ It is held by process (\d+ \([^)]*\))/,
    (holder) =>
      `another program installs packages at the moment, process ${holder}; run again when it has ended`,
  ],
  [
    /Could not get lock|Unable to acquire the dpkg frontend lock/,
    () => 'another program installs packages at the moment; run again when it has ended',
  ],
  [
    /don't have enough free space in ([^\s]*[^\s.])|No space left on device/,
    (folder) => `there is no room in ${folder || 'a file system'}; \`apt-get clean\` often makes some`,
  ],
  [
    /Unmet dependencies|you have held broken packages/,
    () => 'packages of this host do not fit together; `apt-get --fix-broken install` says more',
  ],
  [
    /Temporary failure resolving '([^']+)'|Could not resolve '([^']+)'/,
    (archive) =>
      `the archive ${archive} is not found by its name; \`getent hosts ${archive}\` asks the name servers`,
  ],
  [
    /Could not connect to ([^\s:]+)|Unable to connect to ([^\s:]+)|Cannot initiate the connection to ([^\s:]+)/,
    (archive) =>
      `the archive ${archive} does not answer; is there a way out, or a proxy that apt has to know?`,
  ],
  [
    /Release file for (\S+) is (?:not valid yet|expired)/,
    () => 'the package lists are not valid at the time of this host; is its clock right? `timedatectl`',
  ],
  [/Failed to fetch (\S+)/, (address) => `${address} cannot be fetched; \`apt-get update\` says more`],
  [
    /Unable to locate package (\S+)|Package '?([^\s']+)'? has no installation candidate/,
    (name) =>
      `no archive of this host has the package ${name}; see /etc/apt/sources.list and /etc/apt/sources.list.d`,
  ],
];

/**
 * Why packages could not be installed, as a sentence with what to do; the words of apt where nobody knows better.
 * @param said what apt-get printed, the last command first: an update that failed says why a package is not known
 */
export function aptFailure(
  packages: readonly string[],
  said: readonly [CommandResult, ...CommandResult[]],
): string {
  const what = `apt-get could not install ${packages.join(', ')}`;
  const text = said.map(({ stdout, stderr }) => `${stderr}\n${stdout}`).join('\n');
  for (const [pattern, meaning] of MEANINGS) {
    const match = pattern.exec(text);
    if (match !== null)
      return `${what}: ${meaning(match.slice(1).find((part) => part !== undefined) ?? '')}.`;
  }
  return describeFailure(said[0]);
}
