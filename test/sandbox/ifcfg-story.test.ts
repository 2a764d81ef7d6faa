import { existsSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RunningCopy } from '../../src/rehearse/copy.js';
import { scenarioFile, scenarios } from '../unit/support/scenario.js';
import { ifcfgManager } from './ifcfg-story.js';
import { DHCLIENT_SCRIPT, INITSCRIPTS, startRhelHost } from './network-scripts.js';
import { NetworkStory } from './network-story.js';

/** Scenarios that no network namespace can boot: the kernel has no VLANs and bonds there, or the bridge is there already. */
const NOT_HERE = [
  ...['rhel7-adopt', 'rhel7-already-set-up', 'rhel7-bond', 'rhel7-vlan'],
  // NetworkManager runs on that host.
  'rhel7-networkmanager-file',
  // HWADDR means a NIC, and those of the sandbox are virtual links.
  'rhel7-hwaddr-only',
];
/** What they set is read by RHEL's dhclient-script only. */
const OF_CLIENT_SCRIPT = [
  'rhel7-dhcp-defroute',
  'rhel7-dhcp-metric',
  'rhel7-dhcp-peerdns',
  'rhel7-dhcp-two-gateways',
];
const leftOut = DHCLIENT_SCRIPT === undefined ? [...NOT_HERE, ...OF_CLIENT_SCRIPT] : NOT_HERE;
const planned = scenarios.filter(
  (name) => name.startsWith('rhel7-') && existsSync(scenarioFile(name, 'plan.json')),
);

describe.runIf(INITSCRIPTS)(
  'boot, set-up, restart, boot, rollback: the network of before, with nothing more',
  () => {
    let copy: RunningCopy;
    beforeAll(async () => {
      copy = await startRhelHost();
      // What a host asks of a container beside it goes through the gateway where its address is a point-to-point one.
      await copy.lan.run(['sysctl', '--quiet', '--write', 'net.ipv4.ip_forward=1']);
    });
    afterAll(() => copy?.stop());

    it.each(planned.filter((name) => !leftOut.includes(name)))(
      '%s',
      async (name) => {
        expect(await new NetworkStory(copy, name, ifcfgManager(copy)).run()).toEqual({});
      },
      600_000,
    );
  },
);

describe.skipIf(INITSCRIPTS)('boot, set-up, restart, boot, rollback by the network service', () => {
  it.skip('left out: INITSCRIPTS=/path/to/initscripts is not set', () => {});
});

describe.skipIf(DHCLIENT_SCRIPT)("boot, set-up, restart, boot, rollback with RHEL's dhclient-script", () => {
  it.skip('left out: DHCLIENT_SCRIPT=/path/to/dhclient-script is not set', () => {});
});
