import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RunningCopy } from '../../src/rehearse/copy.js';
import { ANSWERS, document, setUp, startHost } from './support.js';

let copy: RunningCopy;
beforeAll(async () => {
  copy = await startHost();
  // Links that a person may name by mistake. A Wi-Fi station is told by its entry in /sys, which a directory can play.
  await copy.sandbox.run(['ip', 'link', 'add', 'wlan0', 'type', 'veth', 'peer', 'name', 'air']);
  await copy.sandbox.run(['ip', 'link', 'add', 'br9', 'type', 'bridge']);
  await copy.sandbox.run(['ip', 'link', 'add', 'port9', 'type', 'veth', 'peer', 'name', 'far9']);
  await copy.sandbox.run(['ip', 'link', 'set', 'port9', 'master', 'br9']);
});
afterAll(() => copy?.stop());

/** All that a run could have changed. */
async function everything(): Promise<string> {
  const shown = await copy.sandbox.run([
    'sh',
    '-c',
    'find /etc /usr/local /var/lib/bridge-setup /run/bridge-setup -type f -exec sha256sum {} + 2>/dev/null | sort; ip -o link; ip -4 -o addr show eth0 | cut -d" " -f1-8; ip route; iptables -S; dpkg -l | sha256sum',
  ]);
  return shown.stdout;
}

const answers = (parts: Record<string, unknown>) => ({ ...ANSWERS, ...parts });

/** What is wrong, the exit code, and where the words must point. */
const CASES: readonly [string, unknown, number, readonly { path: string; says: RegExp }[]][] = [
  [
    'unknown keys',
    answers({ bridge: { uplink: 'eth0', nam: 'br0' }, dockr: {} }),
    2,
    [
      { path: 'bridge.nam', says: /unknown key.*name/i },
      { path: 'dockr', says: /unknown key.*docker/i },
    ],
  ],
  ['a missing uplink', answers({ bridge: {} }), 2, [{ path: 'bridge.uplink', says: /required/ }]],
  ['no bridge at all', { version: 1 }, 2, [{ path: 'bridge.uplink', says: /required/ }]],
  [
    'a gateway outside the subnet',
    answers({ address: { method: 'static', address: '192.168.1.10/24', gateway: '192.168.2.1' } }),
    2,
    [{ path: 'address.gateway', says: /outside the subnet/ }],
  ],
  [
    'a bridge name that is too long',
    answers({ bridge: { uplink: 'eth0', name: 'a-very-long-bridge' } }),
    2,
    [{ path: 'bridge.name', says: /15/ }],
  ],
  [
    'three problems at once',
    answers({ bridge: { name: 'a/b', uplink: 'eth0', stp: 'yes' }, version: 2 }),
    2,
    [
      { path: 'version', says: /./ },
      { path: 'bridge.name', says: /./ },
      { path: 'bridge.stp', says: /boolean/ },
    ],
  ],
  [
    'an uplink that does not exist',
    answers({ bridge: { uplink: 'eth5' } }),
    3,
    [{ path: 'bridge.uplink', says: /no link.*eth5.*eth0/s }],
  ],
  [
    'the loopback link',
    answers({ bridge: { uplink: 'lo' } }),
    3,
    [{ path: 'bridge.uplink', says: /loopback/ }],
  ],
  [
    'a port of another bridge',
    answers({ bridge: { uplink: 'port9' } }),
    3,
    [{ path: 'bridge.uplink', says: /port of br9/ }],
  ],
  [
    'a bridge as the uplink',
    answers({ bridge: { uplink: 'br9' } }),
    3,
    [{ path: 'bridge.uplink', says: /bridge itself/ }],
  ],
  [
    'a name that a NIC has',
    answers({ bridge: { uplink: 'eth0', name: 'wlan0' } }),
    3,
    [{ path: 'bridge.name', says: /exists/ }],
  ],
  [
    'a service without systemd',
    answers({ runtime: { install: 'service' } }),
    3,
    [{ path: 'runtime.install', says: /systemd/ }],
  ],
  [
    'packages that may not be installed',
    answers({ packages: { install: false } }),
    3,
    [{ path: 'packages.install', says: /apt-get install/ }],
  ],
  [
    'two refusals at once',
    answers({ bridge: { uplink: 'eth5' }, runtime: { install: 'service' } }),
    3,
    [
      { path: 'bridge.uplink', says: /eth5/ },
      { path: 'runtime.install', says: /systemd/ },
    ],
  ],
];

