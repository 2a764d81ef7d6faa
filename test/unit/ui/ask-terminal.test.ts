import { PassThrough } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { stripVTControlCharacters } from 'node:util';
import { describe, expect, it } from 'vitest';
import { terminalAsker } from '../../../src/ui/ask-terminal.js';
import { BACK, Stopped } from '../../../src/ui/asker.js';
import { expectText } from '../support/golden-text.js';

const [ENTER, DOWN, CTRL_C, CTRL_U] = ['\r', '\x1b[B', '\x03', '\x15'];

/** A terminal of 80 columns. */
function terminal(signal?: AbortSignal) {
  const input = new PassThrough();
  const output = Object.assign(new PassThrough(), { columns: 80, rows: 24, isTTY: true });
  // Each question ends its output, which a real terminal survives.
  output.end = () => output;
  let frame = '';
  output.setEncoding('utf8').on('data', (text: string) => {
    const words = stripVTControlCharacters(text).trim();
    if (words !== '') frame = words;
  });
  /** What the screen shows once it has these words, after a key was pressed. */
  const shows = async (words: string, key = '') => {
    input.write(key);
    for (let tries = 0; !frame.includes(words); tries++) {
      if (tries > 1000) throw new Error(`no "${words}" in:\n${frame}`);
      await delay(10);
    }
    return frame;
  };
  return { asker: terminalAsker({ input, output, ...(signal === undefined ? {} : { signal }) }), shows };
}

const WHICH = {
  message: 'Which NIC is on the LAN?',
  choices: [
    { value: 'eth0', name: 'eth0  has the default route', short: 'eth0' },
    { value: 'eth1', name: 'eth1  no cable', short: 'eth1' },
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

describe('questions on a terminal', () => {
  it('look like this', async () => {
    const { asker, shows } = terminal();
    const screens: string[] = [];
    const which = asker.choose(WHICH);
    screens.push(await shows('❯ eth0'), await shows('❯ eth1', DOWN), await shows('✔', ENTER));
    expect(await which).toBe('eth1');
    const name = asker.text(NAME);
    screens.push(await shows('(br0)'));
    await shows('a-very-long-name', 'a-very-long-name');
    screens.push(await shows('15 characters', ENTER));
    await shows('(br0)', CTRL_U);
    await shows('lan0', 'lan0');
    screens.push(await shows('✔', ENTER));
    expect(await name).toBe('lan0');
    const text = screens.join('\n\n---\n\n');
    expect(text.split('\n').filter((line) => line.length > 80)).toEqual([]);
    expectText('test/screens/wizard-terminal.txt', `${text}\n`);
  });

  it('go back', async () => {
    const { asker, shows } = terminal();
    const which = asker.choose(WHICH);
    await shows('❯ eth0');
    await shows('❯ eth1', DOWN);
    await shows('❯ Back', DOWN);
    await shows('✔', ENTER);
    expect(await which).toBe(BACK);
    const name = asker.text(NAME);
    await shows('(br0)');
    await shows(': <', '<');
    await shows('✔', ENTER);
    expect(await name).toBe(BACK);
  });

  it('end with Ctrl-C', async () => {
    const { asker, shows } = terminal();
    const which = expect(asker.choose(WHICH)).rejects.toThrow(Stopped);
    await shows('❯ eth0');
    await shows('', CTRL_C);
    await which;
    const name = expect(asker.text(NAME)).rejects.toThrow(Stopped);
    await shows('(br0)');
    await shows('', CTRL_C);
    await name;
  });

  it('end with SIGTERM', async () => {
    const stop = new AbortController();
    const { asker, shows } = terminal(stop.signal);
    const which = expect(asker.choose(WHICH)).rejects.toThrow(Stopped);
    await shows('❯ eth0');
    stop.abort();
    await which;
  });
});

describe('waiting for Enter', () => {
  it('is true for Enter, false for Ctrl-C, and an error when it was decided otherwise', async () => {
    const { asker, shows } = terminal();
    const decided = new AbortController();
    const yes = asker.enter('Keep it?', 2, decided.signal);
    await shows('Keep it? 2 s left');
    await shows('Keep it? 0 s left');
    await shows('', ENTER);
    expect(await yes).toBe(true);
    const no = asker.enter('Still?', 60, decided.signal);
    await shows('Still?');
    await shows('', CTRL_C);
    expect(await no).toBe(false);
    const elsewhere = asker.enter('And now?', 60, decided.signal).catch((error: Error) => error.name);
    await shows('And now?');
    decided.abort();
    expect(await elsewhere).toBe('AbortPromptError');
  });
});
