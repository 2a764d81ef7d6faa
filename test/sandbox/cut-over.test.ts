import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RunningCopy } from '../../src/rehearse/copy.js';
import { modelHost } from '../../src/rehearse/host-copy.js';
import { Lan, type LanSpec } from '../../src/rehearse/lan.js';
import { ANSWERS, eventually, HOST_ADDRESS, setUp, startHost, withInterfaces } from './support.js';

const STATIC = `auto lo
iface lo inet loopback

auto eth0
iface eth0 inet static
    address 192.168.1.10/24
    gateway 192.168.1.1
    up ip route add 10.9.0.0/16 via 192.168.1.1 dev eth0 metric 77
    up ip route add 10.8.0.0/16 via 192.168.1.1 dev eth0 table 100
    up ip rule add iif eth0 lookup 100 priority 1000
iface eth0 inet6 static
    address fd00:1::10/64
    gateway fd00:1::1
iface eth0 inet6 static
    address fd00:1::11/64

auto eth0:1
iface eth0:1 inet static
    address 192.168.1.11/24
`;

/** For whoever comes later, and for a host that comes without its identifier: it would get another address. */
const WIDE: LanSpec = {
  ...modelHost('the LAN of a model host').lan,
  reservations: {},
  range: ['192.168.1.10', '192.168.1.30'],
};

const LEASED = `auto lo
iface lo inet loopback

auto eth0
iface eth0 inet dhcp
`;

/** Pings at 1 ms from the LAN while something happens: sent, and lost. */
async function lostPings(copy: RunningCopy, address: string, work: () => Promise<void>) {
  const seen = new Set<number>();
  // What measures must not wait for the processor behind what is measured, or its own buffer loses answers.
  const child = copy.sandbox.spawn(['nice', '-n', '-20', 'ping', '-n', '-i', '0.001', '-W', '1', address], {
    network: { namespace: 'lan' },
    onLine: (line) => {
      const seq = /icmp_seq=(\d+) ttl|icmp_seq=(\d+) .*time/.exec(line);
      if (seq) seen.add(Number(seq[1] ?? seq[2]));
    },
  });
  await work();
  child.kill('SIGTERM');
  await child.exited;
  const last = Math.max(...seen);
  return { sent: last, lost: last - seen.size };
}

/** What the host's network is, without what changes by itself. */
async function network(copy: RunningCopy, link: string): Promise<string> {
  const parts = [
    ['ip', '-br', 'address', 'show', 'dev', link],
    ['ip', '-4', 'route', 'show', 'table', 'main', 'dev', link],
    ['ip', '-4', 'route', 'show', 'table', '100', 'dev', link],
    ['ip', '-6', 'route', 'show', 'table', 'main', 'dev', link],
    ['ip', 'rule', 'show'],
    ['cat', '/etc/resolv.conf', '/run/network/ifstate'],
  ];
  const shown = await Promise.all(parts.map((argv) => copy.sandbox.run(argv, { check: false })));
  return shown
    .map(({ stdout }) => stdout)
    .join('--\n')
    .replace(/expires \d+sec/g, 'expires')
    .replaceAll(link, 'LINK')
    .replace(/^LINK(@\S+)? +/gm, 'LINK ')
    .replace(/ +$/gm, '');
}

