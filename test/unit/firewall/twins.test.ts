import { describe, expect, it } from 'vitest';
import { argumentsOf, iptablesTwin, parseIptables } from '../../../src/firewall/iptables.js';
import { nftTwin, normalNft } from '../../../src/firewall/nft-rule.js';
import { parseNft } from '../../../src/firewall/nftables.js';

const move = { uplink: 'eth0', bridge: 'br0', seesBridged: false };
const bridged = { ...move, seesBridged: true };

describe('a rule of iptables', () => {
  it.each([
    ['-i eth0 -p tcp -m tcp --dport 22 -j ACCEPT', '-i br0 -p tcp -m tcp --dport 22 -j ACCEPT'],
    ['-s 10.0.0.0/8 -i eth+ -j DROP', '-s 10.0.0.0/8 -i br0 -j DROP'],
    [
      '-i eth0 -m comment --comment "not -i eth0 \\"x\\"" -j DROP',
      '-i br0 -m comment --comment "not -i eth0 \\"x\\"" -j DROP',
    ],
    ['-i eth0 -o eth0 -j ACCEPT', '-i br0 -o br0 -j ACCEPT'],
  ])('%s gets a twin for the bridge', (rule, twin) => {
    expect(iptablesTwin(rule, ['INPUT'], move)).toEqual({ how: 'beside', rule: twin });
  });

  it.each([
    '-i eth1 -j ACCEPT',
    '-i + -j ACCEPT',
    '-j DROP',
    '-m physdev --physdev-in eth0 -j DROP',
    '-m comment --comment "-i eth0" -j DROP',
    '-i eth0.5 -j ACCEPT',
  ])('%s is not about the uplink, or about both', (rule) => {
    expect(iptablesTwin(rule, ['INPUT'], move)).toBeNull();
  });

  it('with an exception for the uplink has none', () => {
    expect(iptablesTwin('! -i eth0 -j ACCEPT', ['INPUT'], move)?.how).toBe('by-hand');
  });

  it('for what is routed leaves frames between the ports alone where they would pass it', () => {
    const masquerade = iptablesTwin('-o eth0 -j MASQUERADE', ['POSTROUTING'], bridged);
    expect(masquerade).toEqual({
      how: 'beside',
      rule: '-o br0 -m physdev ! --physdev-is-bridged -j MASQUERADE',
    });
    expect(iptablesTwin('-i eth0 -j DROP', ['INPUT'], bridged)).toEqual({
      how: 'beside',
      rule: '-i br0 -j DROP',
    });
    expect(iptablesTwin('-i eth0 -o eth1 -j DROP', ['FORWARD'], bridged)).toEqual({
      how: 'beside',
      rule: '-i br0 -o eth1 -j DROP',
    });
  });

  it('becomes the arguments that it was made of', () => {
    expect(argumentsOf('-i eth0 --comment "it is \\"quoted\\" \\\\ ok" -j DROP')).toEqual([
      '-i',
      'eth0',
      '--comment',
      'it is "quoted" \\ ok',
      '-j',
      'DROP',
    ]);
  });

  it('is found with the hooks that lead to it, and not where firewalld made it of a zone', () => {
    const saved = [
      '*filter',
      ':INPUT DROP [0:0]',
      ':mine - [0:0]',
      ':INPUT_ZONES - [0:0]',
      '[3:120] -A INPUT -j mine',
      '-A mine -i eth0 -j ACCEPT',
      '-A INPUT_ZONES -i eth0 -g IN_public',
      'COMMIT',
      '*nat',
      '-A POSTROUTING -o eth0 -j MASQUERADE',
      '-A POSTROUTING -o docker0 -j MASQUERADE',
      'COMMIT',
      '',
    ].join('\n');
    expect(parseIptables(saved, 'iptables-nft', ['eth0'])).toEqual([
      {
        kind: 'iptables',
        program: 'iptables-nft',
        table: 'filter',
        chain: 'mine',
        hooks: ['INPUT'],
        rule: '-i eth0 -j ACCEPT',
      },
      {
        kind: 'iptables',
        program: 'iptables-nft',
        table: 'nat',
        chain: 'POSTROUTING',
        hooks: ['POSTROUTING'],
        rule: '-o eth0 -j MASQUERADE',
      },
    ]);
  });
});

