import { beforeEach, describe, expect, it } from 'vitest';
import { configuredMachine, machineFor } from '../../../src/attach/machine.js';
import { FakeHost } from '../support/fake-host.js';

const ID = '0123456789abcdef'.repeat(2);
const CONFIG = '/etc/bridge-setup/runtime.json';
const config = (more: object) =>
  JSON.stringify({ version: 1, bridges: ['br0'], dhcpClient: 'udhcpc', ...more });

describe('the identity that MAC addresses are made from', () => {
  let host: FakeHost;
  beforeEach(() => {
    host = new FakeHost();
    host.content.set('/etc/machine-id', `${ID}\n`);
  });

  it('is that of the machine, where the configuration says so or there is none', async () => {
    expect(await configuredMachine(host)).toBe(ID);
    host.content.set(CONFIG, config({ macs: 'host' }));
    expect(await configuredMachine(host)).toBe(ID);
  });

  it.each([{}, { macs: 'name' }])('is none with %o: the MAC addresses stay as they were', async (more) => {
    host.content.set(CONFIG, config(more));
    expect(await configuredMachine(host)).toBeNull();
  });

  it.each(['', 'uninitialized\n', `${'0'.repeat(32)}\n`, null])(
    'is kept in a file of its own where /etc/machine-id is %j',
    async (text) => {
      if (text === null) host.content.delete('/etc/machine-id');
      else host.content.set('/etc/machine-id', text);
      const first = await machineFor(host, { macs: 'host' });
      expect(first).toMatch(/^[0-9a-f]{32}$/);
      expect(await machineFor(host, { macs: 'host' })).toBe(first);
    },
  );
});
