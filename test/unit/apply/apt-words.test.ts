import { describe, expect, it } from 'vitest';
import { aptFailure } from '../../../src/apply/apt-words.js';

const said = (stderr: string, argv = ['apt-get', 'install', 'bridge-utils']) => ({
  argv,
  exitCode: 100,
  stdout: '',
  durationMs: 0,
  stderr,
});

/** As apt 2.6 prints it, but for the addresses. */
const UNKNOWN = 'E: Unable to locate package bridge-utils';

describe('why packages could not be installed', () => {
  it.each([
    [UNKNOWN, '', 'no archive of this host has the package bridge-utils'],
    [
      "E: Package 'udhcpc' has no installation candidate",
      '',
      'no archive of this host has the package udhcpc;',
    ],
    [
      UNKNOWN,
      "W: Failed to fetch http://archive.example/debian/dists/bookworm/InRelease  Temporary failure resolving 'archive.example'",
      '`getent hosts archive.example` asks the name servers',
    ],
    [
      UNKNOWN,
      'Err:1 http://archive.example/debian bookworm InRelease\n  Could not connect to archive.example:80 (192.0.2.1). - connect (111: Connection refused)',
      'the archive archive.example does not answer',
    ],
    [
      'E: Could not get lock /var/lib/dpkg/lock-frontend. It is held by process 8715 (unattended-upgr)\nE: Unable to acquire the dpkg frontend lock (/var/lib/dpkg/lock-frontend), is another process using it?',
      '',
      'at the moment, process 8715 (unattended-upgr); run again when it has ended',
    ],
    [
      "E: dpkg was interrupted, you must manually run 'dpkg --configure -a' to correct the problem.",
      '',
      '`dpkg --configure -a` ends it',
    ],
    [
      "E: You don't have enough free space in /var/cache/apt/archives/.",
      '',
      'no room in /var/cache/apt/archives/;',
    ],
  ])('%s', (install, update, words) => {
    const text = aptFailure(['bridge-utils'], [said(install), said(update, ['apt-get', 'update'])]);
    expect(text).toMatch(/^apt-get could not install bridge-utils: [^\n]+\.$/);
    expect(text).toContain(words);
  });

  it('is in the words of apt where nothing else is known', () => {
    expect(aptFailure(['bridge-utils'], [said('E: Sub-process returned an error code')])).toBe(
      '`apt-get install bridge-utils` exited 100:\nE: Sub-process returned an error code',
    );
  });
});
