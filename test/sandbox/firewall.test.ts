import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Child } from '../../src/host/host.js';
import type { RunningCopy } from '../../src/rehearse/copy.js';
import { wrongs } from './doctor-support.js';
import {
  ANSWERS,
  eventually,
  HOST_ADDRESS,
  MORE_PROGRAMS,
  STATIC_INTERFACES,
  setUp,
  startHost,
  withInterfaces,
} from './support.js';

const BRIDGE_NF = 'net.bridge.bridge-nf-call-iptables';
const HOST_IPV6 = 'fd00:192::10';
const OPEN = 22;
const CLOSED = 23;
const RULES = '/etc/firewall.rules';
const NFT = '/etc/nftables.conf';
const UFW = ['/etc/ufw/user.rules', '/etc/ufw/user6.rules'];
const INTERFACES = `${STATIC_INTERFACES}    pre-up [ ! -e ${RULES} ] || iptables-restore --noflush < ${RULES}
    up ip -6 address add ${HOST_IPV6}/64 dev eth0 nodad
`;

/** The rules of a host that lets in SSH on its NIC only, and hides those behind it; what Docker makes stays. */
const SAVED = `*filter
:INPUT DROP [0:0]
-F INPUT
-A INPUT -i lo -j ACCEPT
-A INPUT -m state --state RELATED,ESTABLISHED -j ACCEPT
-A INPUT -i eth0 -p icmp -j ACCEPT
-A INPUT -i eth0 -s 192.168.1.66 -j DROP
-A INPUT -i eth+ -p tcp --dport ${OPEN} -m comment --comment "SSH from the LAN" -j ACCEPT
COMMIT
*nat
-F POSTROUTING
-A POSTROUTING -o eth0 -j MASQUERADE
COMMIT
`;

const NFT_RULES = `#!/usr/sbin/nft -f
table inet own
delete table inet own
table inet own {
	set lan {
		type ifname
		elements = { "eth0" }
	}
	chain input {
		type filter hook input priority 0; policy drop;
		iif lo accept
		ct state established,related accept
		iifname @lan meta l4proto { icmp, ipv6-icmp } accept
		iifname eth0 tcp dport ssh counter accept comment "SSH from the LAN"
		iifname != { lo, eth0 } accept
	}
	chain post {
		type nat hook postrouting priority 100;
		oifname "eth0" ip saddr 10.1.0.0/16 masquerade
	}
}
`;

/** Answers a connection, on both ports and of both families. */
const LISTENERS = `for (const port of [${OPEN}, ${CLOSED}]) {
  require('net').createServer((socket) => socket.end('hello\\n')).listen(port, '::');
}`;

let copy: RunningCopy;
beforeAll(async () => {
  copy = await startHost((model) => {
    const other = withInterfaces(INTERFACES)(model);
    return { ...other, lan: { ...other.lan, ipv6: { address: 'fd00:192::1', prefix: 64, ra: false } } };
  }, MORE_PROGRAMS);
  copy.sandbox.spawn([process.execPath, '-e', LISTENERS]);
  await eventually('the ports answer', () => canConnect(CLOSED));
}, 900_000);
afterAll(() => copy?.stop());

/** A new connection from another host of the LAN. */
async function canConnect(port: number, address = HOST_ADDRESS): Promise<boolean> {
  const script = `exec 3<>/dev/tcp/${address}/${port} && read -r word <&3 && [ "$word" = hello ]`;
  return (await copy.lan.run(['timeout', '1', 'bash', '-c', script], { check: false })).exitCode === 0;
}

const run = (...argv: string[]) => copy.sandbox.run(argv);

