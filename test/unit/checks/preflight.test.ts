import { describe, expect, it } from 'vitest';
import { refuseOnErrors } from '../../../src/checks/preflight.js';
import type { DhcpClientName, HostFacts } from '../../../src/model/facts.js';
import { link } from '../support/facts.js';
import { found, ids } from '../support/findings.js';
import { refusedBy } from '../support/refused.js';

const docker = (parts: Partial<HostFacts['docker']>) => ({
  docker: { installed: true, reachable: false, version: null, error: 'connect ENOENT', ...parts },
});
const leasing = (name: DhcpClientName) => ({
  dhcpClients: { installed: [name], running: [{ name, pid: 612, link: 'eth0' }] },
});
const machine = (manufacturer: string, cloud?: 'Azure') => ({
  machine: { virtual: true, manufacturer, model: '', ...(cloud && { cloud }) },
});

it('a host in order has nothing to say', () => expect(ids({})).toEqual([]));

describe('what is found', () => {
  it.each<[string, string[], ...Parameters<typeof found>]>([
    ['not root', ['error not-root'], { root: false }],
    ['no such link', ['error uplink-not-found'], {}, {}, 'eth9'],
    ['loopback', ['error uplink-is-loopback'], {}, {}, 'lo'],
    ['Wi-Fi', ['error uplink-is-wireless'], { links: [link({ wireless: true })] }],
    [
      'a port of another bridge',
      ['error uplink-is-a-port'],
      { links: [link({ master: 'br7' }), link({ name: 'br7', kind: 'bridge' })] },
    ],
    ['a bridge', ['error uplink-is-a-bridge'], { links: [link({ kind: 'bridge' })] }],
    ['a tunnel', ['error uplink-not-ethernet'], { links: [link({ mac: null, kind: 'tun' })] }],
    [
      'a link without an address',
      ['error uplink-not-ethernet'],
      { links: [link({ mac: '00:00:00:00:00:00' })] },
    ],
    [
      'InfiniBand, by its type',
      ['error uplink-not-ethernet'],
      {
        links: [
          link({ mac: '80:00:02:08:fe:80:00:00:00:00:00:00:00:02:c9:03:00:00:10:71', type: 'infiniband' }),
        ],
      },
    ],
    [
      'InfiniBand, by its address',
      ['error uplink-not-ethernet'],
      { links: [link({ mac: '80:00:02:08:fe:80:00:00:00:00:00:00:00:02:c9:03:00:00:10:71' })] },
    ],
    ['a modem', ['error uplink-not-ethernet'], { links: [link({ name: 'eth0', type: 'ppp' })] }],
    [
      'files that nobody has read',
      ['error config-file-too-large', 'error config-file-unreadable', 'error config-file-binary'],
      {
        unreadFiles: (['too-large', 'unreadable', 'binary'] as const).map((reason) => ({
          path: `/etc/network/interfaces.d/${reason}`,
          reason,
          detail: '…',
        })),
      },
    ],
    ['a taken name', ['error bridge-name-taken'], { links: [link(), link({ name: 'br0' })] }],
    [
      'a bridge with other ports',
      ['error bridge-name-taken'],
      { links: [link(), link({ name: 'br0', kind: 'bridge' }), link({ name: 'eth1', master: 'br0' })] },
    ],
    ['no Docker', ['error docker-missing'], docker({ installed: false })],
    [
      'no Docker, and leave to install it',
      ['info docker-missing'],
      docker({ installed: false }),
      { docker: { install: 'if-missing' } },
    ],
    ['a silent Docker', ['error docker-unreachable'], docker({})],
    ['no systemd', ['error no-systemd'], { init: 'other' }],
    [
      "a DHCP client for containers that would take the host's place",
      ['error dhcp-client-of-host'],
      leasing('udhcpc'),
      { dhcpClient: 'dhclient' },
    ],
    ['VMware', ['warning foreign-mac'], machine('VMware, Inc.')],
    ['Hyper-V', ['warning foreign-mac'], machine('Microsoft Corporation')],
    ['VirtualBox', ['warning foreign-mac'], machine('innotek GmbH')],
    ['EC2', ['warning foreign-mac'], machine('Amazon EC2')],
    ['GCP', ['warning foreign-mac'], machine('Google')],
    ['OpenStack', ['warning foreign-mac'], machine('OpenStack Foundation')],
    ['KVM', ['info foreign-mac'], machine('QEMU')],
  ])('%s', (_what, expected, ...given) => expect(ids(...given)).toEqual(expected));

  it.each<[...Parameters<typeof machine>, runsOn: RegExp, remedy: RegExp]>([
    ['Microsoft Corporation', undefined, /runs on Hyper-V, which by default drops/, /MAC address spoofing/],
    [
      'Microsoft Corporation',
      'Azure',
      /runs on Azure, which by default drops/,
      /secondary IP configurations/,
    ],
    ['QEMU', undefined, /runs on KVM, which drops .* told to filter/, /Proxmox VE: .*MAC filter.* libvirt: /],
  ])('%s, %s: by its name, with the setting to change', (manufacturer, cloud, runsOn, remedy) => {
    const [one] = found(machine(manufacturer, cloud));
    expect(one).toMatchObject({
      message: expect.stringMatching(runsOn),
      remedy: expect.stringMatching(remedy),
    });
  });

  it.each<[string, ...Parameters<typeof found>]>([
    [
      'the uplink is a port of our own bridge',
      { links: [link({ master: 'br0' }), link({ name: 'br0', kind: 'bridge' })] },
    ],
    ['an empty bridge has the name', { links: [link(), link({ name: 'br0', kind: 'bridge' })] }],
    ['there is no systemd, and none is needed', { init: 'other' }, { runtime: { install: 'none' } }],
    [
      'the DHCP client for containers comes after that of the host',
      leasing('dhclient'),
      { dhcpClient: 'dhcpcd' },
    ],
    ['it is that of the host', leasing('dhclient'), { dhcpClient: 'dhclient' }],
    [
      'no DHCP client serves the host',
      { dhcpClients: { installed: ['udhcpc'], running: [] } },
      { dhcpClient: 'dhclient' },
    ],
  ])('nothing where %s', (_what, ...given) => expect(ids(...given)).toEqual([]));

  it('every error has a remedy', () => {
    const errors = found(
      { root: false, init: 'other', ...docker({ installed: false }), ...leasing('udhcpc') },
      { dhcpClient: 'dhclient' },
      'eth9',
    );
    expect(errors).toHaveLength(5);
    expect(errors.filter(({ remedy }) => !remedy)).toEqual([]);
  });

  it('names other links that could serve', () => {
    expect(found({ links: [link(), link({ name: 'eth1' })] }, {}, 'eth9')[0]?.remedy).toContain('eth0, eth1');
  });
});

it('a refusal names every reason, and exits 3', async () => {
  const error = await refusedBy(() => refuseOnErrors(found({ root: false, init: 'other' })));
  expect(error).toMatchObject({ code: 'not-root', exitCode: 3 });
  expect(error.problems).toHaveLength(2);
});
