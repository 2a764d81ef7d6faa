import { describe, expect, it } from 'vitest';
import { examine } from '../../../src/checks/examine.js';
import { doctorChecks } from '../../../src/checks/registry.js';
import type { ContainerReach } from '../../../src/model/doctor-facts.js';
import type { HostFacts, Link } from '../../../src/model/facts.js';
import { doctorContext, dropped } from '../support/doctor.js';
import { link } from '../support/facts.js';
import { endpoint, healthy, idOf, setUpFacts, veth } from '../support/topology.js';

type Case = [what: string, expected: string[], ...given: Parameters<typeof doctorContext>];

/** What is found, each as `severity check`; what is fine is left out. */
const found = (...given: Parameters<typeof doctorContext>) =>
  examine(doctorChecks, doctorContext(...given))
    .checks.flatMap(({ findings }) => findings)
    .filter(({ severity }) => severity !== 'ok')
    .map(({ severity, check }) => `${severity} ${check}`);

/** The links of a host that is set up, with its bridge or its port changed. */
function links(
  change: { bridge?: Partial<Link>; port?: Partial<Link> },
  more: Link[] = [],
): Partial<HostFacts> {
  const ports = [veth('bs0000000001'), veth('bs0000000002')];
  return {
    links: [...setUpFacts(ports).links, ...more].map((one) => ({
      ...one,
      ...(one.name === 'br0' ? change.bridge : one.name === 'eth0' ? change.port : {}),
    })),
  };
}
const without = (...names: string[]) => ({
  links: links({}).links?.filter(({ name }) => !names.includes(name)) ?? [],
});
const topology = (parts: Partial<ReturnType<typeof healthy>>) => ({ topology: { ...healthy(), ...parts } });
const differing = (check: string) => ({
  differences: [{ check, severity: 'error' as const, message: 'm', remedy: 'r' }],
});
const { kernel, program, firewall } = doctorContext().doctor;
const accept = ['-i', 'br0', '-o', 'br0', '-j', 'ACCEPT'];
const inForward = { program: 'iptables-nft', chain: 'FORWARD', rule: accept, copies: 0 } as const;
const tooLate = { program: 'iptables-nft', chain: 'DOCKER-USER', rule: accept, copies: 1 } as const;
const client = (name: 'dhclient' | 'udhcpc', pid: number, on: string) => ({ name, pid, link: on });
const clients = (...running: HostFacts['dhcpClients']['running']) => ({
  dhcpClients: { installed: ['dhclient' as const], running },
});
/** An engine that does not answer. */
const DOWN = { installed: true, reachable: false, version: null, error: 'connect ECONNREFUSED' };
const rule = {
  ...{ container: 'tv', containerId: idOf('c'), variable: 'pipework_cmd', interfaceName: 'eth0' },
  problem: null,
};
const reach = (parts: Partial<ContainerReach>) => ({
  reach: [
    {
      ...{ container: 'web', interfaceName: 'eth0', address: '192.168.1.179/24', gateway: '192.168.1.1' },
      ...{ arp: true, ping: true, duplicate: null, host: null },
      ...parts,
    },
  ],
});
const offer = (server: string, mask = '255.255.255.0') => ({
  ...{ server, mask, address: '192.168.1.99', router: '192.168.1.1' },
});
const own = { address: '192.168.1.10', family: 4, prefix: 24, scope: 'global', dynamic: true } as const;
const service = (state: string | null) => ({
  runtime: { service: state, enabled: true, programDigest: 'abc' },
});
const unit = (file: string, restarts = 0) => ({ load: 'loaded', active: 'active', file, restarts });

it('finds nothing on a host in order', () => expect(found()).toEqual([]));

