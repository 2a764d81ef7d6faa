import { describe, expect, it } from 'vitest';
import { prepare } from '../../../src/cli/prepare.js';
import type { HostFacts } from '../../../src/model/facts.js';
import { RUNTIME_CONFIG_FILE } from '../../../src/model/paths.js';
import { answersWith, PROGRAM } from '../support/answers.js';
import { files } from '../support/facts.js';
import { setUpFacts } from '../support/topology.js';

const EXISTING = answersWith({ bridge: { name: 'br0', existing: true } });
const fresh = { runtime: { service: null, enabled: false, programDigest: null } };
const plan = (parts: Partial<HostFacts> = {}, answers = EXISTING) =>
  prepare(setUpFacts([], { ...fresh, ...parts }), answers, PROGRAM, false);
const config = (value: object) => ({ files: files({ [RUNTIME_CONFIG_FILE]: JSON.stringify(value) }) });
const writtenConfig = (parts: Partial<HostFacts>, answers = EXISTING) => {
  const step = plan(parts, answers).steps.find(({ id }) => id === 'runtime-config');
  return step?.kind === 'write-file' ? JSON.parse(step.content) : null;
};

describe('a plan for a bridge that is there', () => {
  it('needs no file that tells how it is configured, and changes none', () => {
    const { existing, files: changed, steps } = plan({ files: {} });
    expect(existing).toBe(true);
    expect(changed.map(({ path }) => path)).toEqual([
      RUNTIME_CONFIG_FILE,
      '/etc/systemd/system/bridge-setup.service',
    ]);
    expect(steps.map(({ kind }) => kind)).toContain('expect-bridge');
  });

  it('installs nothing that only ifupdown needs', () => {
    const { steps } = plan({ programs: { 'apt-get': '/usr/bin/apt-get' } });
    expect(steps[0]).toMatchObject({ packages: expect.not.arrayContaining(['bridge-utils']) });
  });

  it('leaves containers where they are when a later run is rolled back: it only replaces the program', () => {
    const served = config({ version: 1, bridges: ['br0'], existing: ['br0'], dhcpClient: 'udhcpc' });
    const runtime = { service: 'active', enabled: true, programDigest: 'another' };
    const kinds = plan({ ...served, runtime }).steps.map(({ kind }) => kind);
    expect(kinds).toContain('install-program');
    expect(kinds).not.toContain('expect-bridge');
  });
});

describe('the configuration of the runtime', () => {
  it('says whose the bridge is, and keeps what the administrator wrote', () => {
    expect(writtenConfig({ files: {} })).toMatchObject({ bridges: ['br0'], existing: ['br0'] });
    const own = config({
      version: 1,
      bridges: ['br1'],
      existing: ['br1'],
      dhcpClient: 'udhcpc',
      imageRules: true,
    });
    expect(writtenConfig(own)).toEqual({
      ...{ version: 1, bridges: ['br0', 'br1'], existing: ['br1', 'br0'] },
      ...{ dhcpClient: 'udhcpc', imageRules: true },
    });
  });

  it('is not written again where it says so already', () => {
    const said = { version: 1, bridges: ['br0'], existing: ['br0'], dhcpClient: 'udhcpc' };
    expect(writtenConfig(config(said))).toBeNull();
  });
});
