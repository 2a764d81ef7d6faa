import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { RunningCopy } from '../../src/rehearse/copy.js';
import { inside, pipework, SECOND, startContainer, startPipeworkHost, THIRD } from './pipework-support.js';
import { addressOf, answersFromLan, docker, document, eventually, importImage, PROJECT } from './support.js';

let copy: RunningCopy;
beforeAll(async () => {
  copy = await startPipeworkHost();
  await importImage(copy);
});
afterAll(() => copy?.stop());

beforeEach(() => startContainer(copy, 'web'));
afterEach(() => docker(copy, 'rm', '-f', 'web'));

/** A form that works; its words. */
async function takes(...args: string[]): Promise<string> {
  const run = await pipework(copy, ...args);
  expect(run.exitCode, run.stderr).toBe(0);
  return run.stdout;
}

const linkOf = async (name = 'eth1') =>
  document(await inside(copy, 'web', 'ip', '-details', '-json', 'address', 'show', 'dev', name))[0];
const onHost = async (name: string) =>
  (await copy.sandbox.run(['ip', '-brief', 'address', 'show', 'dev', name], { check: false })).stdout.trim();
/** PIDs of the processes of the sandbox whose command line has a word; the brackets keep this search out of it. */
const processesWith = async (word: string) => {
  const search = `grep -l '${word.slice(0, -1)}[${word.slice(-1)}]' /proc/[0-9]*/cmdline || :`;
  const { stdout } = await copy.sandbox.run(['sh', '-c', search]);
  return stdout.split('\n').flatMap((path) => path.split('/')[2] ?? []);
};
const keepers = async () => (await processesWith('keep-nic')).length;

describe('a bridge', () => {
  it('takes options after the address, a name for the host side, and a gateway', async () => {
    await takes('br0', 'web', '192.168.1.60/24@192.168.1.1', '-l', 'webhost', '-i', 'lan0');
    await answersFromLan(copy, '192.168.1.60');
    expect(await onHost('webhost')).toContain('webhost');
    expect(await inside(copy, 'web', 'ip', 'route')).toContain('default via 192.168.1.1 dev lan0');
  });

  it('reaches a gateway outside the subnet', async () => {
    await takes('br0', 'web', '192.168.1.61/32@192.168.1.1');
    await answersFromLan(copy, '192.168.1.61');
    expect(await inside(copy, 'web', 'ip', 'route')).toMatch(/192\.168\.1\.1 dev eth1/);
  });

  it('is the same again, and another address is a replacement', async () => {
    await takes('br0', 'web', '192.168.1.62/24');
    expect(await takes('br0', 'web', '192.168.1.62/24')).toContain('(as it was)');
    await takes('br0', 'web', '192.168.1.63/24');
    await answersFromLan(copy, '192.168.1.63');
    expect(await copy.lan.ping('192.168.1.62', 1)).toBe(0);
  });

  it('takes IPv6, a MAC address of a string, and DHCP with options', async () => {
    await takes('br0', '-a', '6', 'web', '2001:db8::60/64@2001:db8::1', 'U:myhost.foo.com');
    expect((await linkOf()).address).toBe('02:72:6c:cd:9b:8d');
    await answersFromLan(copy, '2001:db8::60');
    await takes('br0', '-i', 'eth2', 'web', 'udhcpc-f:-t 3');
    await answersFromLan(copy, (await addressOf(copy, 'web', 'eth2'))?.split('/')[0] ?? '');
  });

  it('takes an interface without an address', async () => {
    await takes('br0', 'web', '0/0');
    expect((await linkOf()).operstate).toBe('UP');
    expect(await addressOf(copy, 'web', 'eth1')).toBeNull();
  });

  it('that is missing is an error, and made with --create', async () => {
    const refused = await pipework(copy, 'br7', 'web', '10.9.0.2/24');
    expect([refused.exitCode, refused.stderr]).toEqual([3, expect.stringContaining('--create')]);
    expect(await onHost('br7')).toBe('');
    await takes('--create', 'br7', 'web', '10.9.0.2/24');
    await copy.sandbox.run(['ip', 'address', 'add', '10.9.0.1/24', 'dev', 'br7']);
    expect((await copy.sandbox.run(['ping', '-c', '1', '-W', '2', '10.9.0.2'])).exitCode).toBe(0);
  });

  it('refuses by name the VLAN that this kernel cannot make, and leaves nothing', async () => {
    for (const nic of ['br0', 'eth1']) {
      const run = await pipework(copy, nic, 'web', '192.168.1.64/24', '@10');
      // A kernel that has 802.1Q is welcome to take it.
      if (run.exitCode === 0) continue;
      expect([run.exitCode, run.stderr]).toEqual([3, expect.stringContaining('vlan-not-supported')]);
      expect(await inside(copy, 'web', 'ip', 'link', 'show', 'eth1')).toContain('does not exist');
    }
  });
});

