import { describe, expect, it } from 'vitest';
import { prepare, settleUplink } from '../../../src/cli/prepare.js';
import type { HostFacts } from '../../../src/model/facts.js';
import { answersWith, PROGRAM } from '../support/answers.js';
import { hostFacts } from '../support/facts.js';
import { refusedBy } from '../support/refused.js';

const plan = (facts: Partial<HostFacts>, dryRun = false) =>
  prepare(hostFacts(facts), answersWith(), PROGRAM, dryRun);
const session = { ssh: true, client: '192.168.1.77', link: 'eth0' };

describe('settleUplink', () => {
  it('takes a name as it is, and "auto" from the default route', () => {
    expect(settleUplink(answersWith({ bridge: { uplink: 'eth7' } }), hostFacts())).toBe('eth7');
    expect(settleUplink(answersWith(), hostFacts())).toBe('eth0');
  });

  it('does not guess without a default route, and names what there is', async () => {
    const error = await refusedBy(() => settleUplink(answersWith(), hostFacts({ routes: [] })));
    expect([error.code, error.exitCode]).toEqual(['uplink-unclear', 3]);
    expect(error.problems).toMatchObject([{ path: 'bridge.uplink', remedy: 'Name it: eth0.' }]);
  });
});

describe('prepare', () => {
  it('refuses errors before it plans anything', async () => {
    const error = await refusedBy(() => plan({ root: false, files: {} }));
    expect(error.code).toBe('not-root');
  });

  it('lets a dry run be anybody’s', () => {
    expect(plan({ root: false }, true).steps.length).toBeGreaterThan(0);
  });

  it('says what is risky, in the plan', () => {
    expect(plan({ session }).risks).toMatchObject([{ check: 'remote-session', severity: 'info' }]);
    expect(plan({}).risks).toEqual([]);
  });

  it('refuses a host whose uplink nobody configures in a way that it knows', async () => {
    const error = await refusedBy(() => plan({ files: {} }));
    expect([error.code, error.exitCode]).toEqual(['no-backend', 3]);
  });
});
