import { describe, expect, it } from 'vitest';
import { parseConfig, readConfig } from '../../../src/attach/config.js';
import { SetupError } from '../../../src/errors.js';
import { FakeHost } from '../support/fake-host.js';

const problemsOf = (text: string) => {
  try {
    parseConfig(text);
  } catch (error) {
    if (error instanceof SetupError) return error.problems;
  }
  return null;
};

describe('the configuration of the attach runtime', () => {
  it('is read', async () => {
    const host = new FakeHost();
    host.content.set(
      '/etc/bridge-setup/runtime.json',
      '{"version":1,"bridges":["br0"],"dhcpClient":"udhcpc"}',
    );
    expect(await readConfig(host)).toEqual({ version: 1, bridges: ['br0'], dhcpClient: 'udhcpc' });
  });

  it('says so when it is missing', async () => {
    await expect(readConfig(new FakeHost())).rejects.toMatchObject({ code: 'runtime-config-missing' });
  });

  it.each([
    ['{"version":2,"bridges":["br0"],"dhcpClient":"udhcpc"}', 'version'],
    ['{"version":1,"bridges":[],"dhcpClient":"udhcpc"}', 'bridges'],
    ['{"version":1,"bridges":["br0","br0"],"dhcpClient":"udhcpc"}', 'bridges'],
    ['{"version":1,"bridges":["a/b"],"dhcpClient":"udhcpc"}', 'bridges.0'],
    ['{"version":1,"bridges":["br0"],"dhcpClient":"pump"}', 'dhcpClient'],
  ])('names the field that is wrong in %s', (text, path) => {
    expect(problemsOf(text)?.[0]?.path).toBe(path);
  });

  it('refuses unknown keys, and what is not JSON', () => {
    const text = '{"version":1,"bridges":["br0"],"dhcpClient":"udhcpc","bridge":"br0"}';
    expect(problemsOf(text)?.[0]?.message).toContain('bridge');
    expect(problemsOf('{')).toHaveLength(1);
  });
});