describe('another NIC', () => {
  it('gives a macvlan, which the LAN reaches; the same again; another address', async () => {
    await takes('eth1', 'web', '192.168.1.65/24@192.168.1.1', '02:00:00:00:00:65');
    await answersFromLan(copy, '192.168.1.65');
    const { linkinfo, address } = await linkOf();
    expect([linkinfo.info_kind, linkinfo.info_data.mode, address]).toEqual([
      'macvlan',
      'bridge',
      '02:00:00:00:00:65',
    ]);
    expect(await takes('eth1', 'web', '192.168.1.65/24@192.168.1.1')).toContain('(as it was)');
    await takes('eth1', 'web', '192.168.1.66/24');
    await answersFromLan(copy, '192.168.1.66');
    expect(await copy.lan.ping('192.168.1.65', 1)).toBe(0);
  });

  it('changes places with a bridge, and back', async () => {
    await takes('eth1', 'web', '192.168.1.67/24');
    await takes('br0', 'web', '192.168.1.67/24');
    expect((await linkOf()).linkinfo.info_kind).toBe('veth');
    await answersFromLan(copy, '192.168.1.67');
    await takes('eth1', 'web', '192.168.1.67/24');
    expect((await linkOf()).linkinfo.info_kind).toBe('macvlan');
    await answersFromLan(copy, '192.168.1.67');
  });

  it('is found by its MAC address, and gives a macvlan with DHCP that ends with detach', async () => {
    await takes(`mac:${SECOND.mac.toUpperCase()}`, 'web', 'dhcp');
    const leased = (await addressOf(copy, 'web', 'eth1'))?.split('/')[0] ?? '';
    await answersFromLan(copy, leased);
    expect(await copy.sandbox.read('/tmp/lan.leases')).toContain(` ${leased} `);
    const clients = (await processesWith('dhcp-hook')).length;
    expect((await copy.bridgeSetup(['detach', 'web'])).exitCode).toBe(0);
    expect(await copy.lan.ping(leased, 1)).toBe(0);
    expect((await processesWith('dhcp-hook')).length).toBe(clients - 1);
    expect(await copy.sandbox.read('/tmp/lan.leases')).not.toContain(` ${leased} `);
  });

  it('that is a port of a bridge is refused, and says what to do', async () => {
    const run = await pipework(copy, 'eth0', 'web', '192.168.1.68/24');
    expect([run.exitCode, run.stderr]).toEqual([3, expect.stringContaining('port of br0')]);
  });
});

describe('--direct-phys', () => {
  const give = async () => {
    await copy.sandbox.run(['ip', 'address', 'replace', '192.168.1.11/24', 'dev', 'eth2', 'brd', '+']);
    await copy.sandbox.run([
      ...['ip', 'route', 'replace', '10.77.0.0/16', 'via', '192.168.1.1', 'dev', 'eth2'],
    ]);
  };
  const isBack = async () => {
    await eventually('the NIC is back', async () => (await onHost('eth2')).includes('192.168.1.11/24'));
    const shown = document((await copy.sandbox.run(['ip', '-json', 'link', 'show', 'eth2'])).stdout)[0];
    expect([shown.address, shown.mtu, shown.ifalias]).toEqual([THIRD.mac, THIRD.mtu, undefined]);
    expect((await copy.sandbox.run(['ip', 'route', 'show', '10.77.0.0/16'])).stdout).toContain('eth2');
    await eventually('nobody waits any more', async () => (await keepers()) === 0);
    await copy.sandbox.run(['ip', 'address', 'flush', 'dev', 'eth2']);
  };

  it('moves the NIC, which the LAN reaches, and detach gives it back', async () => {
    await give();
    const args = ['--direct-phys', `mac:${THIRD.mac}`, '-i', 'c0', 'web', '192.168.1.75/24'];
    await takes(...args);
    await answersFromLan(copy, '192.168.1.75');
    expect(await onHost('eth2')).toBe('');
    expect((await linkOf('c0')).address).toBe(THIRD.mac);
    expect(await takes(...args)).toContain('(as it was)');
    await takes('--direct-phys', 'eth2', '-i', 'c0', 'web', '192.168.1.76/24');
    await answersFromLan(copy, '192.168.1.76');
    expect(await keepers()).toBe(1);
    expect((await copy.bridgeSetup(['detach', '-i', 'c0', 'web'])).exitCode).toBe(0);
    await isBack();
  });

  it('gives it back when the container is killed, and under its own MAC address', async () => {
    await give();
    await takes('--direct-phys', 'eth2', 'web', '192.168.1.77/24', '02:00:00:00:00:77');
    await answersFromLan(copy, '192.168.1.77');
    await docker(copy, 'kill', 'web');
    await isBack();
  });

  it('gives it back when the kernel has done so under another name, and nobody waited', async () => {
    await give();
    await takes('--direct-phys', 'eth2', 'web', '192.168.1.78/24');
    const [keeper = ''] = await processesWith('keep-nic');
    await copy.sandbox.run(['kill', '-KILL', keeper]);
    // What the kernel does with a NIC of hardware; the one here is virtual, and would end.
    await inside(copy, 'web', 'ip', 'link', 'set', 'eth1', 'netns', '1', 'name', 'dev7');
    await docker(copy, 'kill', 'web');
    await pipework(copy, 'br0', 'web', '0/0');
    await isBack();
  });

  it('refuses the NIC of the default route, and a bridge', async () => {
    const gateway = ['default', 'via', '192.168.1.1', 'dev', 'eth2', 'metric', '900'];
    await give();
    await copy.sandbox.run(['ip', 'route', 'add', ...gateway]);
    const nic = await pipework(copy, '--direct-phys', 'eth2', 'web', '192.168.1.79/24');
    await copy.sandbox.run(['ip', 'route', 'delete', ...gateway]);
    const bridge = await pipework(copy, '--direct-phys', 'br0', 'web', '192.168.1.79/24');
    expect([nic.exitCode, bridge.exitCode]).toEqual([3, 3]);
    expect(nic.stderr).toContain('default route');
    expect(await onHost('eth2')).not.toBe('');
  });
});

