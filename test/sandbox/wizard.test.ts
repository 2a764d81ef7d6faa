import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RunningCopy } from '../../src/rehearse/copy.js';
import { eventually, HOST_ADDRESS, PROJECT, startHost } from './support.js';

const ENTER = '\r';
const DOWN = '\x1b[B';
const CTRL_C = '\x03';

let copy: RunningCopy;
beforeAll(async () => {
  copy = await startHost();
});
afterAll(() => copy?.stop());

/** The wizard in a terminal of its own, as script(1) makes one: keys in, screen out. */
function wizard() {
  let screen = '';
  const child = copy.sandbox.spawn(
    [
      'script',
      '--quiet',
      '--return',
      '--command',
      `${process.execPath} ${PROJECT}/bin/bridge-setup.js --no-color`,
      '/dev/null',
    ],
    { onLine: (line) => (screen += `${line}\n`), env: { TERM: 'xterm', COLUMNS: '80' } },
  );
  // Prompts end without a newline; what was asked is known from the echo of the answer, so keys follow in order.
  const type = async (...keys: string[]) => {
    for (const key of keys) {
      await new Promise((resolve) => setTimeout(resolve, 1200));
      child.write(key);
    }
  };
  return { child, type, screen: () => screen };
}

const bridges = async () => (await copy.sandbox.run(['ip', '-o', 'link', 'show', 'type', 'bridge'])).stdout;

describe('the wizard', () => {
  it('changes nothing when it is stopped at a question', async () => {
    const { child, type, screen } = wizard();
    await type(ENTER, CTRL_C);
    const { exitCode } = await child.exited;
    expect(exitCode, screen()).toBe(3);
    expect(screen()).toContain('nothing was changed');
    expect(await bridges()).not.toContain('br0');
  });

  it('changes nothing when the plan is declined', async () => {
    const { child, type, screen } = wizard();
    await type(ENTER, ENTER, ENTER, `n${ENTER}`);
    expect((await child.exited).exitCode, screen()).toBe(0);
    expect(screen()).toContain('+iface br0 inet dhcp');
    expect(await bridges()).not.toContain('br0');
  });

  it('refuses a value in place, with the reason', async () => {
    const { child, type, screen } = wizard();
    await type(`a-very-long-bridge-name${ENTER}`, CTRL_C);
    await child.exited;
    expect(screen()).toContain('15 characters');
  });

  it('sets the host up', async () => {
    const { child, type, screen } = wizard();
    await type(ENTER, ENTER, ENTER, `y${ENTER}`);
    await eventually(screen, async () => screen().includes('unless it is confirmed'), 120_000);
    await type(ENTER);
    expect((await child.exited).exitCode, screen()).toBe(0);
    expect(screen()).toContain('Proved: containers on br0 are on the LAN.');
    expect(await copy.lan.ping(HOST_ADDRESS)).toBe(3);
    await eventually('br0 is there', async () => (await bridges()).includes('br0'));
  });

  it('takes another choice of a list', async () => {
    const { child, type, screen } = wizard();
    await type(ENTER, DOWN, ENTER, CTRL_C);
    await child.exited;
    expect(screen()).toContain('From the DHCP server of the LAN');
  });
});