describe('a host with static addresses, an alias, IPv6, routes, a table and a rule', () => {
  it('moves to the bridge and back without a loss, and is the same', async () => {
    const copy = await startHost(withInterfaces(STATIC));
    try {
      await copy.lan.run(['ip', 'address', 'add', 'fd00:1::1/64', 'dev', 'lan0', 'nodad']);
      const before = await network(copy, 'eth0');
      const up4 = await lostPings(copy, HOST_ADDRESS, async () => {
        const up6 = await lostPings(copy, 'fd00:1::10', async () => {
          const run = await setUp(copy);
          expect(run.exitCode, JSON.stringify(run.document)).toBe(0);
        });
        expect(up6.lost).toBeLessThan(20);
      });
      expect(up4.lost).toBeLessThan(20);
      expect(await network(copy, 'br0')).toBe(before);
      const down = await lostPings(copy, 'fd00:1::10', async () => {
        const down4 = await lostPings(copy, HOST_ADDRESS, async () => {
          const back = await copy.bridgeSetup(['rollback', '--json']);
          expect(back.exitCode, back.stdout + back.stderr).toBe(0);
        });
        expect(down4.lost).toBeLessThan(20);
      });
      expect(down.lost).toBeLessThan(20);
      expect(await network(copy, 'eth0')).toBe(before);
    } finally {
      await copy.stop();
    }
  });
});

describe('a bridge with spanning tree', () => {
  it('is waited for, at set-up and by the proof', async () => {
    const copy = await startHost();
    try {
      const run = await setUp(copy, { ...ANSWERS, bridge: { uplink: 'eth0', stp: true, forwardDelay: 2 } });
      expect(run.exitCode, JSON.stringify(run.document)).toBe(0);
      const { stdout } = await copy.sandbox.run(['cat', '/sys/class/net/br0/bridge/stp_state']);
      expect(stdout.trim()).toBe('1');
      expect(await copy.lan.ping(HOST_ADDRESS)).toBe(3);
      expect((await copy.bridgeSetup(['rollback'])).exitCode).toBe(0);
      expect(await copy.lan.ping(HOST_ADDRESS)).toBe(3);
    } finally {
      await copy.stop();
    }
  });
});

describe('a host that configures its IPv6 address by itself (SLAAC)', () => {
  it('keeps addresses and default route of both families, and loses nothing', async () => {
    const ipv6 = { address: 'fd00:2::1', prefix: 64, ra: true };
    const copy = await startHost((model) => ({ ...model, lan: { ...model.lan, ipv6 } }));
    try {
      const shown = async (...argv: string[]) => (await copy.sandbox.run(['ip', '-6', ...argv])).stdout;
      const slaac = async (link: string) =>
        /inet6 (fd00:2::\S+)\/64/.exec(await shown('address', 'show', 'dev', link))?.[1] ?? null;
      const address = await eventually('an address by SLAAC', () => slaac('eth0'));
      // Duplicate address detection takes a second.
      const ping = ['ping', '-c', '1', '-W', '1', 'fd00:2::1'];
      await eventually(
        'the gateway',
        async () => (await copy.sandbox.run(ping, { check: false })).exitCode === 0,
      );
      const up = await lostPings(copy, address, async () => {
        const run = await setUp(copy);
        expect(run.exitCode, JSON.stringify(run.document)).toBe(0);
      });
      expect(up.lost).toBeLessThan(20);
      expect([await slaac('eth0'), await slaac('br0')]).toEqual([null, address]);
      expect(await shown('route', 'show', 'default')).toMatch(/^default via fe80::\S+ dev br0 /);
      const down = await lostPings(copy, address, async () => {
        expect((await copy.bridgeSetup(['rollback'])).exitCode).toBe(0);
      });
      expect(down.lost).toBeLessThan(20);
      expect(await slaac('eth0')).toBe(address);
      expect(await shown('route', 'show', 'default')).toMatch(/^default via fe80::\S+ dev eth0 /);
    } finally {
      await copy.stop();
    }
  });
});

const nameservers = (text: string | null) => text?.match(/^nameserver .*/gm);

/** DHCP clients that work on a link; dhcpcd's helpers name it too. */
async function clients(copy: RunningCopy, client: string) {
  const { stdout } = await copy.sandbox.run(['ps', '-eo', 'args']);
  const own = stdout.split('\n').filter((line) => line.startsWith(client) && !line.includes(' proxy]'));
  const on = (link: string) => own.filter((line) => line.includes(link) && !line.includes('BPF')).length;
  return { eth0: on('eth0'), br0: on('br0') };
}

