import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { localHost } from '../../src/host/local-host.js';
import { ON_THE_HOST, RUNTIME_CONTAINER } from '../../src/model/runtime-container.js';
import { allowPrivileged, buildRuntimeImage } from '../sandbox/runtime-image.js';
import { launchContainers, type Seen, seeContainers } from './containers.js';
import { STATIC_HOST } from './hosts.js';
import { Machine } from './machine.js';
import { PROJECT_IN_GUEST } from './nspawn.js';
import { setUp } from './set-up.js';
import { addressOf, type View, view } from './view.js';

const GUARD = '/usr/local/libexec/bridge-setup-guard';
const ANSWERS = { version: 1, bridge: { uplink: 'eth0' } };

describe('a machine without Node.js, set up from a container', () => {
  let machine: Machine;
  let before: View;
  let seen: readonly Seen[];

  beforeAll(async () => {
    machine = await Machine.make({ host: localHost(), files: STATIC_HOST.files });
    await machine.boot({ project: true });
    // Packages stay after a rollback, so from here on there is nothing to install.
    await setUp(machine);
    expect((await machine.bridgeSetup(['rollback'])).exitCode).toBe(0);
    const run: Machine['run'] = (argv, options) => machine.run(argv, options);
    await allowPrivileged({ run });
    await machine.run(['systemctl', 'restart', 'docker']);
    await buildRuntimeImage({ run, project: PROJECT_IN_GUEST });
    // From here on the repository, and Node.js, are not there.
    await machine.reboot({ project: false, node: false });
    before = await view(machine);
  });
  afterAll(() => machine?.stop());

  const fromContainer = (...flags: string[]) =>
    machine.run(
      [
        ...['docker', 'run', '--rm', '--interactive', ...flags, ...ON_THE_HOST],
        ...['--entrypoint=bridge-setup', 'bridge-setup', '--answers', '-', '--json'],
      ],
      { check: false, input: JSON.stringify(ANSWERS), timeoutMs: 240_000 },
    );

  async function until(what: string, look: () => Promise<boolean>): Promise<void> {
    const deadline = Date.now() + 60_000;
    while (!(await look())) {
      if (Date.now() > deadline) throw new Error(`not in time: ${what}`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
  const succeeds = async (...argv: string[]) => (await machine.run(argv, { check: false })).exitCode === 0;

  test('has none', async () => {
    // The file that it was bound over is still there, and empty.
    expect(await succeeds(process.execPath, '--version')).toBe(false);
  });

  test('comes back as it was when the power is cut in the middle', async () => {
    const run = fromContainer();
    run.catch(() => {});
    await until('the bridge', () => succeeds('ip', 'link', 'show', 'br0'));
    expect(await machine.read('/etc/systemd/system/bridge-setup-recover.service')).toContain(GUARD);
    await machine.cutPower();
    await run.catch(() => {});
    await machine.boot({ project: false, node: false });
    expect(await view(machine)).toEqual(before);
    const journal = await machine.shell(
      'cat "$(ls -d /var/lib/bridge-setup/checkpoints/* | tail -n 1)/journal.jsonl"',
    );
    expect(journal.trim().split('\n').at(-1)).toContain('"state":"rolled-back"');
    expect(await succeeds('test', '-e', GUARD)).toBe(false);
  });

  test('is taken back by the watchdog, which systemd holds, when the container is lost', async () => {
    const run = fromContainer('--name=lost');
    await until('the bridge', () => succeeds('ip', 'link', 'show', 'br0'));
    await machine.run(['docker', 'kill', 'lost']);
    expect((await run).exitCode).toBe(137);
    await until('the end of the watchdog', async () => !(await succeeds('test', '-e', GUARD)));
    expect(await view(machine)).toEqual(before);
  });

  test('has its containers on the LAN', async () => {
    const { exitCode, stdout, stderr } = await fromContainer();
    expect(exitCode, `${stdout}${stderr}`).toBe(0);
    expect(addressOf(await view(machine), 'br0')).toBe(addressOf(before, 'eth0'));
    await launchContainers(machine, STATIC_HOST.staticRule);
    seen = await seeContainers(machine);
  });

  test('and so after a reboot: the runtime comes back with Docker', async () => {
    await machine.reboot({ project: false, node: false });
    expect(await seeContainers(machine)).toEqual(seen);
    const running = await machine.shell(
      'docker inspect --format "{{.State.Running}}" "$1"',
      RUNTIME_CONTAINER,
    );
    expect(running.trim()).toBe('true');
  });

  test('and is as before after the rollback, and a boot', async () => {
    const { exitCode, stderr } = await machine.run(['bridge-setup', 'rollback'], { check: false });
    expect(exitCode, stderr).toBe(0);
    await machine.run(['docker', 'rm', '--force', 'test1', 'test2']);
    expect(await succeeds('docker', 'container', 'inspect', RUNTIME_CONTAINER)).toBe(false);
    await machine.reboot({ project: false, node: false });
    expect(await view(machine)).toEqual(before);
  });
});
