import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { localHost } from '../../src/host/local-host.js';
import { launchContainers, type Seen, seeContainers } from './containers.js';
import { DOCKER_PACKAGES } from './guest-image.js';
import { DHCP_HOST } from './hosts.js';
import { Machine } from './machine.js';
import { ANSWERS, setUp } from './set-up.js';
import { tellStory } from './story.js';
import { note, timed } from './timing.js';

describe('a host without Docker', () => {
  let machine: Machine;
  let containers: Seen[];

  beforeAll(async () => {
    note('a host without Docker');
    machine = await Machine.make({ host: localHost(), files: DHCP_HOST.files, without: DOCKER_PACKAGES });
    await machine.boot({ project: true });
  });
  afterAll(() => machine?.stop());
  tellStory();

  test('has none, and is left alone without leave to install it', async () => {
    const refused = await machine.bridgeSetup(['--answers', '-', '--json'], {
      input: JSON.stringify({ ...ANSWERS, docker: { install: 'never' } }),
    });
    expect(refused.exitCode, `${refused.stdout}\n${refused.stderr}`).toBe(3);
    expect((await machine.run(['which', 'dockerd'], { check: false })).exitCode).toBe(1);
  });

  test('gets it when the answers allow that', async () => {
    const { plan } = await setUp(machine, { ...ANSWERS, docker: { install: 'if-missing' } });
    expect(plan.steps.flatMap(({ packages = [] }) => packages)).toContain('docker.io');
    await launchContainers(machine, DHCP_HOST.staticRule);
    containers = await timed('containers on the LAN', () => seeContainers(machine));
  });

  test('has its containers on the LAN after a reboot', async () => {
    await machine.reboot({ project: false });
    expect(await timed('containers on the LAN', () => seeContainers(machine))).toEqual(containers);
  });
});
