import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { AttachRule } from '../../../src/attach/rule/grammar.js';
import { parsePipework } from '../../../src/attach/rule.js';
import { anyWord, errorOf, expectNamesToken, FUZZ_TIMEOUT_MS, RUNS } from './rule-words.js';

const pipework = (args: string | readonly string[]) =>
  parsePipework(typeof args === 'string' ? args.split(' ') : args, 'dhcpcd');
const attachRule = (args: string | readonly string[]): AttachRule => {
  const parsed = pipework(args);
  if (parsed.command !== 'attach') throw new Error('it attaches nothing');
  return parsed.rule;
};
describe('the command line', () => {
  const plain = {
    target: { by: 'name', name: 'br0' },
    guest: 'c',
    interfaceName: 'eth1',
    hostInterfaceName: null,
    mac: null,
    vlan: null,
    directPhys: false,
    create: false,
    notes: [],
  };

  it.each([
    ['br0 c 0/0', {}],
    ['mac:02:00:00:00:00:0A c 0/0', { target: { by: 'mac', mac: '02:00:00:00:00:0a' } }],
    ['--direct-phys eth2 c 0/0', { target: { by: 'name', name: 'eth2' }, directPhys: true }],
    ['--create br0 c 0/0', { create: true }],
    ['br0 c 0/0 @10', { vlan: 10 }],
    ['br0 c 0/0 02:00:00:00:00:01@4094', { mac: '02:00:00:00:00:01', vlan: 4094 }],
    // printf 'myhost.foo.com\\n' | md5sum; the README of the original has it.
    ['br0 c 0/0 U:myhost.foo.com@7', { mac: '02:72:6c:cd:9b:8d', vlan: 7 }],
  ])('takes %s', (rule, parts) => {
    expect(attachRule(rule)).toEqual({ ...plain, address: { method: 'none' }, ...parts });
  });

  it('takes options anywhere', () => {
    const wanted = attachRule('br0 -i eth0 -l host0 -a 4 c 10.0.0.5/8');
    for (const order of [
      '-i eth0 br0 -a 4 c -l host0 10.0.0.5/8',
      'br0 c 10.0.0.5/8 -l host0 -a 4 -i eth0',
      '-a 4 -l host0 -i eth0 br0 c 10.0.0.5/8',
    ]) {
      expect(attachRule(order)).toEqual(wanted);
    }
  });

  it.each([
    ['dhcp', 'dhcpcd'],
    ['dhcp:-f', 'dhcpcd'],
    ['udhcpc', 'udhcpc'],
    ['udhcpc-f', 'udhcpc'],
    ['dhclient', 'dhclient'],
    ['dhclient-f', 'dhclient'],
    ['dhclient-f:-v', 'dhclient'],
    ['dhcpcd', 'dhcpcd'],
    ['dhcpcd-f', 'dhcpcd'],
  ])('takes the client of %s', (word, client) => {
    const rule = attachRule(`br0 c ${word}`);
    expect(rule.address).toEqual({ method: 'dhcp', client });
    expect(rule.notes).toHaveLength(word.includes(':') ? 1 : 0);
  });

  it('takes spaces inside an argument where the original does', () => {
    expect(attachRule(['br0', 'c', 'udhcpc:-t 5 -T 3']).notes[0]).toContain('-t 5 -T 3');
    // printf 'my host\\n' | md5sum
    expect(attachRule(['br0', 'c', '0/0', 'U:my   host']).mac).toBe('02:29:89:b4:7a:d8');
    expect(attachRule(['br0 c  0/0 ']).guest).toBe('c');
    expect(attachRule(['br0', 'c', '0/0', '']).mac).toBeNull();
  });

  it('hands the arguments of route, rule and tc on as they are', () => {
    expect(pipework(['route', 'c', 'add', '10.0.0.0/8', 'via', '$(id) x'])).toEqual({
      command: 'inside',
      program: 'route',
      guest: 'c',
      args: ['add', '10.0.0.0/8', 'via', '$(id) x'],
    });
    expect(pipework('rule c add from 10.0.0.1 table 1')).toMatchObject({ program: 'rule' });
    expect(pipework('pipework tc c qdisc add dev eth0 root netem loss 30%')).toMatchObject({ program: 'tc' });
  });

  it('takes --wait', () => {
    expect(pipework('--wait')).toEqual({ command: 'wait', rule: { interfaceName: 'eth1', linkOnly: false } });
    expect(pipework('--wait -i ib0 0/0')).toEqual({
      command: 'wait',
      rule: { interfaceName: 'ib0', linkOnly: true },
    });
  });

  it.each([
    ['br0 c 0/0 @0', 'rule-vlan', '@0'],
    ['br0 c 0/0 @4095', 'rule-vlan', '@4095'],
    ['br0 c 0/0 @x', 'rule-vlan', '@x'],
    ['br0 c 0/0 @1@2', 'rule-vlan', '@1@2'],
    ['br0 c 0/0 @', 'rule-vlan', '@'],
    ['br0 c 0/0 nonsense@2', 'rule-mac', 'nonsense@2'],
    ['mac:02:00 c 0/0', 'rule-mac', 'mac:02:00'],
    ['mac: c 0/0', 'rule-mac', 'mac:'],
    ['--wait br0', 'rule-extra', 'br0'],
    ['--wait -l x', 'rule-option', '-l'],
    ['--save br0', 'rule-option', '--save'],
    ['route', 'rule-incomplete', null],
    ['route c', 'rule-incomplete', 'route'],
    ['tc $(id) show', 'rule-guest', '$(id)'],
    [`tc c ${'x'.repeat(5000)}`, 'rule-too-long', `${'x'.repeat(80)}…`],
    [`tc c ${'x '.repeat(300)}`, 'rule-too-long', 'tc'],
  ])('refuses %s with %s', (rule, code, token) => {
    const error = errorOf(rule, pipework);
    expect([error.code, error.token]).toEqual([code, token]);
  });

  it(
    'parses or throws a RuleError that names a token',
    () => {
      fc.assert(
        fc.property(fc.array(anyWord, { maxLength: 18 }), (words) => {
          try {
            const parsed = pipework(words);
            if (parsed.command === 'inside') return;
            // A note quotes the rule.
            expect(JSON.stringify({ ...parsed.rule, notes: [] })).not.toMatch(/[$`&|<>\\]/);
          } catch (error) {
            expectNamesToken(error, words);
          }
        }),
        { numRuns: RUNS },
      );
    },
    FUZZ_TIMEOUT_MS,
  );
});
