import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Topology } from '../../src/model/topology/view.js';
import type { RunningCopy } from '../../src/rehearse/copy.js';
import { asNobody } from './doctor-support.js';
import {
  answersFromLan,
  docker,
  document,
  eventually,
  importImage,
  PROJECT,
  setUp,
  startHost,
} from './support.js';

const CTRL_C = '\x03';
const RULE = 'pipework_cmd=br0 -i eth0 @CONTAINER_NAME@';

let copy: RunningCopy;
beforeAll(async () => {
  copy = await startHost();
});
afterAll(() => copy?.stop());

const status = async (...flags: string[]) => copy.bridgeSetup(['status', ...flags]);
const topology = async (): Promise<Topology> => document((await status('--json')).stdout);
const run = (name: string, address: string) =>
  docker(
    copy,
    'run',
    '-d',
    `--name=${name}`,
    '--net=none',
    '-e',
    `${RULE} ${address}`,
    'box',
    'sleep',
    '3600',
  );
const portOf = async (name: string) =>
  (await topology()).bridges[0]?.ports.find(({ container }) => container?.name === name);
/** The MAC address that the LAN has for an address, from its own neighbour table. */
const macOnLan = async (address: string) =>
  /lladdr (\S+)/.exec((await copy.lan.run(['ip', 'neighbour', 'show', 'to', address])).stdout)?.[1];

describe('status', () => {
  it('of a host that is not set up says so, with its LAN and uplink', async () => {
    const { exitCode, stdout } = await status();
    expect(exitCode).toBe(0);
    expect(stdout).toContain('LAN 192.168.1.0/24, gateway 192.168.1.1');
    expect(stdout).toContain('192.168.1.10/24 DHCP (dhclient)');
    expect(stdout).toContain('No bridge is set up here.');
    expect((await topology()).uplink?.name).toBe('eth0');
  });

  it('shows containers with the addresses and MAC addresses that the LAN knows them by', async () => {
    expect((await setUp(copy)).exitCode).toBe(0);
    await importImage(copy);
    const daemon = await copy.startDaemon();
    await run('leased', 'udhcpc');
    await run('fixed', '192.168.1.70/24@192.168.1.1');
    for (const name of ['leased', 'fixed']) {
      const address = await eventually(
        `an address of ${name}`,
        async () => (await portOf(name))?.address ?? null,
      );
      const [own = ''] = address.split('/');
      await answersFromLan(copy, own);
      expect((await portOf(name))?.mac).toBe(await macOnLan(own));
    }
    expect((await portOf('fixed'))?.address).toBe('192.168.1.70/24');
    const port = await portOf('leased');
    expect(port).toMatchObject({ from: 'dhcp', client: 'udhcpc', state: 'attached', trouble: null });
    // What the server itself has noted: the moment at which the lease ends.
    const [own = ''] = port?.address?.split('/') ?? [];
    const note = (await copy.sandbox.read('/tmp/lan.leases'))
      ?.split('\n')
      .find((line) => line.includes(` ${own} `));
    const expiry = Date.parse(port?.lease?.expiresAt ?? '') / 1000;
    expect(Math.abs(expiry - Number(note?.split(' ')[0]))).toBeLessThanOrEqual(2);
    expect((await topology()).troubles).toEqual([]);
    daemon.kill();
    await daemon.exited;
  });

  it('shows nobody but root less, and claims nothing wrong about the rest; so does doctor', async () => {
    const daemon = await copy.startDaemon();
    await run('typo', '192.168.1.7x/24');
    const wrong = 'its rule pipework_cmd is not followed';
    await eventually('the rule was read', async () => (await status()).stdout.includes(wrong));
    expect((await copy.bridgeSetup(['doctor', '--json'])).exitCode).toBe(6);
    // Some hosts keep it from others, since it may hold a password.
    await copy.sandbox.run(['chmod', '0600', '/etc/network/interfaces']);
    for (const groups of [[], ['docker']]) {
      const seen = (await asNobody(copy, groups, 'status')).stdout;
      expect(seen).toContain('192.168.1.10/24 DHCP');
      expect(seen.match(/not seen without root$/gm)?.length).toBeGreaterThanOrEqual(2);
      expect(seen).toContain('attach runtime not seen without root');
      expect(seen).not.toMatch(/not made by|does not answer|does not run|not installed/);
      expect(seen.includes(wrong)).toBe(groups.length > 0);
      const shown = document((await asNobody(copy, groups, 'status', '--json')).stdout);
      expect([shown.complete, shown.healthy]).toEqual([false, groups.length > 0 ? false : null]);
      const found = document((await asNobody(copy, groups, 'doctor', '--json')).stdout);
      expect(
        found.findings.filter(({ severity }: { severity: string }) => /error|warning/.test(severity)),
      ).toEqual(groups.length > 0 ? [expect.objectContaining({ check: 'rule-ignored' })] : []);
      const unseen = found.checks.filter(({ status: how }: { status: string }) => how === 'unknown');
      expect(unseen.map(({ id }: { id: string }) => id)).toEqual(
        expect.arrayContaining(['pending-change', 'dhcp-no-client', 'accept-rule', 'container-state']),
      );
    }
    await copy.sandbox.run(['chmod', '0644', '/etc/network/interfaces']);
    await docker(copy, 'rm', '-f', 'typo');
    daemon.kill();
    await daemon.exited;
  });

  it('finds an uplink that is a veth and has another MAC address than the bridge', async () => {
    const mac = (await topology()).bridges[0]?.mac ?? '';
    await copy.sandbox.run(['ip', 'link', 'set', 'br0', 'address', '02:00:00:00:00:99']);
    expect((await topology()).bridges[0]).toMatchObject({ troubles: [], uplinks: [{ name: 'eth0' }] });
    await copy.sandbox.run(['ip', 'link', 'set', 'br0', 'address', mac]);
  });

  it('marks what is wrong: no daemon, no client, a port that is gone', async () => {
    expect((await topology()).troubles).toEqual(['the attach runtime does not run']);
    expect((await portOf('leased'))?.trouble).toMatch(/DHCP client has ended/);
    const { port = '' } = (await portOf('fixed')) ?? {};
    await copy.sandbox.run(['ip', 'link', 'set', port, 'nomaster']);
    expect(await copy.lan.ping('192.168.1.70', 1)).toBe(0);
    const { stdout } = await status();
    expect(stdout).toContain(`x its port ${port} is not on br0`);
    expect(stdout).toContain('3 problems.');
    await copy.sandbox.run(['ip', 'link', 'set', port, 'master', 'br0']);
    expect((await portOf('fixed'))?.trouble).toBeNull();
  });

  it('writes a picture', async () => {
    const { exitCode, stdout } = await status('--svg', '/tmp/lan.svg');
    expect([exitCode, stdout]).toEqual([0, '/tmp/lan.svg is written.\n']);
    const svg = (await copy.sandbox.read('/tmp/lan.svg')) ?? '';
    expect(svg).toMatch(/^<\?xml[\s\S]*<\/svg>\n$/);
    for (const words of ['fixed', '192.168.1.70/24', 'leased', 'br0', '192.168.1.10/24'])
      expect(svg).toContain(words);
    expect((await status('--svg', '/no/such/folder/x.svg')).exitCode).toBe(2);
  });

  it('shows the records where Docker is down', async () => {
    await copy.stopDocker();
    const { exitCode, stdout } = await status();
    expect(exitCode).toBe(0);
    expect(stdout).toContain('Docker does not answer');
    expect(stdout).toMatch(/fixed .*192\.168\.1\.70\/24/);
    await copy.startDocker();
  });
});