describe('the other forms', () => {
  it('run route, rule and tc inside, with arguments as they are', async () => {
    await takes('br0', 'web', '192.168.1.80/24');
    await takes('route', 'web', 'add', '10.0.5.0/24', 'via', '192.168.1.2');
    expect(await takes('route', 'web', 'show', '10.0.5.0/24')).toContain('via 192.168.1.2');
    await takes('rule', 'web', 'add', 'from', '172.19.0.2/32', 'table', '1');
    expect(await inside(copy, 'web', 'ip', 'rule')).toContain('from 172.19.0.2 lookup 1');
    await takes('tc', 'web', 'qdisc', 'add', 'dev', 'eth1', 'root', 'pfifo', 'limit', '7');
    expect(await inside(copy, 'web', 'tc', 'qdisc', 'show', 'dev', 'eth1')).toContain('limit 7p');
    const wrong = await pipework(copy, 'route', 'web', 'add', '$(touch /tmp/executed)');
    expect([wrong.exitCode, wrong.stderr]).toEqual([6, expect.stringContaining('command-failed')]);
    expect(await copy.sandbox.read('/tmp/executed')).toBeNull();
    expect((await copy.sandbox.run(['ip', 'rule'])).stdout).not.toContain('172.19.0.2');
  });

  it('wait for link, address and route', async () => {
    const pid = await docker(copy, 'inspect', '--format', '{{.State.Pid}}', 'web');
    let ended = false;
    const waiting = copy.sandbox
      .run(
        // In the container's network, with a /sys of it, as in the container.
        ['nsenter', `--net=/proc/${pid}/ns/net`, 'unshare', '--mount', 'sh', '-c', WAIT],
        { check: false },
      )
      .finally(() => (ended = true));
    await takes('br0', 'web', '0/0');
    await new Promise((resolve) => setTimeout(resolve, 1500));
    expect(ended).toBe(false);
    await takes('br0', 'web', '192.168.1.82/24');
    expect((await waiting).exitCode).toBe(0);
  });

  it('refuse by name what is not supported, and leave nothing behind', async () => {
    const ovs = await pipework(copy, 'ovsbr0', 'web', '192.168.1.83/24');
    expect([ovs.exitCode, ovs.stderr]).toEqual([3, expect.stringContaining('Open vSwitch')]);
    const lxc = await pipework(copy, 'br0', 'no-such-guest', '192.168.1.83/24');
    expect([lxc.exitCode, lxc.stderr]).toEqual([3, expect.stringContaining('LXC')]);
    const dummy = await pipework(copy, 'dummy', 'web', '192.168.21.101/24@192.168.21.1');
    if (dummy.exitCode === 0) expect((await linkOf()).linkinfo.info_kind).toBe('dummy');
    else expect([dummy.exitCode, dummy.stderr]).toEqual([3, expect.stringContaining('dummy-not-supported')]);
    expect((await copy.sandbox.run(['sh', '-c', 'ls /run/netns'])).stdout.trim()).toBe('lan');
    expect((await copy.sandbox.run(['find', '/run/bridge-setup/nics', '-type', 'f'])).stdout).toBe('');
  });
});

const WAIT = `mount -t sysfs sysfs /sys && exec ${process.execPath} ${PROJECT}/bin/pipework.js --wait`;
