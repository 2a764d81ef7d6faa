import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { cureCommands, curedDrops, placeText } from '../../../src/firewall/frame/cure.js';
import { type FilterTexts, passages } from '../../../src/firewall/frame/passage.js';

const EMPTY: FilterTexts = {
  ...{ bridge: 'br0', uplink: 'eth0', ports: ['bs0123456789ab'], isolated: [] },
  callsIp: { 4: true, 6: true },
  ...{ nft: '', iptables: [], ebtables: [] },
};

/** A rule set as real programs printed it. */
function recorded(name: string): FilterTexts {
  const read = (kind: string) => {
    const file = new URL(`rulesets/${name}.${kind}`, import.meta.url);
    return existsSync(file) ? readFileSync(file, 'utf8') : '';
  };
  return {
    ...EMPTY,
    nft: read('nft'),
    iptables: [
      { program: 'iptables-nft', family: 4, text: read('iptables') },
      { program: 'ip6tables-nft', family: 6, text: read('ip6tables') },
    ],
  };
}

/** `iptables-save` of a table filter. */
const saved = (rules: string, program: 'iptables-nft' | 'iptables-legacy' = 'iptables-nft'): FilterTexts => ({
  ...EMPTY,
  iptables: [{ program, family: 4, text: `*filter\n${rules.trim().replaceAll(/\n\s+/g, '\n')}\nCOMMIT\n` }],
});
const nft = (text: string, parts: Partial<FilterTexts> = {}): FilterTexts => ({
  ...EMPTY,
  nft: text,
  ...parts,
});

/** What passes, in one line: `4: icmp yes, tcp no, …`. */
function shown(texts: FilterTexts, family: 4 | 6 = 4): string {
  return passages(texts)
    .filter((each) => each.family === family)
    .map(({ protocol, passes }) => `${protocol} ${passes}`)
    .join(', ');
}
const ALL = 'arp yes, icmp yes, tcp yes, udp yes';
const NONE = 'arp yes, icmp no, tcp no, udp no';

/** What drops, each with what would let it pass. */
const cures = (texts: FilterTexts) =>
  curedDrops(texts).map(({ by, family, cure }) => [
    `${family}: ${placeText(by)}`,
    ...cureCommands(cure, texts.bridge, 'public'),
  ]);

const DOCKER = `
  :INPUT ACCEPT [0:0]
  :FORWARD DROP [0:0]
  :OUTPUT ACCEPT [0:0]
  :DOCKER - [0:0]
  :DOCKER-ISOLATION-STAGE-1 - [0:0]
  :DOCKER-ISOLATION-STAGE-2 - [0:0]
  :DOCKER-USER - [0:0]
  -A FORWARD -j DOCKER-USER
  -A FORWARD -j DOCKER-ISOLATION-STAGE-1
  -A FORWARD -o docker0 -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
  -A FORWARD -o docker0 -j DOCKER
  -A FORWARD -i docker0 ! -o docker0 -j ACCEPT
  -A FORWARD -i docker0 -o docker0 -j ACCEPT
  -A DOCKER-ISOLATION-STAGE-1 -i docker0 ! -o docker0 -j DOCKER-ISOLATION-STAGE-2
  -A DOCKER-ISOLATION-STAGE-1 -j RETURN
  -A DOCKER-ISOLATION-STAGE-2 -o docker0 -j DROP
  -A DOCKER-ISOLATION-STAGE-2 -j RETURN
  -A DOCKER-USER -j RETURN`;

