import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { programInfo } from '../../src/cli/program-info.js';
import { localHost } from '../../src/host/local-host.js';
import type { RunningCopy } from '../../src/rehearse/copy.js';
import { findings, nothingLeft, wrongs } from './doctor-support.js';
import {
  answersFromLan,
  docker,
  document,
  eventually,
  STATIC_INTERFACES,
  setUpForContainers,
  startHost,
  withInterfaces,
} from './support.js';

let copy: RunningCopy;
beforeAll(async () => {
  copy = await startHost(withInterfaces(STATIC_INTERFACES));
  await setUpForContainers(copy);
  await copy.sandbox.write('/tmp/firewall-cmd', FIREWALL_CMD);
  await copy.sandbox.write('/tmp/engine.cjs', OTHER_ENGINE);
});
afterAll(() => copy?.stop());

const shell = (line: string) => copy.sandbox.run(['sh', '-c', line], { timeoutMs: 60_000 });

const found = (...flags: string[]) => wrongs(copy, ...flags);
const content = () => nothingLeft(copy);

const RULE = '-i br0 -o br0 -j ACCEPT';
const REMAKE = 'ifdown br0 && ifup br0';

/** systemd as doctor sees it: that it runs, and what it says of the unit. */
const systemctl = (active: string, file: string, restarts = 0) =>
  `mkdir -p /run/systemd/system /usr/local/sbin; printf '#!/bin/sh\\nprintf "Id=bridge-setup.service\\\\nLoadState=loaded\\\\nActiveState=${active}\\\\nUnitFileState=${file}\\\\nNRestarts=${restarts}\\\\n"\\n' > /usr/local/sbin/systemctl; chmod +x /usr/local/sbin/systemctl`;
const NO_SYSTEMD = 'rm -r /run/systemd/system /usr/local/sbin/systemctl';

/** firewalld as doctor asks it, with the zones of interfaces in a folder. */
const FIREWALL_CMD = [
  '#!/bin/sh',
  'case "$1" in',
  '--get-default-zone) echo public ;;',
  '--get-active-zones) cd /tmp/zones && for link in *; do cat "$link"; echo "  interfaces: $link"; done ;;',
  '--zone=*) echo "${1#--zone=}" > "/tmp/zones/${2#--change-interface=}" ;;',
  'esac',
  '',
].join('\n');

/** Docker's API with one word of its answers replaced; what it is asked goes to the engine behind it. */
const OTHER_ENGINE = `
const http = require('node:http');
const [word, other] = process.argv.slice(2);
http.createServer((asked, answer) => {
  const { url: path, method, headers } = asked;
  asked.pipe(http.request({ socketPath: '/run/engine.sock', path, method, headers }, (got) => {
    const parts = [];
    got.on('data', (part) => parts.push(part)).on('end', () => {
      const { 'content-length': _, ...rest } = got.headers;
      answer.writeHead(got.statusCode, rest).end(Buffer.concat(parts).toString().replaceAll(word, other));
    });
  }));
}).listen('/var/run/docker.sock');
`;
const otherEngine = (word: string, other: string) =>
  `mv /var/run/docker.sock /run/engine.sock; '${process.execPath}' /tmp/engine.cjs '${word}' '${other}' >/dev/null 2>&1 & echo $! > /tmp/engine.pid; while [ ! -S /var/run/docker.sock ]; do sleep 0.1; done`;
const OWN_ENGINE = 'kill $(cat /tmp/engine.pid); mv -f /run/engine.sock /var/run/docker.sock';

/** A Node.js of long ago, as far as its version is asked for. */
const NODE_16 = 'printf "#!/bin/sh\\necho v16.20.2\\n" > /tmp/node-16; chmod +x /tmp/node-16';
/** A run of which nothing else is known. */
const UNFINISHED =
  'mkdir -p /var/lib/bridge-setup/checkpoints/3000-x; cd /var/lib/bridge-setup/checkpoints/3000-x; echo "{}" > before.json';

