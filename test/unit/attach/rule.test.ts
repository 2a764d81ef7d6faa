import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseRule } from '../../../src/attach/rule.js';
import { anyWord, errorOf, expectNamesToken, FUZZ_TIMEOUT_MS, RUNS } from './rule-words.js';

describe('parseRule', () => {
  it.each([
    ['br0 MY_CONTAINER 192.168.1.50/24', 'MY_CONTAINER', 'eth1', '192.168.1.50/24', null],
    ['br0 -i eth0 test1 192.168.1.70/24 ', 'test1', 'eth0', '192.168.1.70/24', null],
    ['pipework br0 c 10.0.0.5/8@10.0.0.1', 'c', 'eth1', '10.0.0.5/8', '10.0.0.1'],
    ['br0 /c 10.0.0.5/8@', 'c', 'eth1', '10.0.0.5/8', null],
    ['br0 c 192.168.1.5/32@10.9.8.7', 'c', 'eth1', '192.168.1.5/32', '10.9.8.7'],
    ['br0 -a 6 c 2001:DB8:0::5/64@fe80::1', 'c', 'eth1', '2001:db8::5/64', 'fe80::1'],
    ['br0 c 192.168.1.0/31', 'c', 'eth1', '192.168.1.0/31', null],
  ])('takes a static address: %s', (rule, guest, interfaceName, address, gateway) => {
    const parsed = parseRule(rule);
    expect(parsed.guest).toBe(guest);
    expect(parsed.endpoint).toMatchObject({
      bridge: 'br0',
      interfaceName,
      mac: null,
      hostInterfaceName: null,
    });
    expect(parsed.endpoint.address).toMatchObject({ method: 'static', address, gateway });
  });

  it.each(['br0 MY_CONTAINER udhcpc', 'br0 MY_CONTAINER dhcp', 'br0 MY_CONTAINER udhcpc-f'])(
    'takes DHCP: %s',
    (rule) => {
      expect(parseRule(rule).endpoint.address).toEqual({ method: 'dhcp', client: 'udhcpc' });
    },
  );

  it('takes an interface without an address, and the options in any order', () => {
    const { endpoint } = parseRule('br0 -l veth-web -i lan0 web 0/0 02:00:00:00:00:AA');
    expect(endpoint).toEqual({
      bridge: 'br0',
      interfaceName: 'lan0',
      hostInterfaceName: 'veth-web',
      mac: '02:00:00:00:00:aa',
      address: { method: 'none' },
    });
  });

  it("makes the same MAC address of U:string as pipework's md5sum does", () => {
    // printf 'hello\n' | md5sum: b1946ac92492d2347c6235b4d2611184
    expect(parseRule('br0 c dhcp U:hello').endpoint.mac).toBe('02:b1:94:6a:c9:24');
  });

  it('takes arguments as well as text', () => {
    expect(parseRule(['br0', '-i', 'eth0', 'c', 'dhcp'])).toEqual(parseRule('br0 -i eth0 c dhcp'));
  });

  it.each([
    ['br0 c dhcp-f', 'rule-address', 'dhcp-f'],
    ['br0 c dhclient:-sf', 'rule-unsupported', 'dhclient:-sf'],
    ['br0 c dhclient:/etc/passwd', 'rule-unsupported', 'dhclient:/etc/passwd'],
    ['br0 c udhcpc:-s', 'rule-unsupported', 'udhcpc:-s'],
    ['--create br0 c dhcp', 'rule-unsupported', '--create'],
    ['br0 c dhcp --direct-phys', 'rule-unsupported', '--direct-phys'],
    ['br0 c --wait', 'rule-unsupported', '--wait'],
    ['rule c add from 10.0.0.1 table 1', 'rule-unsupported', 'rule'],
    ['pipework route c add 10.0.0.0/8 via 10.1.1.1', 'rule-unsupported', 'route'],
    ['br0 c dhcpcd:-t', 'rule-option', 'dhcpcd:-t'],
    ['br0 c udhcpc:-R', 'rule-unsupported', 'udhcpc:-R'],
    ['br0 -a 6 c dhcp', 'rule-unsupported', 'dhcp'],
    ['br0 c 10.0.0.5/8 02:00:00:00:00:01@10', 'rule-unsupported', '02:00:00:00:00:01@10'],
    ['br0 c 10.0.0.5/8 @10', 'rule-unsupported', '@10'],
    ['mac:02:00:00:00:00:01 c 10.0.0.5/8', 'rule-unsupported', 'mac:02:00:00:00:00:01'],
    ['route c add 10.0.0.0/8 via 10.1.1.1', 'rule-unsupported', 'route'],
    ['tc c qdisc show', 'rule-unsupported', 'tc'],
    ['--direct-phys eth1 c dhcp', 'rule-unsupported', '--direct-phys'],
    ['--wait -i eth0', 'rule-unsupported', '--wait'],
    ['dummy c 10.0.0.5/8', 'rule-unsupported', 'dummy'],
    ['', 'rule-incomplete', null],
    ['br0', 'rule-incomplete', null],
    ['br0 c', 'rule-incomplete', null],
    ['br0 -x c dhcp', 'rule-option', '-x'],
    ['br0 -i eth0 -i eth1 c dhcp', 'rule-option', '-i'],
    ['br0 -a 5 c dhcp', 'rule-option', '5'],
    ['br0 -i', 'rule-option', '-i'],
    ['br0 -i a-name-that-is-too-long c dhcp', 'rule-interface', 'a-name-that-is-too-long'],
    ['br0 -i lo c dhcp', 'rule-interface', 'lo'],
    ['br0 -i ../x c dhcp', 'rule-interface', '../x'],
    ['br0 a:b dhcp', 'rule-guest', 'a:b'],
    ['br0 c 192.168.1.50', 'rule-address', '192.168.1.50'],
    ['br0 c 192.168.1.300/24', 'rule-address', '192.168.1.300/24'],
    ['br0 c 192.168.010.3/24', 'rule-address', '192.168.010.3/24'],
    ['br0 c 192.168.1.0/24', 'rule-address', '192.168.1.0/24'],
    ['br0 c 192.168.1.255/24', 'rule-address', '192.168.1.255/24'],
    ['br0 c 255.255.255.255/32', 'rule-address', '255.255.255.255/32'],
    ['br0 c 224.0.0.5/24', 'rule-address', '224.0.0.5/24'],
    ['br0 c 127.0.0.1/8', 'rule-address', '127.0.0.1/8'],
    ['br0 c 0.0.0.0/0', 'rule-address', '0.0.0.0/0'],
    ['br0 c 192.168.1.5/33', 'rule-address', '192.168.1.5/33'],
    ['br0 c ::1/128', 'rule-address', '::1/128'],
    ['br0 c ff02::1/64', 'rule-address', 'ff02::1/64'],
    ['br0 c 2001:db8::/64', 'rule-address', '2001:db8::/64'],
    ['br0 c ::ffff:10.0.0.1/128', 'rule-address', '::ffff:10.0.0.1/128'],
    ['br0 -a 4 c 2001:db8::5/64', 'rule-address', '2001:db8::5/64'],
    ['br0 c somewhere', 'rule-address', 'somewhere'],
    ['br0 c 10.0.0.5/8@10.0.0.5', 'rule-gateway', '10.0.0.5/8@10.0.0.5'],
    ['br0 c 10.0.0.5/8@2001:db8::1', 'rule-gateway', '10.0.0.5/8@2001:db8::1'],
    ['br0 c dhcp 01:00:00:00:00:01', 'rule-mac', '01:00:00:00:00:01'],
    ['br0 c dhcp nonsense', 'rule-mac', 'nonsense'],
    ['br0 c dhcp 02:00:00:00:00:01 more', 'rule-extra', 'more'],
    ['br0 c dhcp;reboot', 'rule-character', 'dhcp;reboot'],
    ['br0 $(reboot) dhcp', 'rule-character', '$(reboot)'],
    ['br0 c dhcp\u0000', 'rule-character', 'dhcp?'],
  ])('refuses %j with %s', (rule, code, token) => {
    const error = errorOf(rule, parseRule);
    expect([error.code, error.token]).toEqual([code, token]);
    if (token !== null) expect(error.message).toContain(token);
  });

  it('has bounds', () => {
    expect(errorOf(`br0 ${'c'.repeat(256)} dhcp`, parseRule).code).toBe('rule-too-long');
    expect(errorOf('x '.repeat(17), parseRule).code).toBe('rule-too-long');
    expect(errorOf('x'.repeat(1025), parseRule).code).toBe('rule-too-long');
  });

  it(
    'parses or throws a RuleError, and never lets through what a shell would act on',
    () => {
      fc.assert(
        fc.property(fc.array(anyWord, { maxLength: 18 }), (words) => {
          for (const parse of [() => parseRule(words.join(' ')), () => parseRule(words)]) {
            try {
              expect(JSON.stringify(parse())).not.toMatch(/[$`;&|<>()\\\s]/);
            } catch (error) {
              expectNamesToken(error, words);
            }
          }
        }),
        { numRuns: RUNS },
      );
    },
    FUZZ_TIMEOUT_MS,
  );
});
