import { describe, expect, it } from 'vitest';
import type { AnswersInput } from '../../../src/model/answers.js';
import type { HostFacts } from '../../../src/model/facts.js';
import { packageSteps } from '../../../src/plan/packages.js';
import { answersWith } from '../support/answers.js';
import { hostFacts } from '../support/facts.js';
import { refusedBy } from '../support/refused.js';

const DEBIAN = hostFacts().distro;
const RHEL: HostFacts['distro'] = { ...DEBIAN, id: 'centos', versionId: '7', family: 'rhel' };

/** What is installed, by what, on a host that has these programs. */
function installed(
  distro: HostFacts['distro'],
  programs: readonly string[],
  answers: Partial<AnswersInput> = {},
  parts: Partial<HostFacts> = {},
) {
  const there = Object.fromEntries(programs.map((program) => [program, `/usr/bin/${program}`]));
  const facts = hostFacts({ distro, programs: there, ...parts });
  return packageSteps(facts, answersWith(answers), ['brctl']).flatMap((step) =>
    step.kind === 'install-packages' ? [`${step.manager}: ${step.packages.join(' ')}`] : [step.kind],
  );
}

describe('packages', () => {
  it('are those of Debian, by apt', () => {
    expect(installed(DEBIAN, ['apt-get'])).toEqual([
      'apt: bridge-utils busybox-static iptables iputils-ping udhcpc util-linux',
    ]);
  });

  it('are those of RHEL, by yum, with dhclient for containers and without busybox', () => {
    expect(installed(RHEL, ['yum'])).toEqual(['yum: bridge-utils dhclient iptables iputils util-linux']);
  });

  it('bring the command `docker`, where it has a package of its own', () => {
    const missing = { installed: false, reachable: false, version: null, error: 'none' };
    const there = ['apt-get', 'busybox', 'iptables', 'nsenter', 'ping', 'udhcpc', 'brctl'];
    const of = (parts: Partial<HostFacts['docker']>, versionId = '12', id = 'debian') =>
      installed(
        { ...DEBIAN, id, versionId },
        there,
        { docker: { install: 'if-missing' } },
        { docker: { ...missing, ...parts } },
      );
    const old = ['apt: apparmor ca-certificates docker.io'];
    const apart = ['apt: apparmor ca-certificates docker-cli docker.io'];
    expect([of({ cliPackage: false }), of({ cliPackage: true })]).toEqual([old, apart]);
    // Where the lists of apt are empty.
    expect([of({}), of({}, '13'), of({}, '24.04', 'ubuntu')]).toEqual([old, apart, old]);
  });

  it('are got by dnf where both are there', () => {
    expect(installed(RHEL, ['yum', 'dnf', 'nsenter', 'ping', 'iptables', 'dhclient'])).toEqual([
      'dnf: bridge-utils',
    ]);
  });

  it('are none where nothing is missing; yum need not be there, either', () => {
    expect(installed(RHEL, ['brctl', 'nsenter', 'ping', 'iptables', 'dhclient'])).toEqual([]);
  });

  it('are refused for udhcpc on RHEL, with what would serve instead; a busybox has its own', async () => {
    const programs = ['yum', 'brctl', 'nsenter', 'ping', 'iptables', 'dhclient'];
    const { code, problems } = await refusedBy(() => installed(RHEL, programs, { dhcpClient: 'udhcpc' }));
    expect(code).toBe('no-package');
    expect(problems).toEqual([
      {
        message: 'Missing: udhcpc.',
        remedy: 'Install them by hand and run again. For containers, dhcpClient "auto" is dhclient here.',
      },
    ]);
    expect(installed(RHEL, [...programs, 'busybox'], { dhcpClient: 'udhcpc' })).toEqual([]);
  });

  it('are refused for Docker on RHEL, which comes from elsewhere', async () => {
    const docker = { installed: false, reachable: false, version: null, error: 'none' };
    const refused = await refusedBy(() =>
      installed(RHEL, ['yum'], { docker: { install: 'if-missing' } }, { docker }),
    );
    expect(refused.problems).toEqual([
      expect.objectContaining({
        message: 'Missing: dockerd.',
        remedy: expect.stringContaining('docker-ce'),
      }),
    ]);
  });

  it('are named with the right command where they may not be installed', async () => {
    const answers: Partial<AnswersInput> = { packages: { install: false } };
    const refused = await refusedBy(() => installed(RHEL, ['yum', 'ping', 'iptables'], answers));
    expect(refused.problems).toEqual([
      expect.objectContaining({
        remedy: 'Set it to true, or run: yum install bridge-utils dhclient util-linux',
      }),
    ]);
  });

  it('are sought with the command of the family', async () => {
    expect((await refusedBy(() => installed(RHEL, ['apt-get']))).message).toContain('no dnf or yum');
    expect((await refusedBy(() => installed(DEBIAN, ['yum']))).message).toContain('no apt-get');
  });
});
