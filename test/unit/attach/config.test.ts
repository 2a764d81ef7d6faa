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
    expect(await readConfig(host)).toEqual({
      version: 1,
      bridges: ['br0'],
      imageRules: false,
      dhcpClient: 'udhcpc',
    });
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
    ['{"version":1,"bridges":["br0"],"dhcpClient":"udhcpc","imageRules":"yes"}', 'imageRules'],
    ['{"version":1,"bridges":["br0"],"dhcpClient":"udhcpc","addresses":"10.0.0.0/8"}', 'addresses'],
    ['{"version":1,"bridges":["br0"],"dhcpClient":"udhcpc","addresses":[]}', 'addresses'],
    ['{"version":1,"bridges":["br0"],"dhcpClient":"udhcpc","addresses":["10.0.0.1/8"]}', 'addresses.0'],
    [
      '{"version":1,"bridges":["br0"],"dhcpClient":"udhcpc","addresses":["::/0","10.0.0.0/33"]}',
      'addresses.1',
    ],
    ['{"version":1,"bridges":["br0"],"dhcpClient":"udhcpc","addresses":["10.0.0.0"]}', 'addresses.0'],
    ['{"version":1,"bridges":["br0"],"dhcpClient":"udhcpc","addresses":[7]}', 'addresses.0'],
  ])('names the field that is wrong in %s', (text, path) => {
    expect(problemsOf(text)?.[0]?.path).toBe(path);
  });

  it('says which network is meant', () => {
    const text = '{"version":1,"bridges":["br0"],"dhcpClient":"udhcpc","addresses":["192.168.1.7/24"]}';
    expect(problemsOf(text)?.[0]?.message).toBe('it has host bits set; perhaps 192.168.1.0/24 is meant');
  });

  it('refuses unknown keys, and what is not JSON', () => {
    const text = '{"version":1,"bridges":["br0"],"dhcpClient":"udhcpc","bridge":"br0"}';
    expect(problemsOf(text)?.[0]?.message).toContain('bridge');
    expect(problemsOf('{')).toHaveLength(1);
  });
});
