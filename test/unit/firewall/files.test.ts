import { expect, it } from 'vitest';
import { affectedRules, awakenedRules } from '../../../src/firewall/affected.js';
import { followFile, rulesWithoutFile } from '../../../src/firewall/files.js';
import type { FirewallRule, IptablesRule, RuleFile } from '../../../src/model/firewall.js';
import { factsWith } from '../backends/support.js';

const move = { uplink: 'eth0', bridge: 'br0', seesBridged: false };
const iptables = (rule: string, chain = 'INPUT', table = 'filter'): IptablesRule => ({
  kind: 'iptables',
  program: 'iptables-nft',
  hooks: [chain],
  ...{ table, chain, rule },
});
const file = (format: RuleFile['format'], family: RuleFile['family'] = 4): RuleFile => ({
  path: '/etc/rules',
  ...{ format, family },
});

it('a file of iptables-restore gets the same rules for the bridge, each behind the other, once', () => {
  const live = [
    iptables('-i eth0 -p tcp -m tcp --dport 22 -j ACCEPT'),
    iptables('-o eth0 -j MASQUERADE', 'POSTROUTING', 'nat'),
  ];
  const before = `*nat
-A POSTROUTING --out-interface eth0 -j MASQUERADE
COMMIT
*filter
:INPUT DROP [0:0]
[7:420] -A INPUT -i eth0 -p tcp --dport ssh -j ACCEPT
-A INPUT -i eth1 -j DROP
COMMIT
`;
  const { content, covers } = followFile(file('iptables'), before, live, move);
  expect(covers).toEqual(live);
  expect(content).toBe(`*nat
-A POSTROUTING --out-interface eth0 -j MASQUERADE
-A POSTROUTING --out-interface br0 -j MASQUERADE
COMMIT
*filter
:INPUT DROP [0:0]
[7:420] -A INPUT -i eth0 -p tcp --dport ssh -j ACCEPT
-A INPUT -i br0 -p tcp --dport ssh -j ACCEPT
-A INPUT -i eth1 -j DROP
COMMIT
`);
  expect(followFile(file('iptables'), content, live, move).content).toBe(content);
  expect(followFile(file('iptables', 6), before, live, move)).toEqual({ content: before, covers: [] });
});

it('a file that no rule comes from stays as it is', () => {
  const before = '*filter\n-A INPUT -i eth0 -p tcp --dport 23 -j ACCEPT\nCOMMIT\n';
  const live = [iptables('-i eth0 -p tcp -m tcp --dport 22 -j ACCEPT')];
  expect(followFile(file('iptables'), before, live, move)).toEqual({ content: before, covers: [] });
});

it("ufw's file gets blocks, with the comment by which ufw knows them", () => {
  const block = (link: string) => `### tuple ### limit tcp 22 0.0.0.0/0 any 0.0.0.0/0 in_${link}
-A ufw-user-input -i ${link} -p tcp --dport 22 -m conntrack --ctstate NEW -m recent --set
-A ufw-user-input -i ${link} -p tcp --dport 22 -j ufw-user-limit-accept

`;
  const end = '### END RULES ###\n-A ufw-user-limit -j REJECT\nCOMMIT\n';
  const before = `*filter\n### RULES ###\n\n${block('eth0')}${end}`;
  const live = [iptables('-i eth0 -p tcp -m tcp --dport 22 -j ufw-user-limit-accept', 'ufw-user-input')];
  const after = followFile(file('ufw'), before, live, move);
  expect(after).toEqual({
    content: `*filter\n### RULES ###\n\n${block('eth0')}${block('br0')}${end}`,
    covers: live,
  });
  expect(followFile(file('ufw'), after.content, live, move).content).toBe(after.content);
});

it("nft's file gets rules, exceptions and elements; what is made of a variable stays, and is known to be missing", () => {
  const nft = (rule: string): FirewallRule => ({
    kind: 'nft',
    table: 'inet own',
    chain: 'input',
    hooks: ['input'],
    rule,
  });
  const element: FirewallRule = { kind: 'nft-element', table: 'inet own', set: 'lan', element: '"eth0"' };
  const live = [
    nft('iifname "eth0" tcp dport 22 counter packets 3 bytes 180 accept'),
    nft('iifname != { "lo", "eth0" } drop'),
    nft('iifname "eth0" udp dport 53 accept'),
    element,
  ];
  const before = `define wan = eth0
table inet own {
	set lan { type ifname; elements = { eth0, eth1 }; }
	chain input {
		type filter hook input priority 0; policy drop;
		iifname eth0 tcp dport ssh counter accept
		iifname != { eth0, lo } drop
		iifname $wan udp dport 53 accept
	}
}
`;
  const { content, covers } = followFile(file('nft', null), before, live, move);
  expect(content).toBe(`define wan = eth0
table inet own {
	set lan { type ifname; elements = { eth0, "br0", eth1 }; }
	chain input {
		type filter hook input priority 0; policy drop;
		iifname eth0 tcp dport ssh counter accept
		iifname "br0" tcp dport ssh counter accept
		iifname != { eth0, lo, "br0" } drop
		iifname $wan udp dport 53 accept
	}
}
`);
  expect(new Set(covers)).toEqual(new Set([live[0], live[1], element]));
});

it('a rule of a hook is known to come from there', () => {
  const hook = '    up iptables -w 5 -A INPUT -i eth0 -p tcp --dport 22 -j ACCEPT || true\n';
  const rules = [
    iptables('-i eth0 -p tcp -m tcp --dport 22 -j ACCEPT'),
    iptables('-i eth0 -p tcp -m tcp --dport 23 -j ACCEPT'),
  ];
  const facts = { ...factsWith(`iface eth0 inet dhcp\n${hook}`), firewall: { rules, files: [] } };
  expect(rulesWithoutFile(facts, move)).toEqual(rules.slice(1));
});

it('rules that were written for the bridge before are what follows; others for it wake up', () => {
  const rules = [
    iptables('-i eth0 -j ACCEPT'),
    iptables('-i br0 -j ACCEPT'),
    iptables('-i br+ -j DROP'),
    iptables('-i docker+ -j DROP'),
  ];
  expect(affectedRules(rules, move).map(({ followed }) => followed)).toEqual([true]);
  expect(awakenedRules(rules, move)).toEqual([rules[2]]);
});