const MODULES = '/lib/modules/$(uname -r)';

describe('what is broken is found by its name, and is not once the remedy was applied', () => {
  it('a host in order', async () => expect(await found()).toEqual([]));

  it.each<[broken: string, name: string, remedy: string]>([
    ['ip link del br0', 'bridge-not-there', 'ifdown --force br0; ifup br0'],
    ['ip link set dev br0 down', 'bridge-down', REMAKE],
    ['ip link set dev eth0 nomaster', 'port-not-in-bridge', 'ip link set dev eth0 master br0'],
    ['ip link set dev eth0 down', 'port-down', 'ip link set dev eth0 up'],
    ['ip address flush dev br0', 'address-not-there', REMAKE],
    ['ip link set dev br0 address 02:00:00:00:00:99', 'mac-differs', REMAKE],
    [
      'ip link set dev br0 type bridge stp_state 1',
      'stp-differs',
      'ip link set dev br0 type bridge stp_state 0; ifdown br0 && ifup br0',
    ],
    ['ip link set dev br0 type bridge forward_delay 1500', 'forward-delay-differs', REMAKE],
    ['ip link set dev br0 mtu 1400', 'mtu-mismatch', 'ip link set dev br0 mtu 1500'],
    [
      'ip address add 192.168.1.66/24 dev eth0',
      'port-has-address',
      'ip address del 192.168.1.66/24 dev eth0',
    ],
    [
      'ip address add 192.168.1.77/24 dev br0',
      'address-not-in-files',
      'ip address del 192.168.1.77/24 dev br0',
    ],
    ['ip route del default', 'gateway-not-there', 'ip route replace default via 192.168.1.1 dev br0'],
    [`iptables -D DOCKER-USER ${RULE}`, 'accept-rule-missing', `iptables -I DOCKER-USER ${RULE}`],
    ['iptables -I DOCKER-USER -j DROP', 'accept-rule-too-late', 'iptables -D DOCKER-USER -j DROP'],
    ['iptables -D FORWARD -j DOCKER-USER', 'docker-user-not-called', 'iptables -I FORWARD -j DOCKER-USER'],
    [
      'iptables -A INPUT -i eth0 -p tcp --dport 22 -j ACCEPT',
      'firewall-names-port',
      'iptables -D INPUT -i eth0 -p tcp --dport 22 -j ACCEPT',
    ],
    [
      'cp /etc/bridge-setup/runtime.json /tmp/r.json; echo "{" > /etc/bridge-setup/runtime.json',
      'runtime-config-invalid',
      'cp /tmp/r.json /etc/bridge-setup/runtime.json',
    ],
    ['mount -t tmpfs -o size=1M none /var/lib', 'disk-full', 'umount /var/lib'],
    ['mount -t tmpfs -o size=1M none /var/lib/bridge-setup', 'disk-full', 'umount /var/lib/bridge-setup'],
    [
      'mkdir -p /run/bridge-setup; mount -t tmpfs -o size=64k none /run/bridge-setup',
      'disk-full',
      'umount /run/bridge-setup',
    ],
    [
      'udhcpc -i eth0 -f -s /bin/true >/dev/null 2>&1 & echo $! > /tmp/udhcpc.pid',
      'client-on-port',
      'kill -9 $(cat /tmp/udhcpc.pid)',
    ],
    [
      'udhcpc -i br0 -f -s /bin/true >/dev/null 2>&1 & udhcpc -i br0 -f -s /bin/true >/dev/null 2>&1 & sleep 0.2',
      'two-clients',
      'kill -9 $(pidof udhcpc)',
    ],
    [
      'sysctl -qw net.ipv4.conf.br0.rp_filter=1 net.ipv4.conf.all.rp_filter=0; ip link add eth1 type veth peer name eth1far; ip address add 192.168.1.50/24 dev eth1; ip link set eth1 up; ip link set eth1far up',
      'rp-filter-strict',
      'sysctl -qw net.ipv4.conf.br0.rp_filter=2; ip link del eth1',
    ],
    [
      'mkdir -p /var/lib/bridge-setup/checkpoints/3000-x; cd /var/lib/bridge-setup/checkpoints/3000-x; echo "{}" > before.json; echo \'{"state":"awaiting","seconds":120}\' > journal.jsonl',
      'change-pending',
      'rm -r /var/lib/bridge-setup/checkpoints/3000-x',
    ],
    [
      'mkdir -p /etc/systemd/system; echo "ExecStart=/opt/node/bin/node x daemon" > /etc/systemd/system/bridge-setup.service',
      'node-missing',
      'rm /etc/systemd/system/bridge-setup.service',
    ],
    [systemctl('failed', 'enabled'), 'runtime-failed', NO_SYSTEMD],
    [systemctl('active', 'disabled'), 'not-enabled', NO_SYSTEMD],
    [systemctl('inactive', 'enabled'), 'runtime-not-running', NO_SYSTEMD],
    [
      `${NODE_16}; mkdir -p /etc/systemd/system; echo "ExecStart=/tmp/node-16 x daemon" > /etc/systemd/system/bridge-setup.service`,
      'node-too-old',
      'rm /etc/systemd/system/bridge-setup.service',
    ],
    ['cp /etc/resolv.conf /tmp/; : > /etc/resolv.conf', 'dns-none', 'cp /tmp/resolv.conf /etc/'],
    [
      'cp /etc/resolv.conf /tmp/; echo "nameserver 192.168.1.88" >> /etc/resolv.conf',
      'dns-partly-silent',
      'cp /tmp/resolv.conf /etc/',
    ],
    [
      'ip link add eth1 type veth peer name eth1far; ip address add 10.9.0.2/24 dev eth1; ip link set eth1 up; ip link set eth1far up; ip route append default via 10.9.0.1 dev eth1',
      'default-routes-clash',
      'ip link del eth1',
    ],
    [
      `${UNFINISHED}; echo '{"n":1,"state":"intent","step":{"id":"x","title":"x","kind":"run","argv":["true"],"undo":null,"timeoutSeconds":1},"before":null}' > journal.jsonl`,
      'change-unfinished',
      'rm -r /var/lib/bridge-setup/checkpoints/3000-x',
    ],
    [
      `${UNFINISHED}; echo '{"state":"incomplete"}' > journal.jsonl`,
      'rollback-incomplete',
      'rm -r /var/lib/bridge-setup/checkpoints/3000-x',
    ],
    [
      'cp /etc/resolv.conf /tmp/; echo "nameserver 192.168.1.88" > /etc/resolv.conf',
      'dns-silent',
      'cp /tmp/resolv.conf /etc/',
    ],
    [
      'mkdir -p /run/systemd/netif/links; : > /run/systemd/netif/links/$(cat /sys/class/net/br0/ifindex)',
      'manager-conflict',
      'rm -r /run/systemd/netif',
    ],
    [
      'mkdir -p /run/dhcpcd; echo 1 > /run/dhcpcd/pid',
      'manager-conflict',
      'echo "denyinterfaces br0 eth0" > /etc/dhcpcd.conf',
    ],
    [
      'cp /etc/network/interfaces /tmp/; sed -i "1i # This file is generated by cloud-init" /etc/network/interfaces; install /dev/stdin /usr/local/sbin/cloud-init < /dev/null',
      'cloud-init-rewrites',
      'mkdir -p /etc/cloud/cloud.cfg.d; echo "network: {config: disabled}" > /etc/cloud/cloud.cfg.d/99-network.cfg',
    ],
    [
      'mkdir -p /tmp/zones; echo internal > /tmp/zones/eth0; install /tmp/firewall-cmd /usr/local/sbin/firewall-cmd',
      'firewalld-zone',
      'firewall-cmd --zone=internal --change-interface=br0',
    ],
    [
      'iptables -N ufw-user-input; iptables -A INPUT -j ufw-user-input; iptables -A ufw-user-input -i eth0 -p tcp --dport 22 -j ACCEPT',
      'firewall-names-port',
      'iptables -R ufw-user-input 1 -i br0 -p tcp --dport 22 -j ACCEPT',
    ],
    [otherEngine('"Version":"20.10', '"Version":"19.03'), 'docker-too-old', OWN_ENGINE],
    [
      otherEngine('"SecurityOptions":[', '"SecurityOptions":["name=rootless",'),
      'docker-rootless',
      OWN_ENGINE,
    ],
    [
      `mount -t tmpfs none /sys/module; mkdir -p ${MODULES}; echo > ${MODULES}/modules.dep`,
      'kernel-module-missing',
      `echo kernel/drivers/net/macvlan.ko.xz: > ${MODULES}/modules.dep`,
    ],
  ])('%s: %s', async (broken, name, remedy) => {
    // Asking the LAN takes seconds, and only name servers are asked here.
    const flags = name.startsWith('dns-') ? [] : ['--no-probe'];
    await shell(broken);
    expect(await found(...flags)).toContain(name);
    await shell(remedy);
    await nothingLeft(copy, ...flags);
  });

  it('a container with a rule that nobody attached, and one whose rule is refused', async () => {
    const run = (name: string, rule: string) =>
      docker(
        copy,
        'run',
        '-d',
        `--name=${name}`,
        '--net=none',
        '-e',
        `pipework_cmd=${rule}`,
        'box',
        'sleep',
        '3600',
      );
    await run('web', 'br0 -i eth0 @CONTAINER_NAME@ 192.168.1.70/24');
    await run('bad', 'br7 -i eth0 @CONTAINER_NAME@ 192.168.1.71/24');
    expect((await found()).toSorted()).toEqual(['container-not-attached', 'rule-ignored']);
    await docker(copy, 'rm', '-f', 'web', 'bad');
    expect(await found()).toEqual([]);
  });

  describe('of what containers get from the LAN', () => {
    const run = (name: string, ...more: string[]) =>
      docker(copy, 'run', '-d', `--name=${name}`, '--net=none', ...more, 'box', 'sleep', '3600');
    const rule = (words: string) => ['-e', `pipework_cmd=br0 -i eth0 @CONTAINER_NAME@ ${words}`];
    const causes = async () =>
      document((await copy.bridgeSetup(['doctor', '--json'])).stdout)
        .findings.filter(({ check }: { check: string }) => check.startsWith('container-'))
        .map(({ check, cause }: { check: string; cause: string }) => `${check}: ${cause}`);
    let daemon: Awaited<ReturnType<RunningCopy['startDaemon']>>;
    beforeAll(async () => {
      daemon = await copy.startDaemon();
      await run('web', ...rule('192.168.1.70/24@192.168.1.1'));
      await answersFromLan(copy, '192.168.1.70');
    });
    afterAll(async () => {
      await docker(copy, 'rm', '-f', 'web');
      daemon.kill();
      await daemon.exited;
    });

    it('a filter of bridges that drops their frames, or their packets only, by its rule', async () => {
      expect(await found()).toEqual([]);
      await shell('ebtables -A FORWARD -j DROP');
      expect(await causes()).toEqual([expect.stringMatching(/^container-cut-off: .*-A FORWARD -j DROP/)]);
      await shell('ebtables -F FORWARD; ebtables -A FORWARD -p IPv4 -j DROP');
      // What is known by its rule is not said of each container as well.
      expect(await causes()).toEqual([]);
      expect(await found()).toEqual(['frames-dropped']);
      await shell('ebtables -F FORWARD');
      await content();
    });

    it('another station with the address of a container, which it does not disturb', async () => {
      const known = async () =>
        (await copy.lan.run(['ip', 'neighbour', 'show', '192.168.1.70', 'dev', 'lan0'])).stdout;
      const mac = /lladdr \S+/.exec(await known())?.[0];
      const heard = copy.lan.watch('192.168.1.70', 20);
      expect(await found()).toEqual([]);
      expect((await heard.stop()).longestSilenceMs).toBeLessThan(1000);
      expect(await known()).toContain(mac);
      await copy.lan.run(['ip', 'address', 'add', '192.168.1.70/32', 'dev', 'lan0']);
      expect(await found()).toEqual(['container-address-taken']);
      expect(await found('--no-probe')).toEqual([]);
      await copy.lan.run(['ip', 'address', 'delete', '192.168.1.70/32', 'dev', 'lan0']);
      await content();
    });

    it('a rule outside the LAN, one with another netmask, and names that are nearly those of rules', async () => {
      await run('lost', ...rule('10.99.0.5/24@10.99.0.1'));
      await run('wide', ...rule('192.168.1.72/16'));
      await run('slip', '-e', 'pipework_cdm=br0 @CONTAINER_NAME@ 192.168.1.73/24');
      await run('label', '--label', 'bridge-setup.atach=br0 @CONTAINER_NAME@ 192.168.1.74/24');
      await answersFromLan(copy, '192.168.1.72');
      const all = ['container-gateway-silent', 'netmask-differs', 'rule-ignored', 'rule-ignored'];
      await eventually('lost is attached', async () => (await found()).length === all.length);
      expect((await found()).toSorted()).toEqual(all);
      const shown = (await copy.bridgeSetup(['status'])).stdout;
      expect(shown).toMatch(
        /Not attached[\s\S]*label[\s\S]*bridge-setup\.atach[\s\S]*slip[\s\S]*pipework_cdm/,
      );
      await docker(copy, 'rm', '-f', 'lost', 'wide', 'slip', 'label');
      await content();
    });

    it('a second DHCP server, of whose addresses it takes none', async () => {
      const leases = await copy.sandbox.read('/tmp/lan.leases');
      const other = '/tmp/other.leases';
      await copy.sandbox.run(['ip', 'netns', 'add', 'other']);
      await copy.lan.run(['ip', 'link', 'add', 'far9', 'type', 'veth', 'peer', 'name', 'o0']);
      await copy.lan.run(['ip', 'link', 'set', 'far9', 'master', 'lan0', 'up']);
      await copy.lan.run(['ip', 'link', 'set', 'o0', 'netns', 'other']);
      const inOther = ['ip', '-n', 'other'];
      await copy.sandbox.run([...inOther, 'address', 'add', '192.168.1.2/24', 'dev', 'o0']);
      await copy.sandbox.run([...inOther, 'link', 'set', 'o0', 'up']);
      // With its ping check, as routers have it.
      const server = copy.sandbox.spawn(
        [
          ...['dnsmasq', '--keep-in-foreground', '--conf-file=/dev/null', '--port=0', '--interface=o0'],
          ...['--dhcp-range=192.168.1.210,192.168.1.220,255.255.255.0,1h', `--dhcp-leasefile=${other}`],
          ...['--pid-file=', '--user=root'],
        ],
        { network: { namespace: 'other' } },
      );
      expect(await found()).toEqual(['two-dhcp-servers']);
      expect(await found('--no-probe')).toEqual([]);
      expect(await copy.sandbox.read('/tmp/lan.leases')).toBe(leases);
      expect((await copy.sandbox.read(other)) ?? '').not.toContain('192.168.1.2');
      server.kill();
      await server.exited;
      await copy.sandbox.run(['ip', 'netns', 'delete', 'other']);
      await content();
    });
  });

  it('without a word to the LAN that would lead its hosts to another MAC address', async () => {
    // As after a boot, br0 is the first link with an address: the one that a link without any borrows.
    await shell('ip address delete 172.17.0.1/16 dev docker0');
    const ours = (await copy.sandbox.read('/sys/class/net/br0/address'))?.trim();
    const known = () => copy.lan.run(['ip', 'neighbour', 'show', '192.168.1.10', 'dev', 'lan0']);
    const heard = copy.lan.watch('192.168.1.10', 20);
    for (const _ of [1, 2]) {
      await found();
      expect((await known()).stdout).toContain(`lladdr ${ours} `);
    }
    expect((await heard.stop()).longestSilenceMs).toBeLessThan(1000);
    await shell('ip address add 172.17.0.1/16 brd 172.17.255.255 dev docker0');
  });

  it('another host with the address of ours, unless it may not ask', async () => {
    await copy.lan.run(['ip', 'address', 'add', '192.168.1.10/32', 'dev', 'lan0']);
    expect(await found()).toContain('duplicate-address');
    expect(await found('--no-probe')).toEqual([]);
    await copy.lan.run(['ip', 'address', 'delete', '192.168.1.10/32', 'dev', 'lan0']);
    await content();
  });

  it('a LAN that drops a second MAC address, and one that does not answer at all', async () => {
    const mac = (await copy.sandbox.read('/sys/class/net/eth0/address'))?.trim() ?? '';
    await copy.lan.run(['ebtables', '-A', 'INPUT', '-i', 'far0', '-s', '!', mac, '-j', 'DROP']);
    expect(await found()).toContain('second-mac-dropped');
    await copy.lan.run(['ebtables', '-A', 'INPUT', '-i', 'far0', '-j', 'DROP']);
    expect(await found()).not.toContain('second-mac-dropped');
    await copy.lan.run(['ebtables', '-F']);
    await content();
  });

  it('Docker that does not answer', async () => {
    await copy.stopDocker();
    expect(await found()).toContain('docker-unreachable');
    // As a firewall does that is started anew.
    await shell('iptables -F DOCKER-USER');
    await copy.startDocker();
    const left = await found();
    expect(left).not.toContain('docker-unreachable');
    expect(left).toEqual(expect.arrayContaining(['accept-rule-missing', 'docker-restarted']));
    const daemon = await copy.startDaemon();
    await content();
    daemon.kill();
    await daemon.exited;
  });

  it("Docker's chain that somebody has deleted, until Docker makes it anew", async () => {
    await shell('iptables -F DOCKER-USER; iptables -D FORWARD -j DOCKER-USER; iptables -X DOCKER-USER');
    expect(await found()).toContain('forward-drop');
    await copy.stopDocker();
    await copy.startDocker();
    expect(await found()).not.toContain('forward-drop');
    const daemon = await copy.startDaemon();
    await content();
    daemon.kill();
    await daemon.exited;
  });

  it('a runtime that was started again and again', async () => {
    const daemon = await copy.startDaemon();
    await shell(systemctl('active', 'enabled', 7));
    expect(await found()).toContain('runtime-fails-often');
    await shell(NO_SYSTEMD);
    await content();
    daemon.kill();
    await daemon.exited;
  });

  it('a runtime of another build, and one that was started before its program was installed', async () => {
    const install = (digest: string) =>
      copy.sandbox.write('/usr/local/lib/bridge-setup/installed.json', JSON.stringify({ digest }));
    const older = await copy.startDaemon();
    await install('of another build');
    expect(await found()).toEqual(['runtime-outdated']);
    // Times of files are looked at in whole seconds.
    await shell('sleep 1');
    await install((await programInfo(localHost())).digest);
    expect(await found()).toEqual(['runtime-older-than-program']);
    older.kill();
    await older.exited;
    await shell('sleep 1');
    const newer = await copy.startDaemon();
    await content();
    newer.kill();
    await newer.exited;
    await shell('rm -r /usr/local/lib/bridge-setup');
  });

  it('snooping where no querier is, until the LAN has one', async () => {
    const isNoted = async () =>
      (await findings(copy)).some(({ check }) => check === 'snooping-without-querier');
    expect(await isNoted()).toBe(true);
    await copy.lan.run([
      'ip',
      'link',
      'set',
      'dev',
      'lan0',
      'type',
      'bridge',
      'mcast_query_use_ifaddr',
      '1',
      'mcast_querier',
      '1',
    ]);
    await eventually('a querier was seen', async () => !(await isNoted()), 60_000);
  });
});
