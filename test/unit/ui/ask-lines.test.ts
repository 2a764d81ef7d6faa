import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { lineAsker } from '../../../src/ui/ask-lines.js';
import { BACK, Stopped } from '../../../src/ui/asker.js';
import { expectText } from '../support/golden-text.js';

/** A terminal that these lines are typed into, all at once; what it shows, with what was typed. */
function terminal(...typed: string[]) {
  const input = new PassThrough();
  let screen = '';
  const stop = new AbortController();
  const asker = lineAsker({ input, output: { write: (text) => (screen += text) }, signal: stop.signal });
  for (const line of typed) input.write(`${line}\n`);
  return { asker, input, stop, screen: () => screen };
}

const WHICH = {
  message: 'Which NIC is on the LAN?',
  choices: [
    { value: 'eth0', name: 'eth0  has the default route' },
    { value: 'eth1', name: 'eth1  no cable' },
  ],
  offered: 'eth0',
  canGoBack: true,
} as const;
const NAME = {
  message: 'Name of the bridge',
  offered: 'br0',
  canGoBack: true,
  problem: (value: string) => (value.length > 15 ? 'an interface name has at most 15 characters' : null),
};

describe('questions line by line', () => {
  it('look like this', async () => {
    const { asker, screen } = terminal('7', '2', 'a-very-long-bridge-name', '', '<', '<');
    expect(await asker.choose(WHICH)).toBe('eth1');
    expect(await asker.text(NAME)).toBe('br0');
    expect(await asker.text(NAME)).toBe(BACK);
    expect(await asker.choose(WHICH)).toBe(BACK);
    // Where there is no echo, each answer is missing before the next line.
    expectText('test/screens/wizard-dumb.txt', screen().replace(/(\]: )/g, '$1\n'));
    expect(screen()).toMatch(/^[\x20-\x7e\n]*$/);
  });

  it('take Enter for what is offered, and no back where there is none', async () => {
    const { asker } = terminal('', '<', '1');
    expect(await asker.choose(WHICH)).toBe('eth0');
    expect(await asker.choose({ ...WHICH, canGoBack: false })).toBe('eth0');
  });

  it('end with Ctrl-C and with the end of the input, also before it is asked', async () => {
    const interrupted = terminal();
    const asking = interrupted.asker.text(NAME);
    interrupted.stop.abort();
    await expect(asking).rejects.toThrow(Stopped);
    const ended = terminal();
    ended.input.end();
    await expect(ended.asker.choose(WHICH)).rejects.toThrow(Stopped);
    await expect(ended.asker.choose(WHICH)).rejects.toThrow(Stopped);
  });
});

describe('waiting for Enter', () => {
  const never = new AbortController().signal;

  it('is true for Enter, false for Ctrl-C, and an error when the terminal is gone', async () => {
    expect(await terminal('').asker.enter('Keep it?', 60, never)).toBe(true);
    const interrupted = terminal();
    const asking = interrupted.asker.enter('Keep it?', 60, never);
    interrupted.stop.abort();
    expect(await asking).toBe(false);
    const gone = terminal();
    gone.input.end();
    await expect(gone.asker.enter('Keep it?', 60, never)).rejects.toThrow(Stopped);
  });

  it('ends when it was decided otherwise', async () => {
    const decided = new AbortController();
    const asking = terminal().asker.enter('Keep it?', 60, decided.signal);
    decided.abort(new Error('confirmed elsewhere'));
    await expect(asking).rejects.toThrow('confirmed elsewhere');
  });
});
