import { describe, expect, it } from 'vitest';
import { choose } from '../../../src/backends/registry.js';
import { runPreflight } from '../../../src/checks/preflight.js';
import type { AnswersInput } from '../../../src/model/answers.js';
import type { HostFacts } from '../../../src/model/facts.js';
import { HIDDEN_SECRET } from '../../../src/model/secret.js';
import { buildPlan } from '../../../src/plan/build.js';
import { probeSteps } from '../../../src/plan/second-mac-probe.js';
import { planText } from '../../../src/ui/report.js';
import { style } from '../../../src/ui/style.js';
import { answersWith, PROGRAM } from '../support/answers.js';
import { files, hostFacts, link } from '../support/facts.js';
import { refusedBy } from '../support/refused.js';

const plan = (parts: Partial<HostFacts> = {}, answers: Partial<AnswersInput> = {}) => {
  const facts = hostFacts(parts);
  const given = answersWith(answers);
  return buildPlan({
    facts,
    answers: given,
    uplink: 'eth0',
    backend: choose(facts, 'eth0'),
    findings: runPreflight({ facts, answers: given, uplink: 'eth0' }),
    program: PROGRAM,
  });
};
const kinds = (...given: Parameters<typeof plan>) => plan(...given).steps.map(({ kind }) => kind);
const none = { programs: { 'apt-get': '/usr/bin/apt-get' } };

