import { describe, expect, it } from 'vitest';
import { clientCommand } from '../../../src/backends/ifupdown/dhcp-command.js';
import { readInterfaces } from '../../../src/backends/ifupdown/files.js';

const files = (...lines: string[]) =>
  readInterfaces({ '/etc/network/interfaces': { content: `${lines.join('\n')}\n`, mode: 0o644 } });

// What ifup itself makes of such options is compared in test/sandbox/interfaces-boot.test.ts.
describe('the command of a DHCP client', () => {
  it('has the options of the stanza that leases, of the files that have one', () => {
    const before = files('iface br0 inet manual', 'iface br0 inet dhcp', '    metric 50');
    const after = files('iface br0 inet static', '    metric 7');
    expect(clientCommand('dhcpcd', [after, before], 'br0').argv).toEqual(['dhcpcd', '-m', '50', 'br0']);
    expect(clientCommand('dhcpcd', [after], 'br0').argv).toEqual(['dhcpcd', 'br0']);
  });

  it('gives udhcpc the environment that ifup gives it, which its script may go by', () => {
    const { env } = clientCommand(
      'udhcpc',
      [files('iface br0 inet dhcp', '    bridge-ports eth0', '    x.metric 5', '    post-up true')],
      'br0',
    );
    expect(env).toMatchObject({ IFACE: 'br0', IF_BRIDGE_PORTS: 'eth0', IF_XMETRIC: '5', PHASE: 'post-up' });
    expect(Object.keys(env ?? {}).filter((name) => name.includes('UP'))).toEqual([]);
  });

  it.each(['$(hostname)', '`hostname`', '"$HOSTNAME"', 'a;reboot', 'a|b', '"open', '*'])(
    'refuses a value that only a shell could tell: %s',
    (value) => {
      expect(() =>
        clientCommand('udhcpc', [files('iface br0 inet dhcp', `    hostname ${value}`)], 'br0'),
      ).toThrow(expect.objectContaining({ code: 'dhcp-option-unclear', exitCode: 3 }));
    },
  );
});
