import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Child } from '../../src/host/host.js';
import type { RunningCopy } from '../../src/rehearse/copy.js';
import { eventually, HOST_ADDRESS, MORE_PROGRAMS, PROJECT, startHost } from './support.js';

const SECONDS = 15;
const KEYS = '/tmp/ssh';
const ENTER = '\r';
const CONFIG = {
  version: 1,
  bridge: { uplink: 'eth0' },
  runtime: { install: 'none' },
  safety: { confirm: 'always', confirmSeconds: SECONDS },
};

let copy: RunningCopy;
let server: Child;
beforeAll(async () => {
  copy = await startHost(undefined, MORE_PROGRAMS);
  await copy.sandbox.run(['mkdir', '--parents', KEYS, '/run/sshd']);
  for (const key of ['host', 'user']) {
    await copy.sandbox.run(['ssh-keygen', '-q', '-t', 'ed25519', '-N', '', '-f', `${KEYS}/${key}`]);
  }
  await copy.sandbox.write('/tmp/answers.json', JSON.stringify(CONFIG));
  const options = [
    ...[`HostKey=${KEYS}/host`, `AuthorizedKeysFile=${KEYS}/user.pub`, 'PermitRootLogin=yes'],
    ...['StrictModes=no', 'UsePAM=no', 'UseDNS=no', 'PidFile=none'],
  ];
  server = copy.sandbox.spawn([
    '/usr/sbin/sshd',
    '-D',
    '-e',
    '-f',
    '/dev/null',
    ...options.flatMap((one) => ['-o', one]),
  ]);
  await eventually('the SSH server answers', async () => (await session('true').child.exited).exitCode === 0);
}, 900_000);
afterAll(async () => {
  server?.kill();
  await copy?.stop();
});

/** A session from another host of the LAN, with a terminal, through the NIC that is moved. */
function session(...command: string[]) {
  let screen = '';
  const options = [
    'StrictHostKeyChecking=no',
    'UserKnownHostsFile=/dev/null',
    'LogLevel=ERROR',
    'ServerAliveInterval=1',
    'ServerAliveCountMax=3',
  ];
  const child = copy.sandbox.spawn(
    [
      'ssh',
      '-tt',
      '-i',
      `${KEYS}/user`,
      ...options.flatMap((one) => ['-o', one]),
      `root@${HOST_ADDRESS}`,
      ...command,
    ],
    { network: { namespace: 'lan' }, env: { TERM: 'xterm' }, onLine: (line) => (screen += `${line}\n`) },
  );
  return { child, screen: () => screen };
}

const bridgeSetup = (...args: string[]) =>
  session(process.execPath, `${PROJECT}/bin/bridge-setup.js`, '--no-color', ...args);

/** A set-up through SSH, up to where it asks whether the session is still there. */
async function pending() {
  const made = bridgeSetup('--answers', '/tmp/answers.json');
  await eventually(made.screen, async () => made.screen().includes('unless it is confirmed'), 120_000);
  return made;
}

const hasBridge = async () =>
  (await copy.sandbox.run(['ip', 'link', 'show', 'br0'], { check: false })).exitCode === 0;

describe('somebody at the other end of an SSH session', () => {
  it('confirms with Enter through the network that was moved', async () => {
    const { child, screen } = await pending();
    child.write(ENTER);
    expect((await child.exited).exitCode, screen()).toBe(0);
    expect(screen()).toContain('Proved: containers on br0 are on the LAN.');
    const back = bridgeSetup('rollback');
    expect((await back.child.exited).exitCode, back.screen()).toBe(0);
    expect(await hasBridge()).toBe(false);
  });

  it('who is gone finds the host as it was', async () => {
    const { child } = await pending();
    child.kill('SIGKILL');
    expect(await hasBridge()).toBe(true);
    await eventually('it is taken back', async () => !(await hasBridge()), (SECONDS + 5) * 1000);
    const look = session('ip', '-brief', 'address', 'show', 'eth0');
    expect((await look.child.exited).exitCode).toBe(0);
    expect(look.screen()).toContain(HOST_ADDRESS);
  });

  it('who comes back with a new session keeps the change', async () => {
    const { child } = await pending();
    child.kill('SIGKILL');
    const confirmed = bridgeSetup('confirm');
    expect((await confirmed.child.exited).exitCode, confirmed.screen()).toBe(0);
    // Longer than the deadline.
    await new Promise((resolve) => setTimeout(resolve, (SECONDS + 3) * 1000));
    expect(await hasBridge()).toBe(true);
    expect(await copy.lan.ping(HOST_ADDRESS)).toBe(3);
  });
});