describe('status --watch', () => {
  const watch = (terminal: boolean, env: Record<string, string> = {}) => {
    let screen = '';
    const line = `${process.execPath} ${PROJECT}/bin/bridge-setup.js status --watch`;
    // `exec`: Ctrl-C goes to the shell of script(1), too. Where $SHELL is not set that is a dash, which waits and dies.
    const argv = terminal
      ? ['script', '--quiet', '--return', '--command', `exec ${line}`, '/dev/null']
      : line.split(' ');
    const child = copy.sandbox.spawn(argv, { onLine: (text) => (screen += `${text}\n`), env });
    return { child, screen: () => screen };
  };
  const ALTERNATE = '\x1b[?1049h';

  it('redraws on a terminal, follows, and ends with Ctrl-C', async () => {
    const { child, screen } = watch(true, { TERM: 'xterm' });
    await eventually(
      'the first picture',
      async () => screen().includes(ALTERNATE) && screen().includes('fixed'),
    );
    await copy.sandbox.run(['ip', 'link', 'set', 'br0', 'mtu', '1400']);
    await copy.sandbox.run(['ip', 'address', 'add', '192.168.1.99/24', 'dev', 'br0']);
    await eventually('the change', async () => screen().includes('192.168.1.99/24'));
    child.write(CTRL_C);
    expect((await child.exited).exitCode).toBe(0);
    expect(screen().lastIndexOf('LAN 192.168.1.0/24')).toBeGreaterThan(screen().lastIndexOf('\x1b[?1049l'));
    await copy.sandbox.run(['ip', 'address', 'del', '192.168.1.99/24', 'dev', 'br0']);
  });

  it('appends on a dumb terminal or a pipe, and only what is new', async () => {
    for (const terminal of [true, false]) {
      const { child, screen } = watch(terminal, { TERM: 'dumb' });
      await eventually('the first picture', async () => screen().includes('fixed'));
      await new Promise((resolve) => setTimeout(resolve, 5000));
      expect(screen().match(/^LAN /gm)?.length, screen()).toBe(1);
      await copy.sandbox.run(['ip', 'address', 'add', '192.168.1.98/24', 'dev', 'br0']);
      await eventually('the change', async () => screen().match(/^LAN /gm)?.length === 2);
      await copy.sandbox.run(['ip', 'address', 'del', '192.168.1.98/24', 'dev', 'br0']);
      expect(screen()).not.toContain('\x1b');
      if (terminal) child.write(CTRL_C);
      else child.kill('SIGTERM');
      expect((await child.exited).exitCode).toBe(0);
    }
  });
});
