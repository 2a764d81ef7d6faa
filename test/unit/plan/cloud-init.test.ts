import { describe, expect, it } from 'vitest';
import type { AnswersInput } from '../../../src/model/answers.js';
import { rewrittenByCloudInit } from '../../../src/model/cloud-init.js';
import type { HostFacts } from '../../../src/model/facts.js';
import { cloudInitSteps } from '../../../src/plan/cloud-init.js';
import { answersWith } from '../support/answers.js';
import { files, hostFacts } from '../support/facts.js';
import { ModelFiles } from '../support/model-files.js';

const SWITCH = '/etc/cloud/cloud.cfg.d/99-bridge-setup.cfg';
const HOST = hostFacts({
  files: files({ '/etc/network/interfaces.d/50-cloud-init': 'iface eth0 inet dhcp\n' }),
});
const DISABLE = { safety: { cloudInit: 'disable' } } as const;

const steps = (facts: HostFacts, answers: Partial<AnswersInput> = DISABLE) =>
  cloudInitSteps(facts, answersWith(answers), 'eth0');

describe('cloudInitSteps', () => {
  it('writes the file that switches the network configuration off', () => {
    expect(steps(HOST)).toEqual([
      {
        id: 'cloud-init',
        title: expect.any(String),
        kind: 'write-file',
        path: SWITCH,
        content: expect.stringMatching(/^# [^\n]+\nnetwork: \{config: disabled\}\n$/),
        mode: 0o644,
        before: null,
      },
    ]);
  });

  it('is done after that: cloud-init writes nothing any more, and there is no step', () => {
    const after = new ModelFiles(HOST.files);
    for (const step of steps(HOST)) after.carryOut(step);
    const facts = { ...HOST, files: after.all() };
    expect(rewrittenByCloudInit(facts, ['eth0'])).toBeNull();
    expect(steps(facts)).toEqual([]);
  });

  it('replaces what stands there and does not do it', () => {
    const facts = { ...HOST, files: { ...HOST.files, ...files({ [SWITCH]: '# nothing\n' }) } };
    expect(steps(facts)).toMatchObject([{ kind: 'write-file', before: '# nothing\n' }]);
  });

  it('is none without leave', () => expect(steps(HOST, {})).toEqual([]));

  it('is none where cloud-init has nothing to do with the uplink', () => {
    expect(steps(hostFacts())).toEqual([]);
    expect(cloudInitSteps(HOST, answersWith(DISABLE), 'eth1')).toEqual([]);
  });
});