describe('iptables', () => {
  it('drops by the policy that Docker sets, and passes by a rule in its chain', () => {
    expect(shown(saved(DOCKER))).toBe(NONE);
    expect(cures(saved(DOCKER))).toEqual([
      [
        '4: the policy of FORWARD (iptables-nft, table filter)',
        'iptables-nft -I DOCKER-USER -i br0 -o br0 -j ACCEPT',
      ],
    ]);
    const accepted = DOCKER.replace(
      '-A DOCKER-USER',
      '-A DOCKER-USER -i br0 -o br0 -j ACCEPT\n-A DOCKER-USER',
    );
    expect(shown(saved(accepted))).toBe(ALL);
    expect(cures(saved(accepted))).toEqual([]);
  });

  it('is not asked where bridged frames do not pass it', () => {
    expect(shown({ ...saved(DOCKER), callsIp: { 4: false, 6: false } })).toBe(ALL);
  });

  it('needs the call of the chain, too', () => {
    const flushed = `:FORWARD DROP [0:0]\n:DOCKER-USER - [0:0]\n-A DOCKER-USER -i br0 -o br0 -j ACCEPT`;
    expect(shown(saved(flushed))).toBe(NONE);
    expect(cures(saved(flushed))).toEqual([
      [
        '4: the policy of FORWARD (iptables-nft, table filter)',
        'iptables-nft -I FORWARD -i br0 -o br0 -j ACCEPT',
      ],
    ]);
  });

  it('goes by the first rule that counts', () => {
    const rules = (...lines: string[]) =>
      shown(saved([':FORWARD ACCEPT [0:0]', ...lines.map((line) => `-A FORWARD ${line}`)].join('\n')));
    expect(rules('-j DROP')).toBe(NONE);
    expect(rules('-i br0 -o br0 -j ACCEPT', '-j DROP')).toBe(ALL);
    expect(rules('-i docker0 -j DROP')).toBe(ALL);
    expect(rules('! -i docker0 -j REJECT --reject-with icmp-port-unreachable')).toBe(NONE);
    expect(rules('-m physdev --physdev-is-bridged -j ACCEPT', '-j DROP')).toBe(ALL);
    expect(
      rules('-p icmp -j ACCEPT', '-m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT', '-j DROP'),
    ).toBe('arp yes, icmp yes, tcp no, udp no');
    expect(rules('-m comment --comment "-j ACCEPT" -j DROP')).toBe(NONE);
    expect(rules('-m set --match-set lan src -j ACCEPT', '-j DROP')).toBe(
      'arp yes, icmp unknown, tcp unknown, udp unknown',
    );
    expect(rules('-p tcp -m tcp --dport 23 -j DROP')).toBe('arp yes, icmp yes, tcp unknown, udp yes');
    // Answers only: nobody new gets in.
    expect(rules('-m state --state NEW -i br0 -j DROP')).toBe(NONE);
    expect(rules('-m physdev --physdev-out eth0 -j DROP')).toBe(NONE);
    expect(rules('-i eth0 -j DROP')).toBe(ALL);
    expect(rules('-j SOMETHING-NEW')).toBe('arp yes, icmp unknown, tcp unknown, udp unknown');
  });

  it('comes back from where a chain was gone to', () => {
    const chains = (how: string) =>
      shown(
        saved(
          `:FORWARD ACCEPT [0:0]\n:ONE - [0:0]\n-A FORWARD ${how} ONE\n-A FORWARD -j DROP\n-A ONE -j RETURN`,
        ),
      );
    expect(chains('-j')).toBe(NONE);
    expect(chains('-g')).toBe(ALL);
  });

  it('names the old variant beside the new one', () => {
    const legacy = saved(':FORWARD ACCEPT [0:0]\n-A FORWARD -i br0 -j DROP', 'iptables-legacy');
    const both = { ...legacy, iptables: [...saved(DOCKER).iptables, ...legacy.iptables] };
    expect(cures(both).map(([, line]) => line)).toEqual([
      'iptables-nft -I DOCKER-USER -i br0 -o br0 -j ACCEPT',
      'iptables-legacy -I FORWARD -i br0 -o br0 -j ACCEPT',
    ]);
  });

  it('says what an administrator does in another table', () => {
    const mangle = {
      ...EMPTY,
      iptables: [
        {
          program: 'iptables-nft',
          family: 4,
          text: '*mangle\n:FORWARD ACCEPT [0:0]\n-A FORWARD -p tcp -j DROP\nCOMMIT\n',
        },
      ],
    } as const;
    expect(shown(mangle)).toBe('arp yes, icmp yes, tcp no, udp yes');
    expect(cures(mangle)).toEqual([
      [
        '4: "-A FORWARD -p tcp -j DROP" (iptables-nft, table mangle)',
        'iptables-nft -t mangle -I FORWARD -m physdev --physdev-is-bridged -j ACCEPT',
      ],
    ]);
  });
});

describe('ufw', () => {
  it('drops TCP and UDP and lets pings pass, both ways, for both families', () => {
    const texts = recorded('ufw');
    expect(shown(texts)).toBe('arp yes, icmp yes, tcp no, udp no');
    expect(shown(texts, 6)).toBe('icmp yes, tcp no, udp no');
    expect(cures(texts)).toEqual([
      [expect.stringContaining('4: '), 'ufw route allow in on br0 out on br0'],
      [expect.stringContaining('6: '), 'ufw route allow in on br0 out on br0'],
    ]);
  });

  it('lets pass what its route rule allows', () => {
    expect(shown(recorded('ufw-route'))).toBe(ALL);
    expect(shown(recorded('ufw-route'), 6)).toBe('icmp yes, tcp yes, udp yes');
  });
});

describe('firewalld', () => {
  it('rejects by default, and passes where the bridge is in a zone', () => {
    const texts = recorded('firewalld');
    expect(shown(texts)).toBe(NONE);
    expect(shown(texts, 6)).toBe('icmp no, tcp no, udp no');
    expect(cures(texts)[1]).toEqual([
      '4: "reject with icmpx admin-prohibited" in filter_FWD_public (nft, table inet firewalld)',
      'firewall-cmd --permanent --zone=public --add-interface=br0',
      'firewall-cmd --zone=public --add-interface=br0',
    ]);
    // Its accept does not undo the policy that Docker has left.
    expect(cures(recorded('firewalld-zone')).map(([, line]) => line)).toEqual([
      'iptables-nft -I FORWARD -i br0 -o br0 -j ACCEPT',
    ]);
    expect(shown({ ...recorded('firewalld-zone'), iptables: [] })).toBe(NONE);
  });
});