describe('the order of a plan', () => {
  it('touches the network when nothing else is left to go wrong', () => {
    const { steps } = plan(none);
    const at = (id: string) => steps.findIndex((step) => step.id === id);
    const network = steps.findIndex(
      (step) => step.kind === 'write-file' && step.path === '/etc/network/interfaces',
    );
    expect(network).toBeGreaterThan(-1);
    for (const id of ['packages', 'runtime-program', 'runtime-config', 'runtime-unit']) {
      expect(at(id), id).toBeGreaterThan(-1);
      expect(at(id), id).toBeLessThan(network);
    }
    expect(at('runtime-start')).toBeGreaterThan(network);
  });

  it('gives each step an id of its own', () => {
    const ids = plan(none).steps.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('waits for a Docker that it installs', () => {
    const docker = { installed: false, reachable: false, version: null, error: 'none' };
    const steps = kinds({ ...none, docker }, { docker: { install: 'if-missing' } });
    expect(steps.slice(0, 2)).toEqual(['install-packages', 'await-docker']);
    expect(steps).toContain('accept-rule');
  });
});

describe('the proof of a host without a default gateway', () => {
  const noted = (answers: Partial<AnswersInput> = {}, routes: HostFacts['routes'] = []) =>
    plan({ ...none, routes }, answers).notes.some((note) => note.includes('verify.ping'));

  it('is announced, where nobody is named to ask', () => {
    expect(noted()).toBe(true);
    expect(noted({ verify: { ping: ['192.168.1.77'] } })).toBe(false);
    expect(noted({}, hostFacts().routes)).toBe(false);
  });

  it('counts a gateway through another link for none: that is another LAN', () => {
    expect(
      noted(
        {},
        hostFacts().routes.map((route) => ({ ...route, link: 'eth1' })),
      ),
    ).toBe(true);
  });
});

describe('the probe with a second MAC address', () => {
  const onHyperV = { machine: { virtual: true, manufacturer: 'Microsoft Corporation', model: '' } };
  const probes = (parts: Partial<HostFacts>) =>
    plan(parts).steps.filter(({ kind }) => kind === 'probe-second-mac');

  it('comes after the packages, busybox among them, and before anything else is changed', () => {
    const { steps } = plan({ ...none, ...onHyperV });
    expect(steps.slice(0, 2)).toMatchObject([
      { kind: 'install-packages', packages: expect.arrayContaining(['busybox-static']) },
      {
        kind: 'probe-second-mac',
        uplink: 'eth0',
        link: 'bsprobe0',
        gateway: '192.168.1.1',
        remedy: expect.stringContaining('MAC address spoofing'),
      },
    ]);
  });

  it('stands among the steps that a person reads', () => {
    const text = planText(plan(onHyperV), style(false));
    expect(text).toMatch(/^ +\d+\. Probe whether 192\.168\.1\.1 answers a second MAC address on eth0$/m);
  });

  it('is not for a machine that nothing is feared of', () => expect(probes({})).toEqual([]));

  it('is not for KVM, which is noted only', () => {
    expect(probes({ machine: { virtual: true, manufacturer: 'QEMU', model: '' } })).toEqual([]);
  });

  it.each<[string, Partial<HostFacts>]>([
    ['no default route', { routes: [] }],
    [
      'a default route through another link',
      { routes: hostFacts().routes.map((route) => ({ ...route, link: 'eth1' })) },
    ],
    [
      'a default route without a gateway',
      { routes: hostFacts().routes.map((r) => ({ ...r, gateway: null })) },
    ],
  ])('is not planned with %s', (_what, parts) => expect(probes({ ...onHyperV, ...parts })).toEqual([]));

  it('is not planned on the port of a bridge, which takes no macvlan', () => {
    const findings = [{ check: 'foreign-mac', severity: 'warning', message: '' }] as const;
    const links = [link({ master: 'br0' }), link({ name: 'br0', kind: 'bridge' })];
    expect(probeSteps(hostFacts(), 'eth0', findings)).toHaveLength(1);
    expect(probeSteps(hostFacts({ links }), 'eth0', findings)).toEqual([]);
  });
});

describe('packages', () => {
  it('do not bring a client that ifupdown would take instead of dhcpcd', () => {
    const packages = (installed: HostFacts['dhcpClients']['installed']) =>
      plan({ ...none, dhcpClients: { installed, running: [] } }).steps[0];
    expect(packages(['dhcpcd'])).toMatchObject({ packages: expect.not.arrayContaining(['udhcpc']) });
    expect(packages(['dhclient', 'dhcpcd'])).toMatchObject({ packages: expect.arrayContaining(['udhcpc']) });
  });

  it('bring the client that the answers name', () => {
    const packages = (dhcpClient: 'dhclient' | 'dhcpcd') => plan(none, { dhcpClient }).steps[0];
    expect(packages('dhclient')).toMatchObject({ packages: expect.arrayContaining(['isc-dhcp-client']) });
    expect(packages('dhclient')).toMatchObject({ packages: expect.not.arrayContaining(['udhcpc']) });
    expect(packages('dhcpcd')).toMatchObject({ packages: expect.arrayContaining(['dhcpcd-base']) });
  });

  it('are those that are missing', () => {
    expect(plan(none).steps[0]).toMatchObject({
      packages: ['bridge-utils', 'busybox-static', 'iptables', 'iputils-ping', 'udhcpc', 'util-linux'],
    });
  });
  it('are refused by name where they may not be installed', async () => {
    const error = await refusedBy(() => plan(none, { packages: { install: false } }));
    expect(error).toMatchObject({ code: 'packages-missing', exitCode: 3 });
    expect(error.problems[0]?.remedy).toContain('bridge-utils');
  });
  it('are refused by name where nothing can install them', async () => {
    expect((await refusedBy(() => plan({ programs: {} }))).code).toBe('no-package-manager');
  });
});

describe('the runtime', () => {
  it('is no service with "none", but is configured', () => {
    const { steps } = plan({}, { runtime: { install: 'none' } });
    expect(steps.some(({ kind }) => kind === 'install-program')).toBe(false);
    expect(
      steps.some((step) => step.kind === 'write-file' && step.path === '/etc/bridge-setup/runtime.json'),
    ).toBe(true);
  });

  it('keeps what the administrator has written into its configuration', () => {
    const path = '/etc/bridge-setup/runtime.json';
    const own = { version: 1, bridges: ['br0'], dhcpClient: 'udhcpc', addresses: ['192.168.1.64/26'] };
    const written = (content: object, dhcpClient: 'auto' | 'dhclient' = 'auto') => {
      const facts = hostFacts();
      const given = { ...facts.files, ...files({ [path]: JSON.stringify(content) }) };
      const step = plan({ files: given }, { dhcpClient }).steps.find(
        (one) => one.kind === 'write-file' && one.path === path,
      );
      return step?.kind === 'write-file' ? JSON.parse(step.content) : null;
    };
    expect(written(own)).toBeNull();
    expect(written({ ...own, bridges: ['br1'] })).toEqual({ ...own, bridges: ['br0', 'br1'] });
    expect(written({ ...own, dhcpClient: 'dhcpcd' })).toBeNull();
    expect(written(own, 'dhclient')).toEqual({ ...own, dhcpClient: 'dhclient' });
  });

  it("leaves somebody else's pipework alone", () => {
    const foreign = plan({ programs: { ...hostFacts().programs, pipework: '/usr/local/bin/pipework' } });
    const commands = (steps: typeof foreign.steps) =>
      steps.flatMap((step) => (step.kind === 'install-program' ? Object.keys(step.commands) : []));
    expect(commands(foreign.steps)).toEqual(['/usr/local/bin/bridge-setup']);
    expect(commands(plan().steps)).toContain('/usr/local/bin/pipework');
  });

  it('is replaced when it is another build', () => {
    const runtime = { service: 'active', enabled: true, programDigest: 'older' };
    const steps = plan({ runtime }).steps;
    expect(steps.find(({ kind }) => kind === 'install-program')).toMatchObject({ replaces: 'older' });
    const ids = steps.map(({ id }) => id);
    expect(ids.indexOf('runtime-stop')).toBe(ids.indexOf('runtime-program') - 1);
    expect(ids).toContain('runtime-start');
    expect(steps.find(({ id }) => id === 'runtime-stop')).toMatchObject({
      undo: ['systemctl', 'start', 'bridge-setup.service'],
    });
  });
});

it('refuses a file that is not UTF-8, since its bytes would not survive', async () => {
  const text = 'iface eth0 inet dhcp\n# B\uFFFDro\n';
  const error = await refusedBy(() => plan({ files: files({ '/etc/network/interfaces': text }) }));
  expect(error.code).toBe('file-not-utf8');
});

it('refuses to change a file whose key was not read, and says how it could', async () => {
  const conf = (text: string) =>
    files({
      '/etc/network/interfaces': 'auto eth0\niface eth0 inet dhcp\n',
      '/etc/dhcp/dhclient.conf': text,
    });
  const key = `key k { secret ${HIDDEN_SECRET}; }\n`;
  const error = await refusedBy(() => plan({ files: conf(`${key}interface "eth0" { }\n`) }));
  expect(error).toMatchObject({ code: 'file-has-secret', exitCode: 3 });
  expect(error.problems[0]?.remedy).toContain('include "');
  expect(plan({ files: conf(key) }).steps).not.toEqual([]);
});

it('a plan has a diff for each file that it writes', () => {
  const { files, steps } = plan();
  const written = steps.flatMap((step) => (step.kind === 'write-file' ? step.path : []));
  expect(files.map(({ path }) => path)).toEqual(written);
  const interfaces = files.find(({ path }) => path === '/etc/network/interfaces');
  expect(interfaces?.diff).toMatch(/^--- \/etc\/network\/interfaces/);
  expect(interfaces?.diff).toContain('+iface br0 inet dhcp');
});
