import { describe, expect, it } from 'vitest';
import { leafPaths, parseAnswers } from '../../../src/cli/answers-file.js';
import { prepare } from '../../../src/cli/prepare.js';
import { withValues } from '../../../src/cli/provenance.js';
import { planText } from '../../../src/ui/report.js';
import { style } from '../../../src/ui/style.js';
import { PROGRAM } from '../support/answers.js';
import { UPLINK_MAC } from '../support/facts.js';
import { recordedFacts } from '../support/scenario.js';

/** The plan of a recorded host for answers as somebody wrote them. */
async function planned(name: string, input: object) {
  const facts = await recordedFacts(name);
  const asked = { answers: parseAnswers(input), given: leafPaths(input) };
  return withValues(prepare(facts, asked.answers, PROGRAM, false), asked, facts);
}

describe('each value of a plan', () => {
  it('was given, or detected, or is a default', async () => {
    const { values = [] } = await planned('debian12-dhcp', {
      version: 1,
      bridge: { uplink: 'auto', name: 'lan0' },
      verify: { container: { image: null } },
    });
    const of = (path: string) => values.find((value) => value.path === path);
    expect(of('bridge.name')).toEqual({ path: 'bridge.name', value: 'lan0', origin: 'given' });
    expect(of('verify.container.image')).toMatchObject({ value: null, origin: 'given' });
    expect(of('bridge.uplink')).toEqual({
      path: 'bridge.uplink',
      value: 'eth0',
      origin: 'detected',
      from: "the default route's NIC",
    });
    expect(of('address.address')).toMatchObject({
      origin: 'detected',
      from: 'on eth0, by dhclient',
    });
    expect(of('bridge.stp')).toEqual({ path: 'bridge.stp', value: false, origin: 'default' });
    expect(values.filter(({ path }) => /version|schema/.test(path))).toEqual([]);
    expect(new Set(values.map(({ path }) => path)).size).toBe(values.length);
  });

  it('that was given is not said to be detected', async () => {
    const { values = [] } = await planned('debian12-static', {
      version: 1,
      bridge: { uplink: 'eth0', mac: UPLINK_MAC },
      verify: { ping: ['192.168.1.1'] },
      address: { method: 'static', address: '192.168.1.20/24', gateway: '192.168.1.1' },
    });
    const given = values.filter(({ origin }) => origin === 'given').map(({ path }) => path);
    expect(given.sort()).toEqual([
      'address.address',
      'address.gateway',
      'address.method',
      'bridge.mac',
      'bridge.uplink',
      'verify.ping',
    ]);
    expect(values.filter(({ origin }) => origin === 'detected')).toEqual([]);
  });

  it('stands in the text, within 80 columns', async () => {
    const plan = await planned('debian12-static', { version: 1, bridge: { uplink: 'auto', name: 'lan0' } });
    const [, section = ''] = /\nAnswers\n([\s\S]*?)\n\n/.exec(planText(plan, style(false))) ?? [];
    expect(section).toMatch(/^ {2}bridge\.name +lan0 +given\n/);
    expect(section).toMatch(/^ {2}bridge\.uplink +eth0 +detected: the default route's NIC$/m);
    expect(section).toMatch(/^ {2}default: .*bridge\.stp false, /m);
    expect(section.split('\n').filter((line) => line.length > 80)).toEqual([]);
  });
});
