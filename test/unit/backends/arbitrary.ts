import fc from 'fast-check';

const name = fc.constantFrom(
  'lo',
  'eth0',
  'eth0:0',
  'eth0.10',
  'eth1',
  'br0',
  'br0:0',
  '/eth*',
  'eth0=home',
  '',
);
const line = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.tuple(fc.constantFrom('auto', 'allow-hotplug', 'no-auto-down', 'no-scripts'), name),
  },
  {
    weight: 6,
    arbitrary: fc.tuple(
      fc.constant('iface'),
      name,
      fc.constantFrom('inet', 'inet6', 'inet'),
      fc.constantFrom('dhcp', 'static', 'manual', 'auto', 'static'),
    ),
  },
  {
    weight: 8,
    arbitrary: fc.constantFrom(
      ['  address 192.168.1.10/24'],
      ['\taddress', '192.168.1.10'],
      ['  netmask', '255.255.255.0'],
      ['  gateway 192.168.1.1'],
      ['  dns-nameservers 1.1.1.1', '9.9.9.9'],
      ['  hwaddress ether 02:00:00:00:00:01'],
      ['  bridge_ports eth0'],
      ['  bridge-ports none'],
      ['  bridge_stp on'],
      ['  mtu 9000'],
      ['  up ip route add 10.0.0.0/8 via 192.168.1.2 dev eth0'],
      ['  post-up ethtool -K eth0 tso off'],
      ['  up echo \\'],
    ),
  },
  { weight: 2, arbitrary: fc.constantFrom(['# a comment'], [''], ['mapping eth*'], ['rename eth0=lan0']) },
  {
    weight: 1,
    arbitrary: fc.constantFrom(['source interfaces.d/*'], ['source-directory interfaces.d'], ['% for']),
  },
  { weight: 1, arbitrary: fc.tuple(fc.string()) },
);

/** Texts made of the lines that interfaces(5) knows, mostly, in any order. */
export const interfacesText = fc
  .tuple(fc.array(line, { maxLength: 12 }), fc.constantFrom('\n', '\n', '\r\n'), fc.boolean())
  .map(([lines, end, final]) => lines.map((words) => words.join(' ')).join(end) + (final ? end : ''));

const option = fc.constantFrom(
  'address 192.168.1.10/24',
  'netmask 255.255.255.0',
  'broadcast 192.168.1.255',
  'gateway 192.168.1.1',
  'metric 7',
  'dns-nameservers 1.1.1.1 9.9.9.9',
  'dns-nameserver 1.1.1.1',
  'hostname box',
  'hwaddress ether 02:00:00:00:00:01',
  'ethernet-wol g',
  'up ip route add 10.0.0.0/8 \\\n  via 192.168.1.2 dev eth0',
  'down logger eth0',
  'auto',
  '',
  '# address 10.0.0.1/8',
);
const uplinkStanza = fc
  .tuple(
    fc.constantFrom('eth0', 'eth0', 'eth0:1', 'eth0.10', 'eth1'),
    fc.constantFrom('inet static', 'inet dhcp', 'inet manual', 'inet6 auto', 'inet6 static'),
    fc.constantFrom('', '  ', '\t'),
    fc.uniqueArray(option, { maxLength: 6 }),
  )
  .map(([name, method, indent, options]) => [
    `iface ${name} ${method}`,
    ...options.map((text) => indent + text),
  ]);
const selection = fc
  .tuple(
    fc.constantFrom('auto', 'allow-hotplug', 'no-auto-down'),
    fc.uniqueArray(fc.constantFrom('lo', 'eth0', 'eth0:1', 'eth1'), { minLength: 1 }),
  )
  .map(([keyword, names]) => [[keyword, ...names].join(' ')]);

/** Texts that ifup accepts and that configure eth0, in many ways. */
export const uplinkText = fc
  .tuple(
    fc.array(fc.oneof(uplinkStanza, selection), { maxLength: 4 }),
    fc.array(fc.oneof(uplinkStanza, selection), { maxLength: 2 }),
    fc.boolean(),
  )
  .map(([before, after, final]) => {
    const lines = [...before, ['iface eth0 inet dhcp'], ...after].flat();
    return lines.join('\n') + (final ? '\n' : '');
  });