describe('doctor finds', () => {
  it.each<Case>([
    ['no bridge', ['error bridge-not-there'], topology({ endpoints: [] }), without('br0')],
    ['a bridge that is down', ['error bridge-down'], {}, links({ bridge: { up: false } })],
    [
      'another host with our address',
      ['error duplicate-address'],
      { lan: { duplicate: { address: '192.168.1.10', mac: '02:00:00:00:00:99' }, secondMac: 'second' } },
    ],
    [
      'a LAN that drops a second MAC address',
      ['error second-mac-dropped'],
      { lan: { duplicate: null, secondMac: 'own' } },
    ],
    [
      'a container whose address is taken',
      ['error container-address-taken'],
      reach({ duplicate: '02:00:00:00:00:99' }),
    ],
    [
      'a filter that drops frames of containers',
      ['error container-cut-off'],
      reach({ arp: false, host: { arp: true, ping: true } }),
    ],
    [
      'a filter that drops packets of containers',
      ['error container-packets-dropped'],
      reach({ ping: false, host: { arp: true, ping: true } }),
    ],
    ['a gateway that pings nobody', [], reach({ ping: false, host: { arp: true, ping: false } })],
    [
      'a gateway that is off',
      ['warning container-gateway-silent'],
      reach({ arp: false, ping: null, host: { arp: false, ping: false } }),
    ],
    [
      'a gateway that the LAN does not have',
      ['error container-gateway-silent'],
      reach({ gateway: '10.9.0.1', address: '10.9.0.5/24', arp: false, host: { arp: false, ping: false } }),
    ],
    [
      'a container with another netmask',
      ['warning netmask-differs'],
      topology({ endpoints: [endpoint({ address: '192.168.1.179/16' })] }),
    ],
    [
      'a container that is alone, and one of another network',
      [],
      topology({
        endpoints: [endpoint({ address: '192.168.1.179/32' }), endpoint({ address: '10.9.0.5/8' })],
      }),
    ],
    [
      'a DHCP server with another netmask',
      ['warning netmask-differs'],
      { dhcpOffers: [offer('192.168.1.1', '255.255.0.0')] },
    ],
    [
      'two DHCP servers',
      ['warning two-dhcp-servers'],
      { dhcpOffers: [offer('192.168.1.1'), offer('192.168.1.2')] },
    ],
    ['a lease of another DHCP server', ['warning two-dhcp-servers'], { dhcpOffers: [offer('192.168.1.2')] }],
    [
      'a name that is nearly that of a rule',
      ['warning rule-ignored'],
      { rules: [{ ...rule, problem: { code: 'rule-name-misspelt', message: 'no', remedy: null } }] },
    ],
    ['no port', ['error bridge-without-port'], { port: null }],
    ['a port that is down', ['error port-down'], {}, links({ port: { up: false } })],
    ['no carrier', ['error port-without-carrier'], {}, links({ port: { carrier: false } })],
    [
      'no address',
      ['error bridge-without-address', 'warning rp-filter-strict'].slice(0, 1),
      { lease: null },
      links({ bridge: { addresses: [] } }),
    ],
    [
      'an unpinned MAC address',
      ['warning mac-not-pinned'],
      {
        kernel: {
          ...kernel,
          bridge: { ...kernel.bridge, macPinned: false, snooping: false, querier: false, otherQuerier: null },
        },
      },
    ],
    [
      'another MAC address',
      ['warning mac-differs-from-port'],
      {},
      links({ bridge: { mac: '02:00:00:00:00:01' } }),
    ],
    ['STP', ['warning stp-delays'], {}, links({ bridge: { bridge: { stp: true, forwardDelay: 15 } } })],
    ['STP that is quick', ['info stp-on'], {}, links({ bridge: { bridge: { stp: true, forwardDelay: 2 } } })],
    ['another MTU', ['warning mtu-mismatch'], {}, links({ port: { mtu: 9000 } })],
    ['an address on the port', ['error port-has-address'], {}, links({ port: { addresses: [own] } })],
    ['no default route', ['error no-default-route'], {}, { routes: [] }],
    [
      'a route through the port',
      ['error route-through-port'],
      {},
      {
        routes: [
          {
            family: 4,
            destination: 'default',
            gateway: '192.168.1.1',
            link: 'eth0',
            metric: 0,
            protocol: 'boot',
          },
        ],
      },
    ],
    [
      'a strict filter and a second NIC',
      ['warning rp-filter-strict'],
      { kernel: { ...kernel, sourceCheck: 1 } },
      links({}, [link({ name: 'eth1', index: 9 })]),
    ],
    [
      'RA with forwarding',
      ['warning ra-ignored'],
      { kernel: { ...kernel, ipv6: { forwarding: true, acceptRa: 1 } } },
      links({ bridge: { addresses: [own, { ...own, family: 6, address: 'fd00::1', prefix: 64 }] } }),
    ],
    [
      'snooping',
      ['info snooping-without-querier'],
      {
        kernel: {
          ...kernel,
          bridge: { macPinned: true, snooping: true, querier: false, otherQuerier: null },
        },
      },
    ],
    ['no name server', ['error dns-none'], {}, { dns: { nameservers: [], search: [] } }],
    ['a silent name server', ['error dns-silent'], { silentNameServers: ['192.168.1.1'] }],
    [
      'a missing module',
      ['error kernel-module-missing'],
      { kernel: { ...kernel, missingModules: ['veth'] } },
    ],
    [
      'a missing module that is rarely needed',
      ['warning kernel-module-missing'],
      { kernel: { ...kernel, missingModules: ['macvlan'] } },
    ],
    [
      'a client on the port',
      ['error client-on-port'],
      {},
      clients(client('dhclient', 1, 'br0'), client('udhcpc', 2, 'eth0')),
    ],
    [
      'two clients',
      ['error two-clients'],
      {},
      clients(client('dhclient', 1, 'br0'), client('udhcpc', 2, 'br0')),
    ],
    ['no client', ['error no-client-on-bridge'], {}, clients()],
    [
      'no client installed',
      ['error no-client-installed'],
      {},
      { dhcpClients: { installed: [], running: [] } },
    ],
    [
      'a lease near its end',
      ['warning lease-near-its-end'],
      { lease: { link: 'br0', address: 'a', left: 60, seconds: 3600 } },
    ],
    [
      'a Docker that needs IP forwarding, which is off',
      ['error docker-needs-forwarding'],
      {},
      { docker: { ...DOWN, forwarding: { now: false, lasting: false } } },
    ],
    [
      'a Docker that is down although IP forwarding is on',
      ['error docker-unreachable'],
      {},
      { docker: { ...DOWN, forwarding: { now: true, lasting: false } } },
    ],
    [
      'a Docker that needs IP forwarding, which ends with the next boot',
      ['warning docker-forwarding-not-lasting'],
      {},
      { docker: { ...DOWN, reachable: true, version: '29.0.0', forwarding: { now: true, lasting: false } } },
    ],
    [
      'a Docker that finds IP forwarding on at each boot',
      [],
      {},
      { docker: { ...DOWN, reachable: true, version: '29.0.0', forwarding: { now: true, lasting: true } } },
    ],
    ['a rootless Docker', ['error docker-rootless'], { engine: { rootless: true, startedAt: null } }],
    [
      'an old Docker',
      ['warning docker-too-old'],
      {},
      { docker: { installed: true, reachable: true, version: '19.03.1', error: null } },
    ],
    [
      'a missing accept rule',
      ['error accept-rule-missing'],
      { firewall: { ...firewall, drops: [dropped()] } },
    ],
    [
      'FORWARD DROP without a chain',
      ['error forward-drop'],
      { firewall: { ...firewall, drops: [dropped({ insert: inForward })], hasDockerUser: false } },
    ],
    [
      'a chain that nobody calls',
      ['error docker-user-not-called'],
      { firewall: { ...firewall, drops: [dropped({ insert: inForward })] } },
    ],
    [
      'an accept rule too late',
      ['error accept-rule-too-late'],
      { firewall: { ...firewall, drops: [dropped({ insert: tooLate })] } },
    ],
    [
      'a drop by ufw, of both families, once',
      ['error ufw-drops'],
      {
        firewall: {
          ...firewall,
          drops: ([4, 6] as const).map((family) =>
            dropped({ family, kind: 'ufw', insert: null, cure: ['ufw route allow in on br0 out on br0'] }),
          ),
        },
      },
    ],
    [
      'a drop by firewalld',
      ['error firewalld-drops'],
      { firewall: { ...firewall, drops: [dropped({ kind: 'firewalld', insert: null })] } },
    ],
    [
      'a drop that only an administrator may change',
      ['error frames-dropped'],
      { firewall: { ...firewall, drops: [dropped({ kind: 'by-hand', insert: null, cure: [] })] } },
    ],
    [
      'Docker restarted since',
      ['warning docker-restarted', 'error accept-rule-missing'],
      {
        engine: { rootless: false, startedAt: Date.parse('2026-11-24T20:59:00Z') },
        firewall: { ...firewall, drops: [dropped()] },
      },
    ],
    [
      'a firewall rule for the port',
      ['warning firewall-names-port'],
      {},
      {
        firewall: {
          files: [],
          rules: [
            {
              kind: 'iptables',
              program: 'iptables-nft',
              table: 'filter',
              chain: 'INPUT',
              hooks: ['INPUT'],
              rule: '-i eth0 -j ACCEPT',
            },
          ],
        },
      },
    ],
    [
      "firewalld's zone",
      ['warning firewalld-zone'],
      {},
      { netfilter: { ...setUpFacts().netfilter, zones: { eth0: 'internal', br0: 'public' } } },
    ],
    [
      'another manager',
      ['error manager-conflict'],
      {},
      {
        managers: [
          { name: 'ifupdown', active: true, links: ['br0', 'eth0'] },
          { name: 'NetworkManager', active: true, links: ['br0'] },
        ],
      },
    ],
    ['no runtime', ['warning runtime-not-installed'], topology({ daemon: null }), service(null)],
    ['a stopped runtime', ['error runtime-not-running'], topology({ daemon: null }), service('inactive')],
    ['a failed runtime', ['error runtime-failed'], topology({ daemon: null }), service('failed')],
    [
      'a runtime that fails again and again',
      ['warning runtime-fails-often'],
      { units: { 'bridge-setup.service': unit('enabled', 9) } },
    ],
    [
      'a runtime in its first pass',
      ['warning runtime-not-ready'],
      topology({ daemon: { ready: false, since: '2026-11-24T20:00:00Z' } }),
    ],
    ['a bad configuration', ['error runtime-config-invalid'], { configProblem: 'runtime.json is not JSON' }],
    ['an old program', ['warning runtime-outdated'], { program: { ...program, digest: 'other' } }],
    [
      'a runtime older than its program',
      ['warning runtime-older-than-program'],
      { program: { ...program, installedAt: Date.parse('2026-11-24T20:59:00Z') } },
    ],
    ['an old Node.js', ['error node-too-old'], { program: { ...program, node: '18.20.1' } }],
    [
      'an old Node.js of the service',
      ['error node-too-old'],
      { program: { ...program, serviceNode: { path: '/n', version: '20.9.0' } } },
    ],
    [
      'no Node.js for the service',
      ['error node-missing'],
      { program: { ...program, serviceNode: { path: '/n', version: null } } },
    ],
    [
      'a service that is not enabled',
      ['error not-enabled'],
      { units: { 'docker.service': unit('disabled') } },
    ],
    ['what is in no file', ['error address-not-in-files'], differing('address-not-in-files')],
    ['any other difference', ['error port-named-otherwise'], differing('port-named-otherwise')],
    ['a pending change', ['error change-pending'], topology({ pending: 'awaiting' })],
    ['a change that was cut', ['error change-unfinished'], topology({ pending: 'open' })],
    ['half a rollback', ['error rollback-incomplete'], topology({ pending: 'incomplete' })],
    [
      'a container without a lease',
      ['error container-without-address'],
      topology({
        endpoints: [endpoint({ state: 'waiting-for-lease', address: null, error: 'no DHCP server answers' })],
      }),
    ],
    [
      'a container whose client asks since a moment',
      ['error container-without-address'],
      topology({
        endpoints: [
          endpoint({
            ...{ state: 'waiting-for-lease', address: null, error: null },
            since: new Date(healthy().now).toISOString(),
          }),
        ],
      }),
    ],
    ['a port that is gone', ['warning container-trouble'], {}, without('bs0000000002')],
    [
      'a lease that was not renewed',
      ['warning container-trouble'],
      topology({
        leases: {
          bs0000000001: { time: healthy().now / 1000 - 7000, lease: { server: null, seconds: 7200 } },
        },
      }),
    ],
    [
      'a renewal that is overdue',
      ['warning container-lease-overdue'],
      topology({
        leases: {
          bs0000000001: { time: healthy().now / 1000 - 5500, lease: { server: null, seconds: 7200 } },
        },
      }),
    ],
    [
      'a rule that is refused',
      ['error rule-ignored'],
      { rules: [{ ...rule, problem: { code: 'rule-bridge', message: 'no', remedy: null } }] },
    ],
    [
      'a rule that an image brings along',
      ['warning rule-ignored'],
      { rules: [{ ...rule, problem: { code: 'rule-from-image', message: 'no', remedy: null } }] },
    ],
    ['a container that nobody attached', ['error container-not-attached'], { rules: [rule] }],
    ['that somebody else than root asks', ['unknown partly-seen'], { unread: ['the firewall'] }],
  ])('%s', (_what, expected, ...given) => expect(found(...given)).toEqual(expected));

  it('claims nothing about what this user may not see', () => {
    const hidden = doctorContext(
      { lan: null, lease: null, topology: { ...healthy(), daemon: null, endpoints: [], rules: null } },
      {
        root: false,
        docker: { installed: true, reachable: false, version: null, error: 'connect EACCES', denied: true },
        dhcpClients: { installed: ['dhclient'], running: [], complete: false },
        unreadable: ['/etc/network/interfaces'],
      },
    );
    const { checks, ok } = examine(doctorChecks, hidden);
    expect(ok).toBe(true);
    expect(checks.flatMap(({ findings }) => findings).map(({ severity }) => severity)).not.toContain(
      'warning',
    );
    const unseen = checks.filter(({ status }) => status === 'unknown').map(({ id }) => id);
    expect(unseen).toEqual(
      expect.arrayContaining([
        ...['pending-change', 'dhcp-clients', 'dhcp-no-client', 'docker-missing', 'docker-version'],
        ...['accept-rule', 'firewall-names-port', 'runtime-running', 'container-state', 'container-rules'],
        ...['second-mac', 'duplicate-address', 'survives-reboot', 'files-differ'],
      ]),
    );
  });

  it('each with a remedy', () => {
    const all = [differing('x'), { configProblem: 'x' }, topology({ pending: 'open' }), { port: null }];
    const findings = all.flatMap((one) =>
      examine(doctorChecks, doctorContext(one)).checks.flatMap((check) => check.findings),
    );
    expect(findings.filter(({ severity, remedy }) => severity !== 'ok' && !remedy)).toEqual([]);
  });

  it('a difference once: where a check has it in its hands, the files have the word', () => {
    expect(found(differing('bridge-down'), links({ bridge: { up: false } }))).toEqual(['error bridge-down']);
    expect(found(differing('no-client-on-bridge'), clients())).toEqual(['error no-client-on-bridge']);
  });
});