/** All that the packet filters have, without what counts by itself. */
async function firewall(): Promise<string> {
  const shown = [];
  for (const program of ['iptables-nft', 'iptables-legacy', 'ip6tables-nft', 'ip6tables-legacy']) {
    shown.push((await run(`${program}-save`)).stdout);
  }
  shown.push((await run('nft', 'list', 'ruleset')).stdout);
  return shown
    .join('\n')
    .replaceAll(/^# (Generated|Completed) .*$/gm, '')
    .replaceAll(/\[\d+:\d+\]/g, '')
    .replaceAll(/packets \d+ bytes \d+/g, '');
}

async function filesNow(): Promise<(string | null)[]> {
  const paths = ['/etc/network/interfaces', RULES, NFT, ...UFW];
  return Promise.all(paths.map((path) => copy.sandbox.read(path)));
}

const snapshot = async () => ({ firewall: await firewall(), files: await filesNow() });
const answers = (value: string) => ({ ...ANSWERS, safety: { firewall: value } });

async function rollBack(): Promise<void> {
  const back = await copy.bridgeSetup(['rollback']);
  expect(back.exitCode, back.stdout + back.stderr).toBe(0);
}

/** Rules that name the NIC are followed; the host then lets in what it let in before, also once they are loaded again. */
async function expectFollowed(reload: () => Promise<unknown>): Promise<string[]> {
  const before = await snapshot();
  expect([await canConnect(OPEN), await canConnect(CLOSED)]).toEqual([true, false]);
  const done = await setUp(copy, answers('follow'));
  expect(done.exitCode, JSON.stringify(done.document)).toBe(0);
  expect([await canConnect(OPEN), await canConnect(CLOSED)]).toEqual([true, false]);
  expect(await wrongs(copy, '--no-probe')).not.toContain('firewall-names-port');
  await reload();
  expect([await canConnect(OPEN), await canConnect(CLOSED)]).toEqual([true, false]);
  return rollBackTo(before, done.document);
}

async function rollBackTo(
  before: Awaited<ReturnType<typeof snapshot>>,
  document: { plan: { risks: { message: string }[] } },
): Promise<string[]> {
  await rollBack();
  expect(await snapshot()).toEqual(before);
  expect([await canConnect(OPEN), await canConnect(CLOSED)]).toEqual([true, false]);
  return document.plan.risks.map(({ message }) => message);
}

describe('rules that a hook of the network files loads', () => {
  beforeAll(async () => {
    await copy.sandbox.write(RULES, SAVED);
    await run('sh', '-c', `iptables-restore --noflush < ${RULES}`);
  });

  it('are a refusal that lists them, and nothing is changed', async () => {
    const before = await snapshot();
    const { exitCode, document } = await setUp(copy);
    expect(exitCode).toBe(3);
    expect(document.error.code).toBe('firewall-names-uplink');
    expect(document.error.problems.map(({ message }: { message: string }) => message)).toHaveLength(4);
    expect(await snapshot()).toEqual(before);
  });

  it('stay as they are where that is wanted, and the plan says what it means', async () => {
    const before = await snapshot();
    const { document } = await setUp(copy, answers('keep'), '--dry-run');
    const risks = document.plan.risks.map(({ message }: { message: string }) => message).join('\n');
    expect(risks).toMatch(/SSH from the LAN.*no longer matches/);
    expect(risks).toMatch(/MASQUERADE.*no longer matches/);
    expect(await snapshot()).toEqual(before);
  });

  it('are followed, live and in their file', async () => {
    const reload = () => run('sh', '-c', 'ifdown br0; ifup br0');
    expect((await expectFollowed(reload)).join('\n')).not.toContain('in no file');
  });

  afterAll(async () => {
    await run('rm', RULES);
    await run('iptables', '-P', 'INPUT', 'ACCEPT');
    await run('iptables', '-F', 'INPUT');
    await run('iptables', '-t', 'nat', '-D', 'POSTROUTING', '-o', 'eth0', '-j', 'MASQUERADE');
  });
});

describe('rules of nftables', () => {
  beforeAll(async () => {
    await copy.sandbox.write(NFT, NFT_RULES);
    await run('nft', '-f', NFT);
  });

  it('are followed: rules, exceptions and named sets', async () => {
    expect(await canConnect(OPEN, HOST_IPV6)).toBe(true);
    const reload = async () => {
      expect([await canConnect(OPEN, HOST_IPV6), await canConnect(CLOSED, HOST_IPV6)]).toEqual([true, false]);
      await run('nft', '-f', NFT);
    };
    expect((await expectFollowed(reload)).join('\n')).not.toContain('in no file');
  });

  afterAll(() => run('nft', 'delete', 'table', 'inet', 'own'));
});

describe('rules of ufw', () => {
  beforeAll(async () => {
    await run('ufw', 'default', 'allow', 'routed');
    await run('ufw', '--force', 'enable');
    await run('ufw', 'reload');
    await run('ufw', 'allow', 'in', 'on', 'eth0', 'to', 'any', 'port', String(OPEN), 'proto', 'tcp');
  });

  it('are followed for IPv4 and IPv6, and ufw knows them', async () => {
    const reload = async () => {
      expect([await canConnect(OPEN, HOST_IPV6), await canConnect(CLOSED, HOST_IPV6)]).toEqual([true, false]);
      await run('ufw', 'reload');
      expect((await run('ufw', 'status')).stdout).toMatch(/22\/tcp on br0 +ALLOW/);
      expect([await canConnect(OPEN, HOST_IPV6), await canConnect(CLOSED, HOST_IPV6)]).toEqual([true, false]);
    };
    expect((await expectFollowed(reload)).join('\n')).not.toContain('in no file');
  });

  afterAll(() => run('ufw', 'disable'));
});

describe('a zone of firewalld', () => {
  let firewalld: Child;

  /** Zones of all links, now and by firewalld's files. */
  const zones = async () => [
    (await run('firewall-cmd', '--get-active-zones')).stdout,
    (await run('sh', '-c', 'cat /etc/firewalld/zones/*.xml')).stdout,
    (await run('nft', 'list', 'table', 'inet', 'firewalld')).stdout,
  ];
  async function start(): Promise<void> {
    firewalld = copy.sandbox.spawn(['firewalld', '--nofork', '--nopid']);
    const isUp = async () =>
      (await copy.sandbox.run(['firewall-cmd', '--state'], { check: false })).exitCode === 0;
    await eventually('firewalld runs', isUp);
  }

  async function end(): Promise<void> {
    firewalld.kill();
    await firewalld.exited;
  }

  beforeAll(async () => {
    // What firewalld does to bridged frames is another story.
    await run('sysctl', '-qw', `${BRIDGE_NF}=0`);
    await run('mkdir', '-p', '/run/dbus');
    await run('dbus-daemon', '--system', '--fork');
    await start();
    await run('firewall-cmd', '--permanent', '--new-zone=lan');
    await run('firewall-cmd', '--permanent', '--zone=lan', '--add-interface=eth0');
    await run('firewall-cmd', '--permanent', '--zone=lan', '--add-port=22/tcp');
    await run('firewall-cmd', '--permanent', '--zone=public', '--remove-service=ssh');
    await run('firewall-cmd', '--reload');
  });

  it('has the bridge, too, also once firewalld has read its files again, and loses it again', async () => {
    expect([await canConnect(OPEN), await canConnect(CLOSED)]).toEqual([true, false]);
    const before = await zones();
    const done = await setUp(copy);
    expect(done.exitCode, JSON.stringify(done.document)).toBe(0);
    for (const reload of [[], ['firewall-cmd', '--reload']]) {
      if (reload.length > 0) await run(...reload);
      expect([await canConnect(OPEN), await canConnect(CLOSED)]).toEqual([true, false]);
    }
    expect(await wrongs(copy, '--no-probe')).not.toContain('firewall-names-port');
    await rollBack();
    expect(await zones()).toEqual(before);
    expect([await canConnect(OPEN), await canConnect(CLOSED)]).toEqual([true, false]);
  });

  it('loses the bridge also where firewalld was ended since', async () => {
    const before = await zones();
    expect((await setUp(copy)).exitCode).toBe(0);
    await end();
    await rollBack();
    await start();
    expect(await zones()).toEqual(before);
  });

  afterAll(async () => {
    await end();
    await run('sysctl', '-qw', `${BRIDGE_NF}=1`);
  });
});

describe('rules of the old iptables, which nobody wrote into a file', () => {
  const both = ['iptables-legacy', 'ip6tables-legacy'];
  beforeAll(async () => {
    for (const program of both) {
      await run(program, '-A', 'INPUT', '-i', 'lo', '-j', 'ACCEPT');
      await run(program, '-A', 'INPUT', '-m', 'state', '--state', 'ESTABLISHED', '-j', 'ACCEPT');
      await run(program, '-A', 'INPUT', '-i', 'eth0', '-p', 'tcp', '--dport', String(OPEN), '-j', 'ACCEPT');
      await run(program, '-A', 'INPUT', '-i', 'eth0', '-p', 'tcp', '-j', 'DROP');
    }
  });

  it('are followed live, and the plan says that a reboot knows nothing of it', async () => {
    const risks = await expectFollowed(async () => {
      expect([await canConnect(OPEN, HOST_IPV6), await canConnect(CLOSED, HOST_IPV6)]).toEqual([true, false]);
    });
    expect(risks.filter((message) => message.includes('in no file'))).toHaveLength(4);
  });

  it('that shut new connections out when they are left as they are', async () => {
    await run('iptables-legacy', '-P', 'INPUT', 'DROP');
    const { exitCode } = await setUp(copy, answers('keep'));
    expect([exitCode, await canConnect(OPEN)]).toEqual([0, false]);
    expect(await wrongs(copy, '--no-probe')).toContain('firewall-names-port');
    await rollBack();
    expect(await canConnect(OPEN)).toBe(true);
  });
});
