import fc from 'fast-check';
import { expect } from 'vitest';
import { printable, RuleError } from '../../../src/attach/rule.js';

/** Half a minute for all that use it; how many more is up to who waits. */
export const RUNS = Number(process.env.BRIDGE_SETUP_FUZZ_RUNS ?? 100_000);
/** For so many on a busy machine. */
export const FUZZ_TIMEOUT_MS = 600_000;
/** Words that rules have, and others. */
export const anyWord = fc.oneof(
  { weight: 5, arbitrary: fc.constantFrom('br0', '-i', 'eth0', '-l', '-a', '4', '6', 'c', 'web-1') },
  {
    weight: 5,
    arbitrary: fc.constantFrom('dhcp', '0/0', '10.0.0.5/8@10.0.0.1', 'U:x', '@7', 'udhcpc:-f', 'dhclient-f'),
  },
  {
    weight: 2,
    arbitrary: fc.constantFrom(
      ...['--direct-phys', '--create', '--wait', 'mac:02:00:00:00:00:01', 'dummy', 'route', 'tc', 'pipework'],
    ),
  },
  { weight: 1, arbitrary: fc.constantFrom('$(reboot)', '`id`', 'a;b', '02:00:00:00:00:01@4095', 'U:a b') },
  { weight: 2, arbitrary: fc.string({ unit: 'binary', maxLength: 300 }) },
);

/** A fault has a name, and a token that stands in the rule unless the fault is in the rule as a whole. */
export function expectNamesToken(error: unknown, words: readonly string[]): void {
  expect(error).toBeInstanceOf(RuleError);
  const { code, token, message } = error as RuleError;
  if (token === null) expect(['rule-incomplete', 'rule-too-long']).toContain(code);
  else {
    expect(message).toContain(token);
    const text = printable(words.join(' '), 10_000).replace(/\s+/g, ' ');
    expect(text).toContain(token.replace(/…$/, ''));
  }
}

/** The error of a rule that is refused. */
export const errorOf = (rule: string, parse: (rule: string) => unknown): RuleError => {
  try {
    parse(rule);
  } catch (error) {
    if (error instanceof RuleError) return error;
    throw error;
  }
  throw new Error(`"${rule}" was taken`);
};