describe('bad input changes nothing, and says what is wrong', () => {
  it.each(CASES)('%s', async (_what, input, exitCode, problems) => {
    const before = await everything();
    const run = await setUp(copy, input);
    expect(run.exitCode, JSON.stringify(run.document)).toBe(exitCode);
    const told = run.document.error.problems as { path?: string; message: string; remedy?: string }[];
    for (const { path, says } of problems) {
      const words = told
        .filter((problem) => problem.path === path)
        .map(({ message, remedy }) => `${message} ${remedy ?? ''}`);
      expect(words.join('\n'), `${path} among ${JSON.stringify(told)}`).toMatch(says);
    }
    expect(await everything()).toBe(before);
  });

  it('Wi-Fi', async () => {
    const before = await everything();
    // The station's entry in /sys, in a mount namespace of this one command.
    const run = await copy.sandbox.run(
      [
        ...['unshare', '--mount', 'sh', '-c'],
        'mount -t tmpfs tmpfs /sys/class/net && mkdir -p /sys/class/net/wlan0/wireless && exec "$@"',
        ...['sh', process.execPath, `${process.cwd()}/bin/bridge-setup.js`, '--answers', '-', '--json'],
      ],
      { input: JSON.stringify(answers({ bridge: { uplink: 'wlan0' } })), check: false },
    );
    expect(run.exitCode).toBe(3);
    expect(document(run.stdout).error).toMatchObject({ code: 'uplink-is-wireless' });
    expect(await everything()).toBe(before);
  });

  it('text that is not JSON', async () => {
    const run = await copy.bridgeSetup(['--answers', '-', '--json'], { input: '{"version": 1,' });
    expect([run.exitCode, document(run.stdout).error.code]).toEqual([2, 'answers-not-json']);
  });

  it('somebody who is not root, before anything is asked', async () => {
    const run = await copy.sandbox.run(
      [
        'setpriv',
        '--reuid=65534',
        '--regid=65534',
        '--clear-groups',
        // The clone may lie in root's own folder, where nobody else can read the program.
        '--inh-caps=+dac_read_search',
        '--ambient-caps=+dac_read_search',
        process.execPath,
        `${process.cwd()}/bin/bridge-setup.js`,
      ],
      { check: false },
    );
    expect(run.exitCode).toBe(3);
    expect(run.stderr).toMatch(/root/);
    expect(run.stdout).toBe('');
  });

  it('nobody to ask', async () => {
    const run = await copy.bridgeSetup([]);
    expect([run.exitCode, run.stderr]).toEqual([2, expect.stringContaining('--answers')]);
  });
});

describe('a host without Docker', () => {
  beforeAll(async () => {
    await copy.stopDocker();
    await copy.sandbox.run(['mv', '/usr/sbin/dockerd', '/usr/sbin/dockerd.away']);
  });
  afterAll(() => copy.sandbox.run(['mv', '/usr/sbin/dockerd.away', '/usr/sbin/dockerd']));

  it('is told what docker.install would do', async () => {
    const run = await setUp(copy, ANSWERS);
    expect([run.exitCode, run.document.error.code]).toEqual([3, 'docker-missing']);
    expect(run.document.error.problems[0]).toMatchObject({
      path: 'docker.install',
      remedy: expect.stringContaining('docker.io'),
    });
  });

  it('gets it planned with "if-missing"', async () => {
    const run = await setUp(copy, answers({ docker: { install: 'if-missing' } }), '--dry-run');
    expect(run.exitCode, JSON.stringify(run.document)).toBe(0);
    const [first] = run.document.plan.steps;
    expect(first).toMatchObject({
      kind: 'install-packages',
      packages: expect.arrayContaining(['docker.io']),
    });
  });
});