describe('a rule of nft', () => {
  it.each([
    [
      'iifname "eth0" tcp dport 22 counter packets 5 bytes 300 accept comment "iifname eth0 x"',
      'iifname "br0" tcp dport 22 counter accept comment "iifname eth0 x"',
    ],
    ['iif "eth0" accept', 'iifname "br0" accept'],
    ['iifname "eth*" drop', 'iifname "br0" drop'],
    [
      'iifname { "lo", "eth0", "eth1" } tcp dport { 80, 443 } limit rate 5/second accept',
      'iifname "br0" tcp dport { 80, 443 } limit rate 5/second accept',
    ],
    ['iifname vmap { "lo" : accept, "eth0" : jump wan }', 'iifname vmap { "br0" : jump wan }'],
    ['iifname . tcp dport { "eth0" . 22, "eth1" . 23 } accept', 'iifname . tcp dport { "br0" . 22 } accept'],
    ['ip saddr 10.0.0.0/8 oifname "eth0" masquerade', 'ip saddr 10.0.0.0/8 oifname "br0" masquerade'],
  ])('%s gets a twin for the bridge', (rule, twin) => {
    expect(nftTwin(rule, ['input'], move)).toEqual({ how: 'beside', rule: twin });
  });

  it.each([
    ['iifname != "eth0" accept', 'iifname != { "eth0", "br0" } accept'],
    ['iif != "eth0" accept', 'iifname != { "eth0", "br0" } accept'],
    ['iifname != { "lo", "eth0" } accept', 'iifname != { "lo", "eth0", "br0" } accept'],
  ])('%s is replaced by one for both', (rule, twin) => {
    expect(nftTwin(rule, ['input'], move)).toEqual({ how: 'instead', rule: twin });
  });

  it('for what is routed leaves frames between the ports alone where they would pass it', () => {
    expect(nftTwin('oifname "eth0" masquerade', ['postrouting'], bridged)).toEqual({
      how: 'beside',
      rule: 'oifname "br0" iifname != "br0" masquerade',
    });
    expect(nftTwin('iifname "eth0" oifname "eth1" accept', ['forward'], bridged)).toEqual({
      how: 'beside',
      rule: 'iifname "br0" oifname "eth1" accept',
    });
  });

  it('is the same however it is written', () => {
    const shown = 'iifname { "lo", "eth0" } tcp dport 22 counter packets 1 bytes 60 accept # handle 7';
    expect(normalNft('  meta iifname {eth0, lo} tcp dport ssh counter  accept;')).toBe(normalNft(shown));
  });

  it('is found, and elements of named sets, but not the tables of iptables', () => {
    const shown = `table ip filter {
	chain INPUT {
		iifname "eth0" accept
	}
}
table inet own {
	set lan {
		type ifname
		elements = { "eth0",
			     "eth1" }
	}

	map m {
		type ifname : verdict
		elements = { "eth0" : accept }
	}

	chain wan {
		iifname "eth0" accept # handle 7
	}

	chain input {
		type filter hook input priority filter; policy drop;
		iifname @lan accept
		jump wan
	}
}
`;
    expect(parseNft(shown, new Set(['ip filter']), ['eth0'])).toEqual([
      { kind: 'nft-element', table: 'inet own', set: 'lan', element: '"eth0"' },
      { kind: 'nft-element', table: 'inet own', set: 'm', element: '"eth0" : accept' },
      { kind: 'nft', table: 'inet own', chain: 'wan', hooks: ['input'], rule: 'iifname "eth0" accept' },
    ]);
  });
});
