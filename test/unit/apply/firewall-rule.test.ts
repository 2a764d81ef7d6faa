import { expect, it } from 'vitest';
import { insertRule, removeRule } from '../../../src/apply/firewall-rule.js';
import { FakeHost } from '../support/fake-host.js';

const RULE = { program: 'iptables', chain: 'DOCKER-USER', rule: ['-i', 'br0', '-j', 'ACCEPT'] } as const;
const LINE = '-A DOCKER-USER -i br0 -j ACCEPT';

/** A host whose chain has these rules. */
function hostWith(...rules: string[]) {
  const host = new FakeHost();
  host.script = (argv) => {
    if (argv.includes('-I')) rules.unshift(LINE);
    if (argv.includes('-D')) rules.splice(rules.indexOf(LINE), 1);
    return { stdout: ['-N DOCKER-USER', ...rules, ''].join('\n') };
  };
  return { host, rules };
}

it('inserts a rule as the first, once, and takes away that one only, once', async () => {
  const { host, rules } = hostWith('-A DOCKER-USER -j DROP', LINE);
  for (const _ of ['once', 'again']) await insertRule({ ...RULE, kind: 'insert-rule', copies: 1 }, host);
  expect(rules).toEqual([LINE, '-A DOCKER-USER -j DROP', LINE]);
  for (const _ of ['once', 'again']) await removeRule({ ...RULE, kind: 'remove-rule', copies: 1 }, host);
  expect(rules).toEqual(['-A DOCKER-USER -j DROP', LINE]);
});

it('does not take a rule for gone while another program holds the lock, and does where its chain is gone', async () => {
  const { host } = hostWith(LINE);
  host.script = () => ({ exitCode: 4, stderr: 'Another app is currently holding the xtables lock.' });
  const removal = { ...RULE, kind: 'remove-rule', copies: 0 } as const;
  await expect(removeRule(removal, host)).rejects.toThrow(/xtables lock/);
  host.script = () => ({ exitCode: 1, stderr: 'iptables: No chain/target/match by that name.' });
  await removeRule(removal, host);
});
