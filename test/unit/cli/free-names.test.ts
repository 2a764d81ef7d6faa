import { expect, it } from 'vitest';
import { freeNames } from '../../../src/cli/free-names.js';
import { containerInfo, FakeHost } from '../support/fake-host.js';

it('proposes names that no container has, whether it runs or not', async () => {
  const host = new FakeHost();
  expect(await freeNames(host)).toEqual(['web', 'web2']);
  for (const [id, name] of [
    ['a1', 'web'],
    ['b2', 'web3'],
  ] as const) {
    host.containers.set(id, containerInfo({ id, name, running: false }));
  }
  expect(await freeNames(host)).toEqual(['web2', 'web4']);
});

it('proposes some where Docker does not answer', async () => {
  const host = new FakeHost();
  host.docker.inspect = () => Promise.reject(new Error('connect ECONNREFUSED'));
  expect(await freeNames(host)).toEqual(['web', 'web2']);
});
