import { describe, expect, it } from 'vitest';
import { putInVlan, vlanLink } from '../../../src/attach/vlan.js';
import { FakeHost } from '../support/fake-host.js';

const argvOf = (host: FakeHost) => host.commands.map(({ argv }) => argv.join(' '));

describe('a VLAN', () => {
  it('of a VLAN-aware bridge is the only one of the port, untagged', async () => {
    const host = new FakeHost();
    const shown = [
      { ifname: 'br0', vlans: [{ vlan: 1 }] },
      { ifname: 'bs1', vlans: [{ vlan: 1, flags: ['PVID', 'Egress Untagged'] }] },
    ];
    host.script = (argv) => (argv.includes('show') ? { stdout: JSON.stringify(shown) } : {});
    await putInVlan(host, 'bs1', 10);
    expect(argvOf(host).slice(1)).toEqual([
      'bridge vlan add dev bs1 vid 10 pvid untagged',
      'bridge vlan delete dev bs1 vid 1',
    ]);
  });

  it('is refused by name where the kernel has none', async () => {
    const host = new FakeHost();
    host.script = (argv) =>
      argv.includes('show') || argv.includes('add') ? { exitCode: 2, stderr: 'Unknown device type.' } : {};
    await expect(vlanLink(host, 'eth1', 10)).rejects.toMatchObject({
      code: 'vlan-not-supported',
      message: expect.stringContaining('VLAN 10 of eth1'),
    });
  });

  it('is made upon a NIC under the name of the original, and used again', async () => {
    const host = new FakeHost();
    let made = false;
    const shown = [
      { ifname: 'eth1.10', link: 'eth1', linkinfo: { info_kind: 'vlan', info_data: { id: 10 } } },
    ];
    host.script = (argv) => {
      if (argv.includes('add')) made = true;
      if (!argv.includes('show')) return {};
      return made ? { stdout: JSON.stringify(shown) } : { exitCode: 1 };
    };
    expect(await vlanLink(host, 'eth1', 10)).toBe('eth1.10');
    expect(await vlanLink(host, 'eth1', 10)).toBe('eth1.10');
    expect(argvOf(host).filter((line) => line.includes('add'))).toEqual([
      'ip link add link eth1 name eth1.10 type vlan id 10',
    ]);
    await expect(vlanLink(host, 'a-long-name-0', 4000)).rejects.toMatchObject({ code: 'name-too-long' });
  });

  it('does not take over an interface that is none', async () => {
    const host = new FakeHost();
    const shown = [
      { ifname: 'eth1.10', link: 'eth0', linkinfo: { info_kind: 'vlan', info_data: { id: 10 } } },
    ];
    host.script = () => ({ stdout: JSON.stringify(shown) });
    await expect(vlanLink(host, 'eth1', 10)).rejects.toMatchObject({ code: 'name-taken' });
  });

  it('is refused upon a bridge where a VLAN link of a port takes its frames', async () => {
    const host = new FakeHost();
    const data = { info_kind: 'vlan', info_data: { id: 10 } };
    host.script = (argv) => {
      if (argv.includes('master')) return { stdout: '[{"ifname": "eth0"}]' };
      if (argv.includes('type') && argv.includes('show'))
        return { stdout: JSON.stringify([{ ifname: 'eth0.10', link: 'eth0', linkinfo: data }]) };
      return argv.includes('show') ? { exitCode: 1 } : {};
    };
    await expect(vlanLink(host, 'br0', 10)).rejects.toMatchObject({ code: 'vlan-taken' });
    await expect(vlanLink(host, 'br0', 11)).resolves.toBe('br0.11');
  });
});