const chain = (family: string, hook: string, ...rules: string[]) =>
  `table ${family} own {\n\tchain c {\n\t\ttype filter hook ${hook} priority filter; policy accept;\n${rules.map((rule) => `\t\t${rule}\n`).join('')}\t}\n}\n`;

describe('nftables', () => {
  it('is read in every family', () => {
    expect(shown(nft(chain('inet', 'forward', 'drop')))).toBe(NONE);
    expect(shown(nft(chain('ip6', 'forward', 'drop')))).toBe(ALL);
    expect(shown(nft(chain('ip6', 'forward', 'drop')), 6)).toBe('icmp no, tcp no, udp no');
    expect(shown(nft(chain('bridge', 'forward', 'drop')))).toBe('arp no, icmp no, tcp no, udp no');
    expect(
      shown(nft(chain('bridge', 'forward', 'ether type ip drop'), { callsIp: { 4: false, 6: false } })),
    ).toBe(NONE);
    expect(shown(nft(chain('netdev', 'ingress device "eth0"', 'drop')))).toBe(
      'arp no, icmp no, tcp no, udp no',
    );
    expect(shown(nft(chain('netdev', 'ingress device "eth1"', 'drop')))).toBe(ALL);
    expect(shown(nft(chain('inet', 'input', 'drop')))).toBe(ALL);
  });

  it('understands what its rules ask for', () => {
    const rules = (...lines: string[]) => shown(nft(chain('inet', 'forward', ...lines)));
    expect(rules('iifname "br0" oifname "br0" accept', 'drop')).toBe(ALL);
    expect(
      rules(
        'iifname { "docker0", "br0" } counter packets 1 bytes 2 accept',
        'reject with icmpx admin-prohibited',
      ),
    ).toBe(ALL);
    expect(rules('ct state established,related accept', 'ct state new log prefix "accept " drop')).toBe(NONE);
    expect(
      rules(
        'ct state vmap { established : accept, related : accept, invalid : drop }',
        'meta l4proto tcp drop',
      ),
    ).toBe('arp yes, icmp yes, tcp no, udp yes');
    expect(rules('ip saddr 192.168.1.0/24 accept', 'drop')).toBe(
      'arp yes, icmp unknown, tcp unknown, udp unknown',
    );
    expect(rules('tcp dport { 22, 80 } accept', 'drop')).toBe('arp yes, icmp no, tcp unknown, udp no');
    expect(rules('meta mark & 0x1 == 0x1 drop')).toBe('arp yes, icmp unknown, tcp unknown, udp unknown');
    expect(rules('iifname != "br0" drop')).toBe(ALL);
  });

  it('gives the administrator the line for the very chain', () => {
    expect(cures(nft(chain('inet', 'forward', 'ct state established accept', 'drop')))[0]?.[1]).toBe(
      'nft insert rule inet own c iifname "br0" oifname "br0" accept',
    );
    expect(cures(nft(chain('bridge', 'forward', 'ip protocol tcp drop')))).toEqual([
      [
        '4: "ip protocol tcp drop" in c (nft, table bridge own)',
        'nft insert rule bridge own c iifname "eth0" accept',
        'nft insert rule bridge own c oifname "eth0" accept',
      ],
    ]);
  });

  it('is not undone by an accept in another table', () => {
    const both = `${chain('inet', 'forward', 'iifname "br0" accept')}${chain('ip', 'forward', 'drop').replace('own', 'other')}`;
    expect(cures(nft(both)).map(([place]) => place)).toEqual(['4: "drop" in c (nft, table ip other)']);
  });
});

describe('ebtables and the bridge', () => {
  const ebtables = (text: string): FilterTexts => ({
    ...EMPTY,
    ebtables: [{ program: 'ebtables-legacy', text: `*filter\n:INPUT ACCEPT\n:FORWARD ${text}\n` }],
  });

  it('are read, too', () => {
    expect(shown(ebtables('DROP'))).toBe('arp no, icmp no, tcp no, udp no');
    expect(shown(ebtables('ACCEPT\n-A FORWARD -p IPv4 -i eth0 --ip-proto tcp -j DROP'))).toBe(
      'arp yes, icmp yes, tcp no, udp yes',
    );
    expect(shown(ebtables('ACCEPT\n-A FORWARD --logical-in br1 -j DROP'))).toBe(ALL);
    expect(cures(ebtables('DROP'))[0]).toEqual([
      '4: the policy of FORWARD (ebtables-legacy, table filter)',
      'ebtables -I FORWARD -i eth0 -j ACCEPT',
      'ebtables -I FORWARD -o eth0 -j ACCEPT',
    ]);
  });

  it('name ports that are isolated from each other', () => {
    expect(cures({ ...EMPTY, isolated: ['eth0', 'bs0123456789ab'] })).toEqual([
      ['4: eth0 and bs0123456789ab are isolated ports of br0', 'bridge link set dev eth0 isolated off'],
    ]);
    expect(cures({ ...EMPTY, isolated: ['bs0123456789ab'] })).toEqual([]);
  });
});
