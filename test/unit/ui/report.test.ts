import { describe, expect, it } from 'vitest';
import { refusal, usageError } from '../../../src/errors.js';
import type { Plan } from '../../../src/model/plan.js';
import { rehearsalText, stageText } from '../../../src/ui/rehearsal.js';
import { duration, errorText, findingText, planText } from '../../../src/ui/report.js';
import { style } from '../../../src/ui/style.js';

const plain = style(false);

describe('errorText', () => {
  it('says what is wrong, where, and what to do', () => {
    const error = usageError(
      'answers-invalid',
      'The answers have 2 problems.',
      [
        { path: 'bridge.uplnk', message: 'unknown key', remedy: 'Did you mean "uplink"?' },
        { message: 'something without a path' },
      ],
      '`bridge-setup answers --schema` prints what is accepted.',
    );
    expect(errorText(error, plain)).toBe(`Error: The answers have 2 problems. [answers-invalid]
  - bridge.uplnk: unknown key
    Did you mean "uplink"?
  - something without a path
\`bridge-setup answers --schema\` prints what is accepted.`);
  });

  it('is one line where there is no more to say', () => {
    expect(errorText(refusal('stopped', 'Stopped; nothing was changed.'), plain)).toBe(
      'Error: Stopped; nothing was changed. [stopped]',
    );
  });
});

describe('findingText', () => {
  const found = { check: 'foreign-mac', message: 'Frames are dropped.', remedy: 'Allow them.' };
  it.each([
    ['error', 'error: Frames are dropped.\n  Allow them.'],
    ['warning', 'warning: Frames are dropped.\n  Allow them.'],
    ['info', 'note: Frames are dropped.\n  Allow them.'],
    ['ok', 'ok: Frames are dropped.'],
  ] as const)('%s', (severity, text) => {
    expect(findingText({ ...found, severity }, plain)).toBe(text);
  });
});

describe('planText', () => {
  const plan: Plan = {
    version: 1,
    summary: "eth0 becomes the port of br0, which takes over the host's addresses.",
    backend: { id: 'ifupdown', reason: '"iface eth0 inet dhcp" stands in /etc/network/interfaces.' },
    bridge: 'br0',
    uplink: 'eth0',
    steps: [
      { id: 'a', title: 'Take eth0 down', kind: 'await-docker', timeoutSeconds: 1 },
      { id: 'b', title: 'Bring br0 up', kind: 'await-docker', timeoutSeconds: 1 },
    ],
    files: [
      {
        path: '/etc/network/interfaces',
        change: 'modify',
        diff: '--- /etc/network/interfaces\n+++ /etc/network/interfaces\n@@ -1,1 +1,1 @@\n-auto eth0\n+auto br0\n',
      },
    ],
    notes: ['cloud-init may write these files anew at boot.'],
    risks: [{ check: 'r', severity: 'warning', message: 'You are connected over eth0.', remedy: 'Stay.' }],
  };

  it('shows steps, file changes, notes and risks', () => {
    expect(planText(plan, plain)).toBe(`eth0 becomes the port of br0, which takes over the host's addresses.
Configuration: "iface eth0 inet dhcp" stands in /etc/network/interfaces.

Steps
   1. Take eth0 down
   2. Bring br0 up

Files
  --- /etc/network/interfaces
  +++ /etc/network/interfaces
  @@ -1,1 +1,1 @@
  -auto eth0
  +auto br0

Notes
  - cloud-init may write these files anew at boot.

Risks
  - warning: You are connected over eth0.
    Stay.`);
  });

  it('has no empty sections, and is one line where nothing is to be done', () => {
    const bare = planText({ ...plan, files: [], notes: [], risks: [] }, plain);
    expect(bare).not.toMatch(/Files|Notes|Risks/);
    const nothing = { ...plan, steps: [], summary: 'Nothing to change: br0 is set up on eth0.' };
    expect(planText(nothing, plain)).toBe('Nothing to change: br0 is set up on eth0.');
  });
});

describe('duration', () => {
  it.each([
    [0, '0 ms'],
    [45.4, '45 ms'],
    [999, '999 ms'],
    [1000, '1.0 s'],
    [61_250, '61.3 s'],
  ])('%d ms is %s', (ms, text) => {
    expect(duration(ms)).toBe(text);
  });
});

describe('a rehearsal', () => {
  it('tells each stage, also without colours', () => {
    const stage = { title: 'Set up br0', detail: '14 steps', durationMs: 2100 };
    expect(stageText({ ...stage, ok: true }, plain)).toBe('  ok  Set up br0 (2.1 s)\n        14 steps');
    expect(stageText({ ...stage, ok: false }, plain)).toContain('FAILED  Set up br0');
  });

  it('gives its verdict, and does not claim what it has not measured', () => {
    const report = {
      ok: true,
      kind: 'copy' as const,
      stages: [],
      packages: ['udhcpc'],
      files: [],
      outageMs: { setUp: 1340, rollback: null },
    };
    const text = rehearsalText(report, plain);
    expect(text).toContain('packages: udhcpc');
    expect(text).toContain('1.3 s');
    expect(text).toContain('not measured');
    expect(text).toContain('The rehearsal went well.');
    expect(text).not.toContain('model');
    const ofModel = rehearsalText({ ...report, kind: 'model' }, plain);
    expect(ofModel).toContain('That was a model host.');
    expect(ofModel.split('\n').filter((line) => line.length > 80)).toEqual([]);
    const stages = [{ title: 'Set up br0', ok: false, detail: 'no lease', durationMs: 1 }];
    const failure = rehearsalText({ ...report, ok: false, stages }, plain);
    expect(failure).toMatch(/The rehearsal failed\..*\n {2}- Set up br0: no lease$/);
  });
});
