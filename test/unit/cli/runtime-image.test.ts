import { describe, expect, it } from 'vitest';
import { parseAnswers } from '../../../src/cli/answers-file.js';
import { forContainer } from '../../../src/cli/runtime-image.js';
import { PROGRAM } from '../support/answers.js';

describe('forContainer', () => {
  const container = { image: 'registry.example/bridge-setup:1', pid: 7, loader: '', libraries: [] };
  const asked = (runtime: object, ...given: string[]) => ({
    answers: parseAnswers({ version: 1, bridge: { uplink: 'eth0' }, runtime }),
    given,
  });
  const settled = (...words: Parameters<typeof asked>) =>
    forContainer(asked(...words), { ...PROGRAM, container }).answers.runtime;

  it('is a container of the same image, unless the answers say otherwise', () => {
    expect(settled({})).toEqual({ install: 'container', image: container.image });
    expect(settled({ install: 'none' }, 'runtime.install')).toEqual({
      install: 'none',
      image: container.image,
    });
    expect(settled({ image: 'mine' }, 'runtime.image')).toEqual({ install: 'container', image: 'mine' });
  });

  it('leaves the answers of a host as they are', () => {
    expect(forContainer(asked({}), PROGRAM).answers.runtime.install).toBe('service');
  });
});
