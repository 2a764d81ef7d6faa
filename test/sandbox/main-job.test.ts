import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Child } from '../../src/host/host.js';
import type { RunningCopy } from '../../src/rehearse/copy.js';
import {
  addressOf,
  answersFromLan,
  docker,
  document,
  eventually,
  HOST_ADDRESS,
  setUp,
  setUpForContainers,
  startHost,
  withInterfaces,
} from './support.js';

const STATIC = `# the LAN of the lab
auto lo
iface lo inet loopback

auto eth0
iface eth0 inet static
	address 192.168.1.10/24
	gateway 192.168.1.1
	dns-nameservers 192.168.1.1   # our own

# not plugged in
iface eth7 inet manual
`;

const ipAddresses = async (copy: RunningCopy, link: string) =>
  [
    ...(await copy.sandbox.run(['ip', '-4', '-o', 'addr', 'show', link], { check: false })).stdout.matchAll(
      /inet (\S+)/g,
    ),
  ].map(([, address]) => address);

describe.each([
  ['DHCP', undefined],
  ['static', STATIC],
])('a %s host', (_name, interfaces) => {
  let copy: RunningCopy;
  let before: string | null;

  beforeAll(async () => {
    copy = await startHost(interfaces === undefined ? undefined : withInterfaces(interfaces));
    before = await copy.sandbox.read('/etc/network/interfaces');
  });
  afterAll(() => copy?.stop());

  it('plans without touching anything', async () => {
    const { exitCode, document: dry } = await setUp(copy, undefined, '--dry-run');
    expect(exitCode).toBe(0);
    expect(dry.state).toBe('planned');
    expect(dry.plan.steps.map((step: { kind: string }) => step.kind)).toContain('install-packages');
    expect(await copy.sandbox.read('/etc/network/interfaces')).toBe(before);
    expect(await ipAddresses(copy, 'br0')).toEqual([]);
  });

  it('is set up, and proved', async () => {
    const { exitCode, document: run, stderr } = await setUp(copy);
    expect(exitCode, `${JSON.stringify(run.error ?? run.verification)}\n${stderr}`).toBe(0);
    expect(run.state).toBe('applied');
    const proofs = run.verification.proofs as { id: string; state: string }[];
    expect(proofs.filter(({ state }) => state !== 'proved')).toEqual([]);
    expect(proofs.map(({ id }) => id)).toEqual(
      expect.arrayContaining(['dhcp-lan', 'dhcp-restarted-lan', 'static-lan', 'static-restarted-lan']),
    );
  });

  it('keeps its address, and answers from the LAN', async () => {
    expect(await ipAddresses(copy, 'br0')).toEqual([`${HOST_ADDRESS}/24`]);
    expect(await ipAddresses(copy, 'eth0')).toEqual([]);
    expect(await copy.lan.ping(HOST_ADDRESS)).toBe(3);
  });

  it('has the MAC of the uplink, no spanning tree, no forward delay', async () => {
    const shown = JSON.parse((await copy.sandbox.run(['ip', '-j', '-d', 'link', 'show', 'br0'])).stdout)[0];
    expect(shown.address).toBe('02:00:5e:10:00:01');
    expect(shown.linkinfo.info_data).toMatchObject({ stp_state: 0, forward_delay: 0 });
  });

  it('leaves nothing of the proof', async () => {
    expect(await docker(copy, 'ps', '--all', '--quiet')).toBe('');
    expect(await docker(copy, 'images', '--quiet')).toBe('');
    const links = (await copy.sandbox.run(['ip', '-o', 'link', 'show', 'master', 'br0'])).stdout
      .trim()
      .split('\n');
    expect(links, links.join('\n')).toHaveLength(1);
  });

  it('has nothing to change the second time', async () => {
    const { exitCode, document: run } = await setUp(copy);
    expect({ exitCode, state: run.state, steps: run.plan?.steps }).toEqual({
      exitCode: 0,
      state: 'unchanged',
      steps: [],
    });
  });

  it('is taken back, byte for byte', async () => {
    const run = await copy.bridgeSetup(['rollback', '--json']);
    expect(run.exitCode, run.stdout).toBe(0);
    expect(await copy.sandbox.read('/etc/network/interfaces')).toBe(before);
    expect(await ipAddresses(copy, 'eth0')).toEqual([`${HOST_ADDRESS}/24`]);
    expect(await ipAddresses(copy, 'br0')).toEqual([]);
    expect(await copy.lan.ping(HOST_ADDRESS)).toBe(3);
    const rules = await copy.sandbox.run(['iptables', '-S', 'DOCKER-USER']);
    expect(rules.stdout).not.toContain('br0');
  });

  it('has nothing to take back the second time', async () => {
    const run = await copy.bridgeSetup(['rollback', '--json']);
    expect([run.exitCode, document(run.stdout).state]).toEqual([0, 'unchanged']);
  });
});

