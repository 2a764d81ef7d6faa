import { describe, expect, it } from 'vitest';
import { fitnessText, setupRefusals, usualInstall } from '../../../src/cli/fitness.js';
import type { Examination } from '../../../src/model/examination.js';
import { style } from '../../../src/ui/style.js';
import { answersWith } from '../support/answers.js';
import { hostFacts } from '../support/facts.js';
import { FakeHost } from '../support/fake-host.js';

const plain = style(false);
const examined = (...messages: string[]): Examination => ({
  ok: messages.length === 0,
  checks: [
    {
      ...{ id: 'x', title: 'x', group: 'host', cause: 'c', status: messages.length === 0 ? 'ok' : 'error' },
      findings: messages.map((message) => ({ check: 'x', severity: 'error', message })),
    },
  ],
});

describe('fitnessText', () => {
  it('names the command that works here', () => {
    const on = (command: string | null, root = true) =>
      fitnessText(examined(), hostFacts({ root, programs: { 'bridge-setup': command } }), plain);
    expect(on(null)).toContain('This host fits. Next: `npx bridge-setup`');
    expect(on('/usr/local/bin/bridge-setup')).toContain('Next: `bridge-setup` sets it up');
    expect(on(null, false)).toContain('as far as can be seen without root. Next: `sudo npx bridge-setup`');
  });

  it('says why a host does not fit', () => {
    const text = (...messages: string[]) => fitnessText(examined(...messages), hostFacts(), plain);
    expect(text('eth0 is wireless.')).toBe('This host does not fit yet: eth0 is wireless.');
    expect(text('A.', 'B.', 'C.')).toBe('This host does not fit yet: A. (and 2 more above)');
  });
});

describe('setupRefusals', () => {
  it('are what the plan is refused for, beyond the checks', async () => {
    const host = new FakeHost();
    const refused = (facts: Parameters<typeof hostFacts>[0]) =>
      setupRefusals(host, hostFacts(facts), answersWith(), 'eth0');
    const names = (await refused({ files: {} })).map(({ check, severity }) => `${severity} ${check}`);
    expect(names).toEqual(['error no-backend']);
    // That is found by the check itself.
    const full = { path: '/etc', freeBytes: 0, freeInodes: null, readOnly: false };
    expect(await refused({ disk: [full] })).toEqual([]);
  });

  it('the runtime is no service where no systemd runs', () => {
    const host = new FakeHost();
    expect(usualInstall(hostFacts({ init: 'systemd' }), host)).toBe('service');
    expect(usualInstall(hostFacts({ init: 'other' }), host)).toBe('none');
  });
});
