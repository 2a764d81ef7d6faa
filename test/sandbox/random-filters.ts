/** A generator of numbers that gives the same ones for the same seed (mulberry32). */
export function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

const NFT_MATCHES = {
  ip: [
    ...[
      'iifname "br0"',
      'oifname "br0"',
      'iifname "eth0"',
      'oifname != "br0"',
      'iifname "br*"',
      'iifname != "eth0"',
    ],
    ...[
      'ct state new',
      'ct state established,related',
      'ct state invalid',
      'meta l4proto tcp',
      'tcp dport 7000',
    ],
    ...[
      'meta l4proto { tcp, udp }',
      'meta l4proto != udp',
      'udp dport 53',
      'meta nfproto ipv4',
      'fib daddr type local',
    ],
    ...[
      'iifname { "eth9", "br0" }',
      'meta mark 0x1',
      'counter',
      'log prefix "drop accept "',
      'ip saddr 10.9.0.1',
    ],
    ...[
      'icmp type echo-request',
      'icmpv6 type echo-reply',
      'limit rate 1000/second',
      'oifname @links',
      'ip protocol icmp',
    ],
  ],
  bridge: [
    ...[
      'iifname "eth0"',
      'oifname "eth0"',
      'iifname "bs*"',
      'iifname "br0"',
      'oifname != "eth0"',
      'ether type ip',
    ],
    ...[
      'meta l4proto tcp',
      'ether type ip6',
      'ip protocol udp',
      'udp dport 7000',
      'counter',
      'iifname { "eth0", "eth1" }',
    ],
    ...['meta protocol ip', 'ether type arp', 'ether saddr 02:00:00:00:09:01', 'icmp type echo-reply'],
  ],
};
const HOOKS = ['prerouting', 'forward', 'forward', 'forward', 'postrouting'];
const IPTABLES_MATCHES = [
  ...['-i br0', '-o br0', '! -i br0', '-i eth0', '-i br+', '! -o eth0', '-p tcp', '-p udp', '! -p icmp'],
  ...[
    '-m conntrack --ctstate NEW',
    '-m conntrack --ctstate RELATED,ESTABLISHED',
    '-m physdev --physdev-is-bridged',
  ],
  ...[
    '-m physdev --physdev-in eth0',
    '-m physdev --physdev-out bs+',
    '-p tcp -m tcp --dport 7000',
    '-s 10.9.0.1/32',
  ],
  ...[
    '-m comment --comment "a -j DROP"',
    '-p icmp -m icmp --icmp-type 8',
    '-p tcp --syn',
    '-m addrtype --dst-type LOCAL',
  ],
  ...['-m state --state INVALID', '-m mark --mark 0x1', '-p udp -m udp --dport 53'],
];

/** A small rule set of nft(8), for `nft -f`. */
export function randomNft(next: () => number): string {
  const pick = <T>(list: readonly T[]): T => list[Math.floor(next() * list.length)] as T;
  const family = pick(['inet', 'ip', 'ip6', 'bridge', 'inet'] as const);
  const matches = NFT_MATCHES[family === 'bridge' ? 'bridge' : 'ip'];
  const fitting = matches.filter(
    (each) =>
      !(family === 'ip' && /icmpv6/.test(each)) && !(family === 'ip6' && /^(icmp type|ip )/.test(each)),
  );
  const rule = (calls: readonly string[]) => {
    const words = Array.from({ length: Math.floor(next() * 3) }, () => pick(fitting));
    if (next() < 0.1 && family !== 'bridge')
      return `ct state vmap { established : ${pick(['accept', 'drop', 'return'])}, new : ${pick(['accept', 'drop', ...calls])} }`;
    if (next() < 0.1)
      return `iifname vmap { "br0" : ${pick(['drop', 'accept', ...calls])}, "eth0" : accept }`;
    const verdict = pick(['accept', 'accept', 'drop', 'return', 'reject', 'continue', ...calls, ...calls]);
    const ends = verdict === 'reject' && family === 'bridge' ? 'drop' : verdict;
    // nft refuses one protocol twice, and "reject" where it cannot answer.
    return [...new Set(words), ends].join(' ');
  };
  const rules = (calls: readonly string[]) =>
    Array.from({ length: Math.floor(next() * 4) + 1 }, () => `    ${rule(calls)}`).join('\n');
  const bases = Array.from({ length: Math.floor(next() * 2) + 1 }, (_, index) => {
    const hook = pick(HOOKS);
    return `  chain base${index} {\n    type filter hook ${hook} priority ${index}; policy ${pick(['accept', 'accept', 'drop'])};\n${rules(['jump one', 'goto one', 'jump two'])}\n  }`;
  });
  return `table ${family} t {
  set links { type ifname; elements = { "br0", "eth7" } }
  chain two {\n${rules([])}\n  }
  chain one {\n${rules(['jump two', 'goto two'])}\n  }
${bases.join('\n')}
}
`;
}

/** A small rule set for `iptables-restore`. */
export function randomIptables(next: () => number): string {
  const pick = <T>(list: readonly T[]): T => list[Math.floor(next() * list.length)] as T;
  const rule = (chain: string, calls: readonly string[]) => {
    const words = Array.from({ length: Math.floor(next() * 3) }, () => pick(IPTABLES_MATCHES));
    const isTwice = ['-p ', '-i ', '-o ', '-m physdev'].some(
      (option) => words.filter((word) => word.includes(option)).length > 1,
    );
    const match = isTwice ? words.slice(0, 1) : [...new Set(words)];
    return `-A ${chain} ${match.join(' ')} ${pick(['-j ACCEPT', '-j ACCEPT', '-j DROP', '-j RETURN', '-j REJECT', '-j MARK --set-mark 0x2', ...calls, ...calls])}`;
  };
  const rules = (chain: string, calls: readonly string[]) =>
    Array.from({ length: Math.floor(next() * 4) + 1 }, () => rule(chain, calls));
  return [
    ...[
      '*filter',
      ':INPUT ACCEPT',
      `:FORWARD ${pick(['ACCEPT', 'DROP'])}`,
      ':OUTPUT ACCEPT',
      ':ONE -',
      ':TWO -',
    ],
    ...rules('FORWARD', ['-j ONE', '-g ONE', '-j TWO']),
    ...rules('ONE', ['-j TWO', '-g TWO']),
    ...rules('TWO', []),
    'COMMIT',
    '',
  ].join('\n');
}
