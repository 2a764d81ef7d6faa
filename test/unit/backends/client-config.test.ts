import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { clientConfig } from '../../../src/backends/client-config.js';
import { readDhclientConf, renameInDhclientConf } from '../../../src/backends/dhclient-conf.js';
import { renameInDhcpcdConf } from '../../../src/backends/dhcpcd-conf.js';
import type { DhcpClientName } from '../../../src/model/facts.js';
import type { BridgeSpec } from '../../../src/model/spec.js';

const SPEC: BridgeSpec = {
  uplink: 'eth0',
  bridge: { name: 'br0', mac: '', stp: false, forwardDelay: 0 },
  address: { method: 'keep' },
};

const config = (clients: DhcpClientName[], contents: Record<string, string>) =>
  clientConfig(
    Object.fromEntries(Object.entries(contents).map(([path, content]) => [path, { content, mode: 0o644 }])),
    clients,
    SPEC,
  );

describe('dhclient.conf', () => {
  it('names another link, and is the same in every other byte', () => {
    const text = `# interface "eth0" { }
option x code 1 = { integer 8, text };
interface "eth0"{ send host-name "eth0 }"; } INTERFACE\t"eth0" # mine
{ supersede domain-name "a\\"b"; }\r
lease { interface "eth0"; fixed-address 192.0.2.1; }
alias{interface
"eth0";}
pseudo "eth0" "eth0" { }
interface "eth01" { }`;
    const after = text
      .replace('interface "eth0"{', 'interface "br0"{')
      .replace('INTERFACE\t"eth0"', 'INTERFACE\t"br0"')
      .replace('{ interface "eth0";', '{ interface "br0";')
      .replace('interface\n"eth0"', 'interface\n"br0"')
      .replace('pseudo "eth0" "eth0"', 'pseudo "eth0" "br0"');
    expect(renameInDhclientConf(text, 'eth0', 'br0')).toBe(after);
    expect(readDhclientConf(text).problem).toBeNull();
  });

  it('is left as it is where no link has that name, whatever it holds', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...'interface "{};#\\\n\t', '"eth0"') }), (text) => {
        expect(renameInDhclientConf(text, 'wlan0', 'br0')).toBe(text);
        const there = renameInDhclientConf(text, 'eth0', 'br0');
        expect(renameInDhclientConf(there, 'br0', 'eth0')).toBe(text);
      }),
    );
  });

  it.each([
    ['send x "open;', 1],
    ['request a;\ninterface "eth0" {', 2],
    ['request a;\n\n}', 3],
  ])('says where it cannot be understood: %j', (text, line) => {
    expect(readDhclientConf(text).problem).toMatchObject({ line });
  });
});

describe('dhcpcd.conf', () => {
  it('names another link, and is the same in every other byte', () => {
    const text = `allowinterfaces eth0, eth1  # eth0\r
allowinterfaces wlan*
#interface eth0
  interface eth0
ia_pd 2 eth0/0 eth1/1 xeth0
interface eth0.10
static ip_address=192.0.2.1`;
    const after = `allowinterfaces eth0, eth1 br0  # eth0\r
allowinterfaces wlan*
#interface eth0
  interface br0
ia_pd 2 br0/0 eth1/1 xeth0
interface eth0.10
static ip_address=192.0.2.1`;
    expect(renameInDhcpcdConf(text, 'eth0', 'br0')).toBe(after);
    expect(renameInDhcpcdConf(after, 'eth0', 'br0')).toBe(after);
  });
});

describe('the files of the clients that work on the bridge', () => {
  const CONF = '/etc/dhcp/dhclient.conf';
  const BLOCK = 'interface "eth0" { send host-name "a"; }\n';

  it('change, with what they include; those of other clients stay', () => {
    const files = {
      [CONF]: `include "/etc/dhcp/more";\n${BLOCK}`,
      '/etc/dhcp/more': BLOCK,
      '/etc/dhcp/unused': BLOCK,
      '/etc/dhcpcd.conf': 'interface eth0\n',
    };
    const { changed, notes } = config(['dhclient'], files);
    expect(Object.keys(changed).sort()).toEqual([CONF, '/etc/dhcp/more']);
    expect(changed[CONF]).toContain('interface "br0"');
    expect(notes).toContain(`${CONF} names br0 now, where it named eth0.`);
    expect(Object.keys(config(['dhcpcd'], files).changed)).toEqual(['/etc/dhcpcd.conf']);
    expect(config([], files).changed).toEqual({});
  });

  it('are refused where they cannot be understood and name the uplink, with the line', () => {
    expect(() => config(['dhclient'], { [CONF]: `${BLOCK}{` })).toThrow(
      expect.objectContaining({
        code: 'dhclient-conf-unclear',
        exitCode: 3,
        message: expect.stringContaining('line 2'),
      }),
    );
    expect(config(['dhclient'], { [CONF]: '{' }).changed).toEqual({});
  });

  it.each(['denyinterfaces veth* br*', 'denyinterfaces wlan0,br0 # no'])(
    'are refused where they keep dhcpcd off the bridge: %s',
    (line) => {
      const text = `hostname\n${line}\n`;
      expect(() => config(['dhcpcd'], { '/etc/dhcpcd.conf': text })).toThrow(
        expect.objectContaining({ code: 'dhcpcd-denies-bridge', exitCode: 3 }),
      );
      expect(config(['dhclient'], { '/etc/dhcpcd.conf': text }).changed).toEqual({});
    },
  );
});