describe('the attach runtime', () => {
  let copy: RunningCopy;
  let daemon: Child;
  const rule = 'br0 -i eth0 @CONTAINER_NAME@';
  const run = (name: string, env: string) =>
    docker(
      copy,
      'run',
      '-d',
      '--restart=always',
      `--name=${name}`,
      '--net=none',
      '-e',
      env,
      'box',
      'sleep',
      '3600',
    );

  beforeAll(async () => {
    copy = await startHost();
    await setUpForContainers(copy);
  });
  afterAll(() => copy?.stop());

  it('attaches a container that ran before it', async () => {
    await run('early', `pipework_cmd=${rule} 192.168.1.69/24`);
    daemon = await copy.startDaemon();
    await answersFromLan(copy, '192.168.1.69');
  });

  it("attaches by the guide's rules: static, static with gateway, DHCP", async () => {
    await run('test1', `pipework_cmd_ip=${rule} 192.168.1.70/24 `);
    await run('test2', `pipework_cmd=${rule} 192.168.1.71/24@192.168.1.1`);
    await run('test3', `pipework_cmd=${rule} udhcpc `);
    await answersFromLan(copy, '192.168.1.70');
    await answersFromLan(copy, '192.168.1.71');
    const leased = await eventually('a lease', () => addressOf(copy, 'test3'));
    await answersFromLan(copy, leased.split('/')[0] ?? '');
  });

  it('reaches a container whose MAC address begins as those of the host sides do', async () => {
    await run('test4', `pipework_cmd=${rule} 192.168.1.74/24 fe:00:00:00:00:07`);
    await answersFromLan(copy, '192.168.1.74');
    await docker(copy, 'rm', '-f', 'test4');
  });

  it('attaches again after a restart of the container, with the same address', async () => {
    const leased = await addressOf(copy, 'test3');
    await docker(copy, 'restart', '-t', '0', 'test1', 'test3');
    await answersFromLan(copy, '192.168.1.70');
    expect(await eventually('a lease', () => addressOf(copy, 'test3'))).toBe(leased);
    await answersFromLan(copy, leased?.split('/')[0] ?? '');
  });

  it('keeps the accept rule, also when somebody flushes it', async () => {
    await copy.sandbox.run(['iptables', '-F', 'DOCKER-USER']);
    // Without the rule nothing gets through: the rule is what makes it work.
    expect(await copy.lan.ping('192.168.1.70', 1)).toBe(0);
    await answersFromLan(copy, '192.168.1.70', 30_000);
    const { stdout } = await copy.sandbox.run(['iptables', '-S', 'DOCKER-USER']);
    expect(stdout).toContain('-A DOCKER-USER -i br0 -o br0 -j ACCEPT');
  });

  it('attaches again after Docker was restarted', async () => {
    await copy.stopDocker();
    await copy.startDocker();
    for (const address of ['192.168.1.69', '192.168.1.70', '192.168.1.71'])
      await answersFromLan(copy, address, 30_000);
    const leased = await eventually('a lease', () => addressOf(copy, 'test3'), 30_000);
    await answersFromLan(copy, leased.split('/')[0] ?? '');
  });

  it('goes on after kill -9, with the same addresses and one client a container', async () => {
    const leased = await addressOf(copy, 'test3');
    daemon.kill('SIGKILL');
    await daemon.exited;
    await copy.lan.ping('192.168.1.70');
    daemon = await copy.startDaemon();
    await docker(copy, 'restart', '-t', '0', 'test2');
    await answersFromLan(copy, '192.168.1.71');
    expect(await addressOf(copy, 'test3')).toBe(leased);
    const clients = await copy.sandbox.run(['sh', '-c', 'grep -l udhcpc /proc/[0-9]*/comm | wc -l']);
    expect(clients.stdout.trim()).toBe('1');
  });

  it('cleans up after dead containers', async () => {
    await docker(copy, 'rm', '-f', 'early', 'test1', 'test2', 'test3');
    await eventually('no link is left', async () => {
      const { stdout } = await copy.sandbox.run(['ip', '-o', 'link', 'show', 'master', 'br0']);
      return stdout.trim().split('\n').length === 1;
    });
    await eventually('no client is left', async () => {
      const { stdout } = await copy.sandbox.run(['sh', '-c', 'grep -l udhcpc /proc/[0-9]*/comm | wc -l']);
      return stdout.trim() === '0';
    });
    let last = '';
    await eventually(
      () => `no record is left: ${last}`,
      async () => {
        const { stdout } = await copy.sandbox.run(['find', '/run/bridge-setup', '-name', 'bs*']);
        last = stdout;
        return stdout.trim() === '';
      },
    );
  });

  it('stops when it is told to, and leaves containers on the LAN', async () => {
    await run('stays', `pipework_cmd=${rule} 192.168.1.72/24`);
    await answersFromLan(copy, '192.168.1.72');
    daemon.kill('SIGTERM');
    await daemon.exited;
    expect(await copy.lan.ping('192.168.1.72')).toBe(3);
  });

  it('attaches one container by hand, as pipework did', async () => {
    await docker(copy, 'run', '-d', '--name=hand', '--net=none', 'box', 'sleep', '3600');
    const done = await copy.sandbox.run([
      process.execPath,
      `${process.cwd()}/bin/pipework.js`,
      'br0',
      'hand',
      '192.168.1.50/24',
    ]);
    expect(done.stdout).toContain('192.168.1.50/24');
    await answersFromLan(copy, '192.168.1.50');
    const again = await copy.bridgeSetup(['attach', 'br0', 'hand', '192.168.1.50/24']);
    expect(again.exitCode).toBe(0);
  });

  it('changes nothing for a bridge that does not exist', async () => {
    const rules = () => copy.sandbox.run(['iptables', '-S']).then(({ stdout }) => stdout);
    const before = await rules();
    const mistyped = await copy.bridgeSetup(['attach', 'br7', 'hand', '192.168.1.51/24']);
    expect([mistyped.exitCode, mistyped.stderr]).toEqual([3, expect.stringContaining('br7')]);
    expect(await rules()).toBe(before);
  });
});
