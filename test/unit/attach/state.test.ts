import { expect, it } from 'vitest';
import { endpointFile, leaseFile } from '../../../src/attach/paths.js';
import { forgetEndpoint } from '../../../src/attach/state.js';
import { FakeHost } from '../support/fake-host.js';

const [owner, refused] = ['a'.repeat(64), 'b'.repeat(64)];

it('the lease of a host link stays for who has it when another one is forgotten that wanted its name', async () => {
  const host = new FakeHost();
  for (const id of [owner, refused]) host.content.set(endpointFile(id, 'lan-web'), '{}');
  host.content.set(endpointFile(owner, 'web'), '{}');
  host.content.set(leaseFile('lan-web'), 'event=bound');
  await forgetEndpoint(host, refused, 'lan-web');
  expect([...host.content.keys()]).toEqual([
    endpointFile(owner, 'lan-web'),
    endpointFile(owner, 'web'),
    leaseFile('lan-web'),
  ]);
  await forgetEndpoint(host, owner, 'lan-web');
  expect([...host.content.keys()]).toEqual([endpointFile(owner, 'web')]);
});
