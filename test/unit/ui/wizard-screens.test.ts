import { describe, expect, it } from 'vitest';
import { prepare } from '../../../src/cli/prepare.js';
import type { HostFacts } from '../../../src/model/facts.js';
import { knownText, safetySentence, safetyText } from '../../../src/ui/known.js';
import { LiveLine } from '../../../src/ui/live-line.js';
import { nextText } from '../../../src/ui/next.js';
import { overviewText, planText } from '../../../src/ui/report.js';
import { style } from '../../../src/ui/style.js';
import { folded } from '../../../src/ui/wrap.js';
import { answersWith, PROGRAM } from '../support/answers.js';
import { hostFacts, link, loopback } from '../support/facts.js';
import { expectText } from '../support/golden-text.js';
import { recordedFacts } from '../support/scenario.js';

const plain = style(false);
const planOf = (facts: HostFacts) => prepare(facts, answersWith(), PROGRAM, false);

/** The host after its set-up, as far as this is about. */
const withBridge = (facts: HostFacts): HostFacts => ({
  ...facts,
  links: facts.links.map((one) => (one.name === 'eth0' ? { ...one, name: 'br0' } : one)),
});

/** Lines that do not fit on 80 columns. */
const tooLong = (text: string) => text.split('\n').filter((line) => line.length > 80);

describe('the wizard shows', () => {
  it('what it knows, the plan in three lines and in full, and why nobody is cut off, over SSH', async () => {
    const facts = await recordedFacts('ssh-session');
    const plan = planOf(facts);
    const text = [
      knownText(facts, 'eth0', 'br0', plain),
      `${overviewText(plan, plain, 80)}\n${folded(safetySentence(120), 80)}`,
      planText(plan, plain, { diffs: false, width: 80 }),
      safetyText(plan, facts, 120, plain),
      nextText(withBridge(facts), 'br0', true, plain),
    ].join('\n\n');
    expectText('test/screens/wizard-plan.txt', `${text}\n`);
    expect(tooLong(text)).toEqual([]);
    expect(tooLong(nextText(facts, 'eth0', false, plain))).toEqual([]);
    expect(planText(plan, plain)).toContain('+auto br0');
  });

  it('the risks of a plan at once, but not what is only worth a note', async () => {
    const plan = planOf(await recordedFacts('ssh-session'));
    const warning = {
      check: 'x',
      severity: 'warning',
      message: 'It may rain.',
      remedy: 'Take a coat.',
    } as const;
    const text = overviewText({ ...plan, risks: [...plan.risks, warning] }, plain, 80);
    expect(text).toContain('Risks\n  - warning: It may rain.\n    Take a coat.');
    expect(plan.risks.map(({ severity }) => severity)).toContain('info');
    expect(text).not.toContain('You are connected');
  });

  it('that nobody is connected, and that no boot takes anything back without systemd', () => {
    const facts = hostFacts({ init: 'other' });
    const text = safetyText(planOf(hostFacts()), facts, 60, plain);
    expect(text).toMatch(/^The host stays reachable:/);
    expect(text).toContain('60 s');
    expect(text).not.toContain('next boot');
  });

  it('what becomes of sessions where the address changes', async () => {
    const facts = await recordedFacts('ssh-session');
    const address = { method: 'static', address: '192.168.1.88/24', gateway: '192.168.1.1' } as const;
    const plan = prepare(facts, answersWith({ address }), PROGRAM, false);
    const text = safetyText(plan, facts, 120, plain);
    expect(text).not.toMatch(/not be cut off|connections go on/);
    expect(text).toContain('br0 also has 192.168.1.10/24 until you confirm');
    expect(text).toContain('a new session to 192.168.1.88');
    expect(tooLong(text)).toEqual([]);
    // Nothing else comes after it, and it waits for the confirmation.
    expect(plan.steps.map(({ after }) => after).indexOf('confirmation')).toBe(plan.steps.length - 1);
    expect(plan.steps.at(-1)).toMatchObject({ kind: 'retire-addresses', addresses: ['192.168.1.10/24'] });
  });

  it('where the address is from', () => {
    const leased = knownText(hostFacts(), 'eth0', 'br0', plain);
    expect(leased).toMatch(/address +192\.168\.1\.10\/24, by DHCP \(dhclient on eth0\)/);
    const noClient = hostFacts({ dhcpClients: { installed: [], running: [] } });
    expect(knownText(noClient, 'eth0', 'br0', plain)).toContain('by DHCP (eth0)');
    const bare = hostFacts({ links: [loopback, link({ addresses: [] })], routes: [] });
    expect(knownText(bare, 'eth0', 'br0', plain)).toMatch(/address +none\n +LAN +unknown/);
  });
});

describe('what to type next', () => {
  it('has an address of this LAN that nobody is known to have', () => {
    const own = { family: 4, address: '10.0.0.5', prefix: 28, scope: 'global', dynamic: false } as const;
    const facts = hostFacts({
      links: [loopback, link({ name: 'br0', addresses: [own] })],
      routes: [{ ...hostFacts().routes[0], gateway: '10.0.0.1', link: 'br0' } as never],
      dns: { nameservers: ['10.0.0.2'], search: [] },
    });
    expect(nextText(facts, 'br0', true, plain)).toContain('@CONTAINER_NAME@ 10.0.0.3/28@10.0.0.1');
    expect(nextText(facts, 'br9', true, plain)).not.toContain('static');
    expect(nextText(facts, 'br0', false, plain)).toContain('`bridge-setup daemon` has to run');
  });
});

describe('the line of what runs now', () => {
  it('is taken away for what is written above it, and at the end', () => {
    let written = '';
    const line = new LiveLine({ write: (text) => (written += text), columns: 20 });
    line.show('Create br0, which is a long title');
    line.above(() => (written += 'note\n'));
    line.show(null);
    line.above(() => (written += 'done\n'));
    const [erase, drawn] = ['\r\x1b[K', '  … Create br0, whi'];
    expect(written).toBe(`${drawn}${erase}note\n${drawn}${erase}done\n`);
    expect(drawn.length).toBeLessThan(20);
  });
});