/** The machine goes, without a word to the DHCP server, and comes up: no process, nothing in /run, nothing on the links. */
async function boot(copy: RunningCopy, client: string): Promise<void> {
  const quiet = { check: false };
  await copy.sandbox.run(['pkill', '-KILL', '-x', client], quiet);
  await copy.sandbox.run(['ip', 'link', 'del', 'br0'], quiet);
  await copy.sandbox.run(['ip', 'address', 'flush', 'dev', 'eth0']);
  await copy.sandbox.run(['ip', 'link', 'set', 'eth0', 'down']);
  await copy.sandbox.run(['sh', '-c', 'rm -rf /run/network/* /run/dhcpcd /run/udhcpc* /run/dhclient*']);
  await copy.sandbox.run(['ifup', '--all']);
}

/** Options of the stanza that each client is started with: interfaces(5), "The dhcp method". */
const OPTIONS: Record<string, string> = {
  dhclient: '    metric 77\n    client no\n',
  udhcpc: '    hostname leased-host\n',
  dhcpcd:
    '    metric 77\n    hostname leased-host\n    vendor "Two Words"\n    client my-id\n    leasetime 1800\n',
};

/** The clients' own files, with what they say of eth0 only; dhclient would lease for it beside br0 if it stayed. */
const OWN_FILES: Record<string, Record<string, string>> = {
  dhclient: {
    '/etc/dhcp/dhclient.conf': `# interface "eth0" { }\nsend host-name = gethostname();
interface "eth0" { send dhcp-client-identifier "by-its-file"; }\ninclude "/etc/dhcp/more";\n`,
    '/etc/dhcp/more': `interface "eth0" {\n  append domain-name-servers 192.0.2.7;\n}\n`,
  },
  dhcpcd: {
    '/etc/dhcpcd.conf': `persistent\nallowinterfaces eth0, eth1 # no others
option domain_name_servers\ninterface eth0\n\tstatic domain_name_servers=192.168.1.1 192.0.2.7\n`,
  },
};

/** What the server knows the host by, and what the host makes of the lease; the link by the word LINK. */
async function lease(copy: RunningCopy, link: string): Promise<unknown> {
  const { stdout } = await copy.sandbox.run(['ip', '-4', 'route', 'show', 'default']);
  const [record = ''] = ((await copy.sandbox.read('/tmp/lan.leases')) ?? '').split('\n');
  return {
    // dhcpcd's own metric is by index, and so another one on each link.
    routes: stdout.replaceAll(link, 'LINK').replace(/ metric 10\d\d/, ' metric by index'),
    // When it ends is left out; then MAC, address, host name, identifier.
    server: record.split(' ').slice(1),
    nameservers: nameservers(await copy.sandbox.read('/etc/resolv.conf')),
  };
}

/** How the client of a link was started: its options, and what ifup adds to its environment. */
async function started(copy: RunningCopy, client: string, link: string) {
  const { stdout: pids } = await copy.sandbox.run(['pgrep', '-x', client]);
  const script = `for pid in ${pids.trim().replaceAll('\n', ' ')}; do
    tr '\\0' '\\n' < /proc/$pid/cmdline | grep -qx ${link} && tr '\\0' '\\n' < /proc/$pid/environ; done`;
  const { stdout } = await copy.sandbox.run(['sh', '-c', script], { check: false });
  return stdout
    .split('\n')
    .filter((line) => /^(IF_|IFACE=|LOGICAL=|ADDRFAM=|METHOD=)/.test(line))
    .sort();
}

async function expectNoAddressOnPort(copy: RunningCopy): Promise<void> {
  expect((await copy.sandbox.run(['ip', '-4', 'address', 'show', 'dev', 'eth0'])).stdout).toBe('');
}

