import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RunningCopy } from '../../src/rehearse/copy.js';
import { eventually, HOST_ADDRESS, PROJECT, setUpAndBack, startHost } from './support.js';

const ENTER = '\r';
const UP = '\x1b[A';
const DOWN = '\x1b[B';
const CTRL_C = '\x03';
/** Erases what is typed. */
const CTRL_U = '\x15';
const PLAN = 'What next?';
const ANSWERS_FILE = '/tmp/next-host.json';

let copy: RunningCopy;
beforeAll(async () => {
  copy = await startHost();
  // Packages stay, so that each plan is made in a moment.
  await setUpAndBack(copy);
});
afterAll(() => copy?.stop());

/** The wizard in a terminal of its own, as script(1) makes one: keys in, screen out. */
function wizard(term = 'xterm') {
  let screen = '';
  const command = `stty cols 80 rows 24; exec ${process.execPath} ${PROJECT}/bin/bridge-setup.js --no-color`;
  const child = copy.sandbox.spawn(['script', '--quiet', '--return', '--command', command, '/dev/null'], {
    onLine: (line) => (screen += `${line}\n`),
    env: { TERM: term },
  });
  // Prompts end without a newline, so not all that is asked can be waited for; keys wait for their question.
  const type = async (...keys: string[]) => {
    for (const key of keys) {
      await new Promise((resolve) => setTimeout(resolve, 700));
      child.write(key);
    }
  };
  /** Until these words were written so many times. */
  const sees = (words: string, times = 1, withinMs = 60_000) =>
    eventually(
      () => `"${words}" in:\n${screen}`,
      async () => screen.split(words).length > times,
      withinMs,
    );
  /** Past the first question; what follows has read the host. */
  const begin = async () => {
    await sees('what shall be done?');
    await type(term === 'dumb' ? '2\n' : DOWN, ...(term === 'dumb' ? [] : [ENTER]));
    await sees('What is known of this host');
  };
  return { child, type, sees, begin, screen: () => screen };
}

const bridges = async () => (await copy.sandbox.run(['ip', '-o', 'link', 'show', 'type', 'bridge'])).stdout;
const nothingWasChanged = async (journals: string) => {
  expect(await bridges()).not.toContain('br0');
  expect(await checkpoints()).toBe(journals);
};
const checkpoints = async () =>
  (await copy.sandbox.run(['ls', '/var/lib/bridge-setup/checkpoints'], { check: false })).stdout;

describe('the wizard', () => {
  it('asks its first question before it reads anything, and can be left there', async () => {
    const before = await checkpoints();
    const { child, type, sees, screen } = wizard();
    await sees('what shall be done?');
    await type(DOWN, DOWN, ENTER);
    expect((await child.exited).exitCode, screen()).toBe(0);
    expect(screen()).toContain('Nothing was changed.');
    await nothingWasChanged(before);
  });

  it('leaves no trace when it is stopped at a question', async () => {
    const before = await checkpoints();
    for (const keys of [[CTRL_C], [ENTER, CTRL_C], [ENTER, ENTER, CTRL_C]]) {
      const { child, type, begin, screen } = wizard();
      await begin();
      await type(...keys);
      expect((await child.exited).exitCode, screen()).toBe(3);
      expect(screen()).toContain('nothing was changed');
    }
    await nothingWasChanged(before);
  });

  it('says what it knows, refuses a value in place, goes back, and shows the plan and the files', async () => {
    const before = await checkpoints();
    const { child, type, sees, begin, screen } = wizard();
    await begin();
    expect(screen()).toMatch(/address +192\.168\.1\.10\/24, by DHCP \(dhclient on eth0\)/);
    await type(`${CTRL_U}a-very-long-bridge-name${ENTER}`, `${CTRL_U}lan0${ENTER}`);
    await sees('15 characters');
    // To the question before, which offers what was said, and on again.
    await type(UP, UP, UP, DOWN, DOWN, DOWN, ENTER, ENTER, ENTER, ENTER);
    await sees(PLAN);
    expect(screen()).toMatch(/\d+ steps; they change .*\/etc\/network\/interfaces/);
    expect(screen()).toContain('The host keeps its address all the time');
    expect(screen()).not.toContain('Create lan0');
    await type(ENTER);
    await sees('+iface lan0 inet dhcp');
    expect(screen()).toContain('Create lan0');
    expect(screen()).toMatch(/The host stays reachable:\r?\n/);
    // The answers again; then away.
    await type(DOWN, ENTER, ENTER, ENTER, ENTER);
    await sees(PLAN, 3);
    await type(DOWN, DOWN, DOWN, ENTER);
    expect((await child.exited).exitCode, screen()).toBe(0);
    await nothingWasChanged(before);
  });

  it('draws nothing anew on a terminal that cannot, and asks by numbers', async () => {
    const before = await checkpoints();
    const { child, type, begin, sees, screen } = wizard('dumb');
    await begin();
    await type('\n', '<\n', 'lan0\n', '4\n', '\n', '\n');
    await sees(PLAN);
    await type('5\n');
    expect((await child.exited).exitCode, screen()).toBe(0);
    expect(screen()).toContain('> a number from 1 to 2, or < to go back');
    expect(screen()).toContain('lan0');
    // biome-ignore lint/suspicious/noControlCharactersInRegex: there must be none.
    expect(screen()).not.toMatch(/\x1b|\r[^\r\n]/);
    await nothingWasChanged(before);
  });

  it('sets the host up, says what is next, and keeps the answers for the next host', async () => {
    const { child, type, sees, begin, screen } = wizard();
    await begin();
    await type(ENTER, ENTER, ENTER);
    await sees(PLAN);
    await type(UP, ENTER);
    await sees('unless it is confirmed', 1, 120_000);
    await type(ENTER);
    await sees('Proved: containers on br0 are on the LAN.', 1, 120_000);
    await sees('for the next host?');
    await type(DOWN, ENTER, `${CTRL_U}${ANSWERS_FILE}${ENTER}`);
    expect((await child.exited).exitCode, screen()).toBe(0);
    expect(screen()).toContain("-e 'pipework_cmd=br0 -i eth0 @CONTAINER_NAME@ dhcp' \\");
    expect(screen()).toMatch(/@CONTAINER_NAME@ 192\.168\.1\.\d+\/24@192\.168\.1\.1' \\/);
    expect(await copy.lan.ping(HOST_ADDRESS)).toBe(3);

    const again = await copy.bridgeSetup(['--answers', ANSWERS_FILE]);
    expect([again.exitCode, again.stdout]).toEqual([0, expect.stringContaining('Nothing to change')]);
  });

  it('has nothing to do on a host that is set up', async () => {
    const { child, type, begin, screen } = wizard();
    await begin();
    await type(ENTER, ENTER, ENTER);
    expect((await child.exited).exitCode, screen()).toBe(0);
    expect(screen()).toContain('Nothing to change: br0 is set up on eth0.');
  });
});
