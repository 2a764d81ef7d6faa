import { afterEach, describe, expect, it, vi } from 'vitest';
import { carryOut } from '../../../src/cli/carry-out.js';
import { askFirst } from '../../../src/cli/opening.js';
import { prepare } from '../../../src/cli/prepare.js';
import { rehearseHost } from '../../../src/cli/rehearse.js';
import { decideOnPlan } from '../../../src/cli/wizard-plan.js';
import { BACK } from '../../../src/ui/asker.js';
import { Output } from '../../../src/ui/output.js';
import { answersWith, PROGRAM } from '../support/answers.js';
import { hostFacts } from '../support/facts.js';
import { FakeHost } from '../support/fake-host.js';
import { scripted } from '../support/scripted-asker.js';

// What acts is not what this is about.
vi.mock('../../../src/cli/carry-out.js', () => ({ carryOut: vi.fn(async () => 0) }));
vi.mock('../../../src/cli/rehearse.js', () => ({ rehearseHost: vi.fn(async () => 0) }));
vi.mock('../../../src/cli/read-facts.js', () => ({ readFacts: async () => hostFacts() }));
afterEach(() => vi.clearAllMocks());

const PLAN = 'What next?';
const INPUT = { version: 1, bridge: { name: 'br0', uplink: 'eth0' } };

/** Somebody decides on the plan of a usual host. */
async function decide(sayings: Parameters<typeof scripted>[0], host = new FakeHost(), rehearsed = false) {
  const { asker, asked, left } = scripted(sayings);
  let said = '';
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    said += text;
    return true;
  });
  const facts = hostFacts();
  const answers = answersWith();
  const work = {
    plan: prepare(facts, answers, PROGRAM, true),
    answers,
    input: INPUT,
    facts,
    program: PROGRAM,
  };
  const output = new Output({ json: false, quiet: false, verbose: false, color: false });
  const signal = new AbortController().signal;
  const code = await decideOnPlan({ host, output, signal, first: null }, asker, work, rehearsed).finally(() =>
    vi.restoreAllMocks(),
  );
  expect(left).toEqual([]);
  return {
    code,
    said,
    answers,
    offers: asked.filter(({ message }) => message === PLAN).map((one) => one.offered),
  };
}

describe('a plan', () => {
  it('is shown in a few lines, without its diffs, and left: nothing is carried out', async () => {
    const { code, said } = await decide([[PLAN, 'leave']]);
    expect(code).toBe(0);
    expect(said).toMatch(/\d+ steps; they change [\s\S]*\/etc\/network\/interfaces\./);
    expect(said).toContain('The host keeps its address all the time');
    expect(said).not.toContain('Create br0');
    expect(said).not.toContain('+auto br0');
    expect(said).toContain('Nothing was changed.');
    expect(carryOut).not.toHaveBeenCalled();
  });

  it('offers first to look, then to rehearse with these answers, then to act', async () => {
    const { said, offers, answers } = await decide([
      [PLAN, null],
      [PLAN, null],
      [PLAN, 'leave'],
    ]);
    expect(offers).toEqual(['details', 'rehearse', 'act']);
    expect(said).toContain('+auto br0');
    expect(said).toContain('The host stays reachable:');
    expect(rehearseHost).toHaveBeenCalledExactlyOnceWith(expect.anything(), answers);
    expect((await decide([[PLAN, 'leave']], undefined, true)).offers).toEqual(['act']);
  });

  it('is not offered after a rehearsal that failed', async () => {
    vi.mocked(rehearseHost).mockResolvedValueOnce(6);
    const { offers } = await decide([
      [PLAN, 'rehearse'],
      [PLAN, 'leave'],
    ]);
    expect(offers).toEqual(['details', 'details']);
  });

  it('goes back to the answers', async () => {
    expect((await decide([[PLAN, 'answers']])).code).toBe(BACK);
    expect(carryOut).not.toHaveBeenCalled();
  });
});

describe('after the plan was carried out', () => {
  it('what is next is said, and the answers are kept where somebody wants it; no file is written over', async () => {
    const host = new FakeHost();
    host.content.set('/root/taken.json', 'mine');
    const { code, said } = await decide(
      [
        [PLAN, 'act'],
        ['for the next host?', 'yes'],
        ['File', '/root/taken.json'],
        ['File', '/root/next.json'],
      ],
      host,
    );
    expect(code).toBe(0);
    expect(carryOut).toHaveBeenCalledExactlyOnceWith(
      expect.anything(),
      expect.objectContaining({ attended: true }),
    );
    expect(said).toContain("-e 'pipework_cmd=br0 -i eth0 @CONTAINER_NAME@ dhcp' \\");
    expect(said).toContain('/root/taken.json is there already.');
    expect(host.content.get('/root/taken.json')).toBe('mine');
    expect(JSON.parse(host.content.get('/root/next.json') ?? '')).toEqual(INPUT);
  });

  it('nothing is written by Enter alone, nor by Ctrl-C, which is no failure any more', async () => {
    for (const saying of [null, '^C']) {
      const host = new FakeHost();
      const { code } = await decide(
        [
          [PLAN, 'act'],
          ['for the next host?', saying],
        ],
        host,
      );
      expect([code, [...host.content.keys()]]).toEqual([0, []]);
    }
  });

  it('nothing is promised where it failed', async () => {
    vi.mocked(carryOut).mockResolvedValueOnce(6);
    const { code, said } = await decide([[PLAN, 'act']]);
    expect(code).toBe(6);
    expect(said).not.toContain('docker run');
  });
});

describe('the first question', () => {
  it('offers the rehearsal, and once that was done the set-up', async () => {
    expect(await askFirst(scripted([]).asker, false)).toBe('rehearse');
    expect(await askFirst(scripted([]).asker, true)).toBe('set-up');
  });
});