describe.each([
  ['dhclient', 'isc-dhcp-client'],
  ['udhcpc', 'udhcpc'],
  ['dhcpcd', 'dhcpcd-base'],
])('a host whose address is leased by %s', (client, clientPackage) => {
  let copy: RunningCopy;
  beforeAll(async () => {
    copy = await startHost((model) => ({
      ...model,
      files: { ...model.files, '/etc/network/interfaces': LEASED },
      packages: ['ifupdown', clientPackage],
      // Not reserved: the server has to know the host again. One address, so that it is this one.
      lan: { ...model.lan, reservations: {}, range: [HOST_ADDRESS, HOST_ADDRESS] },
      address: '192.168.1.10',
    }));
    await copy.lan.stopDhcpServer();
    await new Lan(copy.sandbox, WIDE).startDhcpServer();
  });
  afterAll(() => copy?.stop());

  it('keeps its address, its lease and its name servers, and loses nothing', async () => {
    const before = await lease(copy, 'eth0');
    const up = await lostPings(copy, HOST_ADDRESS, async () => {
      const run = await setUp(copy);
      expect(run.exitCode, JSON.stringify(run.document)).toBe(0);
    });
    expect(await clients(copy, client)).toEqual({ eth0: 0, br0: 1 });
    // Installed for containers, it would be ifupdown's choice at the next boot, with another identifier.
    expect((await copy.sandbox.run(['which', 'udhcpc'], { check: false })).exitCode).toBe(
      client === 'dhcpcd' ? 1 : 0,
    );
    expect(await lease(copy, 'br0')).toEqual(before);
    expect(up.lost).toBeLessThan(20);
    await boot(copy, client);
    await eventually(
      'the address of before the boot',
      async () => (await copy.lan.ping(HOST_ADDRESS, 1)) > 0,
    );
    expect(await clients(copy, client)).toEqual({ eth0: 0, br0: 1 });
    const down = await lostPings(copy, HOST_ADDRESS, async () => {
      const back = await copy.bridgeSetup(['rollback', '--json']);
      expect(back.exitCode, back.stdout + back.stderr).toBe(0);
    });
    expect(down.lost).toBeLessThan(20);
    expect(await clients(copy, client)).toEqual({ eth0: 1, br0: 0 });
    expect(await lease(copy, 'eth0')).toEqual(before);
  });

  it('keeps them with the options of its stanza, at a second set-up', async () => {
    await copy.sandbox.run(['ifdown', 'eth0']);
    await copy.sandbox.write('/etc/network/interfaces', LEASED + OPTIONS[client]);
    const own = OWN_FILES[client] ?? {};
    for (const [path, text] of Object.entries(own)) await copy.sandbox.write(path, text);
    await copy.sandbox.run(['ifup', 'eth0']);
    const before = await lease(copy, 'eth0');
    const run = await setUp(copy);
    expect(run.exitCode, JSON.stringify(run.document)).toBe(0);
    expect(await lease(copy, 'br0')).toEqual(before);
    await expectNoAddressOnPort(copy);
    const live = await started(copy, client, 'br0');
    for (const path of Object.keys(own)) expect(await copy.sandbox.read(path)).toContain('br0');
    await boot(copy, client);
    expect(await lease(copy, 'br0')).toEqual(before);
    expect(await clients(copy, client)).toEqual({ eth0: 0, br0: 1 });
    await expectNoAddressOnPort(copy);
    if (client === 'udhcpc') expect(await started(copy, client, 'br0')).toEqual(live);
    const back = await copy.bridgeSetup(['rollback', '--json']);
    expect(back.exitCode, back.stdout + back.stderr).toBe(0);
    expect(await lease(copy, 'eth0')).toEqual(before);
    expect(await clients(copy, client)).toEqual({ eth0: 1, br0: 0 });
    for (const [path, text] of Object.entries(own)) expect(await copy.sandbox.read(path)).toBe(text);
  });
});
