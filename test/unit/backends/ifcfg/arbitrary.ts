import fc from 'fast-check';

/** How many texts a property is tried on. */
export const RUNS = Number(process.env.BRIDGE_SETUP_FUZZ_RUNS ?? 2000);

const quoted = fc
  .tuple(
    fc.constantFrom(
      'eth0',
      'br0',
      'yes',
      'no',
      'dhcp',
      'none',
      '192.168.1.10',
      '24',
      '255.255.255.0',
      'a b',
      '',
    ),
    fc.constantFrom<(value: string) => string>(
      (value) => value.replaceAll(' ', ''),
      (value) => `"${value}"`,
      (value) => `'${value}'`,
      (value) => `$'${value}'`,
      (value) => value.replaceAll(' ', '\\ '),
    ),
  )
  .map(([value, quote]) => quote(value));
const name = fc.constantFrom(
  ...[
    'DEVICE',
    'ONBOOT',
    'BOOTPROTO',
    'IPADDR',
    'IPADDR0',
    'IPADDR1',
    'PREFIX',
    'PREFIX0',
    'NETMASK',
    'GATEWAY',
  ],
  ...[
    'DNS1',
    'TYPE',
    'HWADDR',
    'MACADDR',
    'BRIDGE',
    'MASTER',
    'MTU',
    'ZONE',
    'UUID',
    'NAME',
    'VLAN',
    'DEFROUTE',
  ],
  ...['GATEWAYDEV', 'IPV6ADDR', 'IPV6_DEFAULTGW', 'ETHTOOL_OPTS', 'NM_CONTROLLED', 'STP', 'DELAY', 'X'],
);
const assignment = fc.tuple(name, quoted).map(([key, value]) => `${key}=${value}`);
const strange = fc.oneof(
  fc.constantFrom(
    '# a comment',
    '',
    'A = b',
    'X=$(id)',
    'X="${DEVICE}"',
    'ip link',
    'export X',
    'X="open',
    'Y=b\\',
  ),
  fc.string(),
);
/** Lines of an ifcfg file, mostly. */
const line = fc.oneof(
  { weight: 12, arbitrary: assignment },
  { weight: 1, arbitrary: fc.tuple(assignment, assignment).map(([a, b]) => `${a} ${b}`) },
  { weight: 1, arbitrary: fc.tuple(assignment, assignment).map(([a, b]) => `export ${a}; ${b} # both`) },
  { weight: 1, arbitrary: strange },
);

/** Any text that looks like an ifcfg file. */
export const ifcfgText = fc
  .tuple(fc.array(line, { maxLength: 10 }), fc.constantFrom('\n', '\n', '\n', '\r\n'), fc.boolean())
  .map(([lines, end, final]) => lines.join(end) + (final ? end : ''));

/** The files of a host, by name; `ifcfg-eth0` is about eth0. */
export const ifcfgFiles = fc
  .record(
    {
      'ifcfg-eth0': ifcfgText.map((text) => `DEVICE=eth0\n${text}`),
      'ifcfg-br0': ifcfgText,
      'ifcfg-eth0:0': ifcfgText,
      'ifcfg-eth1': ifcfgText,
      'route-eth0': fc.constantFrom('10.0.0.0/8 dev eth0\n', 'ADDRESS0=10.0.0.0\nNETMASK0=255.0.0.0\n', '\0'),
      'rule-eth0': fc.constantFrom('iif eth0 table 5', ''),
      'keys-eth0': fc.constant(''),
      '/etc/sysconfig/network': fc.oneof(ifcfgText, fc.constant('GATEWAYDEV=eth0\n')),
    },
    { requiredKeys: ['ifcfg-eth0'] },
  )
  .map((files) =>
    Object.fromEntries(
      Object.entries(files).flatMap(([key, text]) => (text === undefined ? [] : [[key, text]])),
    ),
  );

/** Lines that ifup understands, one a setting, about a host that works. */
export const workingText = fc
  .uniqueArray(
    fc.constantFrom(
      ...[
        'ONBOOT=yes',
        'ONBOOT=no',
        'BOOTPROTO=dhcp',
        'BOOTPROTO=none',
        "BOOTPROTO='static'",
        'TYPE=Ethernet',
      ],
      ...[
        'IPADDR=192.168.1.10',
        'PREFIX="24"',
        'NETMASK=255.255.255.0',
        'GATEWAY=192.168.1.1',
        'DEFROUTE=no',
      ],
      ...['IPADDR1=192.168.1.11', 'PREFIX1=24', 'NETWORK=192.168.1.0', 'DNS1=192.168.1.1', 'DOMAIN="a b"'],
      ...[
        'HWADDR=52:54:00:12:34:56',
        'MTU=9000',
        'UUID=5fb06bd0',
        'NAME="System eth0"',
        'ZONE=public',
        'X=1',
      ],
      ...[
        'IPV6INIT=yes IPV6ADDR=fd00::1/64',
        'ETHTOOL_OPTS="-K $DEVICE tso off"',
        '# a comment',
        '',
        'Y="1\n2"',
      ],
    ),
    { maxLength: 12 },
  )
  .map((lines) => ['DEVICE=eth0', ...lines].join('\n'));
