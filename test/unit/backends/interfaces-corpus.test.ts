import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Conversion, convert } from '../../../src/backends/ifupdown/convert.js';
import { type Interfaces, readInterfaces } from '../../../src/backends/ifupdown/files.js';
import { parse } from '../../../src/backends/ifupdown/parse.js';
import { optionsOf, print } from '../../../src/backends/ifupdown/syntax.js';
import { SetupError } from '../../../src/errors.js';
import { files, hostFacts, link } from '../support/facts.js';
import { interfacesText, uplinkText } from './arbitrary.js';
import { INTERFACES, spec, text } from './support.js';

/** 1,000,000 in a long run. */
const RUNS = Number(process.env.BRIDGE_SETUP_FUZZ_RUNS ?? 1000);

/** Files as people and programs write them: Proxmox, cloud images, ifupdown2, ifupdown-ng, a Raspberry Pi, old ones. */
const SAMPLES: Readonly<Record<string, string>> = {
  proxmox: text(`
    auto lo
    iface lo inet loopback

    iface eno1 inet manual

    auto bond0
    iface bond0 inet manual
    \tbond-slaves eno1 eno2
    \tbond-mode 802.3ad

    auto vmbr0
    iface vmbr0 inet static
    \taddress  192.0.2.10/24
    \tgateway  192.0.2.1
    \tbridge-ports bond0
    \tbridge-vlan-aware yes
    \tbridge-vids 2-4094
    #LAN
  `),
  'cloud image':
    '# This file is generated from information provided by the datasource.\nauto lo\niface lo inet loopback\n    dns-nameservers 192.0.2.53\n\nauto eth0\niface eth0 inet dhcp\n\n# control-alias eth0\niface eth0 inet6 static\n    address 2001:db8::9/64\n    post-up route add -A inet6 default gw 2001:db8::1 || true\n    pre-down route del -A inet6 default gw 2001:db8::1 || true\n',
  ifupdown2:
    'auto bridge\niface bridge\n    bridge-ports swp1 swp2\n    bridge-vlan-aware yes\n%for v in range(2, 4):\nauto vlan${v}\niface vlan${v}\n%endfor\n',
  'ifupdown-ng': 'template wan\n\tuse dhcp\n\nauto eth0\niface eth0 inherits wan\n\trequires eth1\n',
  'raspberry pi':
    'auto lo\niface lo inet loopback\niface eth0 inet manual\nallow-hotplug wlan0\niface wlan0 inet manual\n    wpa-conf /etc/wpa_supplicant/wpa_supplicant.conf\n',
  vconfig:
    'auto eth0 vlan7\niface eth0 inet manual\n  up ifconfig eth0 0.0.0.0 up\niface vlan7 inet static\n  address 10.7.0.2\n  netmask 255.255.255.0\n  vlan_raw_device eth0\n',
};

/** Those, and the files below INTERFACES_CORPUS where it is set: collections of others are not ours to keep. */
function corpus(): [string, string][] {
  const folder = process.env.INTERFACES_CORPUS;
  const found = folder === undefined ? [] : readdirSync(folder, { recursive: true, withFileTypes: true });
  const read = found
    .filter((entry) => entry.isFile())
    .map((entry): [string, string] => {
      const path = join(entry.parentPath, entry.name);
      return [path, readFileSync(path, 'utf8')];
    });
  return [...Object.entries(SAMPLES), ...read];
}

/** The conversion of one uplink, or `null` when it is refused by name. */
function conversionOf(content: string, uplink: string): Conversion | null {
  const facts = hostFacts({
    links: [link({ name: uplink, addresses: [] })],
    files: files({ [INTERFACES]: content }),
  });
  try {
    return convert(facts.files, { ...spec(), uplink }, facts);
  } catch (error) {
    if (!(error instanceof SetupError) || error.exitCode !== 3 || error.code === '') throw error;
    return null;
  }
}

/** All that the stanzas say of a network, whichever link of the two it stands at. */
function network({ ifaces }: Interfaces, uplink: string) {
  const own = ifaces.filter(({ name }) => [uplink, 'br0'].includes(name.replace(/:.*$/, '')));
  const neutral = (value: string) => value.split(uplink).join('br0');
  const lines = own.flatMap(optionsOf).filter(({ name }) => !/^bridge[_-]/.test(name));
  return {
    methods: own
      .filter(({ method }) => method !== 'manual')
      .map(({ family, method }) => `${family} ${method}`),
    options: lines.map(({ name, value }) => `${name} ${neutral(value)}`).sort(),
  };
}

/** Nothing that configures the network is lost or made up. */
function expectSameNetwork({ before, after }: Conversion, uplink: string): void {
  expect(network(after, uplink)).toEqual(network(before, uplink));
}

describe.each(corpus())('%s', (_, content) => {
  it('is printed as it was, and converted or refused for each of its interfaces', () => {
    expect(print(parse(content))).toBe(content);
    const { ifaces } = readInterfaces(files({ [INTERFACES]: content }));
    for (const uplink of new Set(ifaces.map(({ name }) => name))) {
      const conversion = conversionOf(content, uplink);
      if (conversion !== null) expectSameNetwork(conversion, uplink);
    }
  });
});

describe('any text', () => {
  it('of a working host keeps its addresses, routes, name servers and commands, or is refused', () => {
    let conversions = 0;
    fc.assert(
      fc.property(fc.oneof(uplinkText, interfacesText), (content) => {
        const conversion = conversionOf(content, 'eth0');
        if (conversion === null) return;
        conversions++;
        expectSameNetwork(conversion, 'eth0');
      }),
      { numRuns: RUNS },
    );
    expect(conversions).toBeGreaterThan(RUNS / 4);
  }, 7_200_000);
});
