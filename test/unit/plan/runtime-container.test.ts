import { describe, expect, it } from 'vitest';
import type { RuntimeFacts } from '../../../src/model/facts.js';
import { runtimeContainerCommand } from '../../../src/model/runtime-container.js';
import { runtimeInstallSteps, runtimeStartSteps } from '../../../src/plan/runtime.js';
import { answersWith, PROGRAM } from '../support/answers.js';
import { hostFacts } from '../support/facts.js';

const CONTAINER = answersWith({ runtime: { install: 'container' } });
const SERVICE = answersWith();
const OURS = { running: true, image: 'bridge-setup', current: true, own: true };
const NONE: RuntimeFacts = { service: null, enabled: false, programDigest: null };

const start = (answers: typeof CONTAINER, runtime: RuntimeFacts = NONE) => {
  const facts = hostFacts({ runtime });
  const steps = runtimeStartSteps(facts, answers, runtimeInstallSteps(facts, answers, PROGRAM));
  return steps.map((step) => (step.kind === 'run' ? step.argv.join(' ') : step.kind));
};
const RUN = runtimeContainerCommand('bridge-setup').join(' ');

describe('the runtime as a container', () => {
  it('is started once the bridge is up, and waited for', () => {
    expect(start(CONTAINER)).toEqual([RUN, 'await-runtime']);
  });

  it('stays where it runs, of the image that the name means', () => {
    expect(start(CONTAINER, { ...NONE, container: OURS })).toEqual([]);
  });

  it.each([
    { ...OURS, running: false },
    { ...OURS, current: false },
    { ...OURS, image: 'bridge-setup:old' },
  ])('is replaced otherwise: %j', (container) => {
    expect(start(CONTAINER, { ...NONE, container })).toEqual([
      'docker rm --force bridge-setup',
      RUN,
      'await-runtime',
    ]);
  });

  it('takes the place of the service, and the service its own', () => {
    const service = { service: 'active', enabled: true, programDigest: PROGRAM.digest };
    expect(start(CONTAINER, service).slice(0, 2)).toEqual([
      'systemctl stop bridge-setup.service',
      'systemctl disable bridge-setup.service',
    ]);
    expect(start(SERVICE, { ...NONE, container: OURS })[0]).toBe('docker rm --force bridge-setup');
  });

  it("does not touch somebody else's container of that name", () => {
    expect(start(SERVICE, { ...NONE, container: { ...OURS, own: false } }).join()).not.toContain('docker');
  });

  it('gives the host its commands, where nobody else has', () => {
    const paths = (programs: Record<string, string>) =>
      runtimeInstallSteps(hostFacts({ programs }), CONTAINER, PROGRAM).flatMap((step) =>
        step.kind === 'write-file' ? [step.path] : [],
      );
    expect(paths({})).toEqual([
      '/etc/bridge-setup/runtime.json',
      '/usr/local/bin/bridge-setup',
      '/usr/local/bin/pipework',
    ]);
    expect(paths({ pipework: '/usr/local/bin/pipework' })).not.toContain('/usr/local/bin/pipework');
  });
});
