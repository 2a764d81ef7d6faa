import { existsSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { clientCommand } from '../../src/backends/ifupdown/dhcp-command.js';
import { readInterfaces } from '../../src/backends/ifupdown/files.js';
import type { RunningCopy } from '../../src/rehearse/copy.js';
import { recordedFacts, scenarioFile, scenarios } from '../unit/support/scenario.js';
import { bootedNetwork } from './booted-network.js';
import { type Differences, InterfacesStory, outcomeTable, SPARE, scenarioHost } from './interfaces-story.js';
import { ANSWERS, HOST_ADDRESS, setUp, setUpAndBack, startHost } from './support.js';

/** Scenarios of a host with one NIC, as the sandbox has it, whose commands are all installed there. */
const SCENARIOS = [
  ...[
    'alias',
    'alias-by-hook',
    'alias-on-demand',
    'auto-in-another-file',
    'carriage-returns',
    'classic-netmask',
  ],
  ...['continuation-lines', 'debian12-dhcp', 'debian12-static', 'dual-stack', 'dual-stack-auto'],
  ...[
    'hooks-of-all-kinds',
    'inherits-template',
    'logical-name',
    'mapping-of-another-nic',
    'pattern-auto',
    'pattern-logical',
  ],
  ...['nested-sources', 'no-auto-down', 'no-final-newline', 'several-stanzas', 'source-directory'],
  'sourced-interfaces-d',
];

/** The story of each scenario, not of a few. */
const ALL = process.env.SCENARIOS === 'all';

let copy: RunningCopy;
beforeAll(async () => {
  const second = { name: SPARE, mac: '02:00:5e:10:00:02', mtu: 1500 };
  const ipv6 = { address: '2001:db8:1::1', prefix: 64, ra: false };
  // Some of all scenarios have two NICs.
  copy = await startHost((model) => ({
    ...model,
    cables: ALL ? [...model.cables, second] : model.cables,
    lan: { ...model.lan, ipv6 },
  }));
  // What the job installs stays, so that ifup can make bridges here.
  await setUpAndBack(copy);
  await takeDown();
});
afterAll(() => copy?.stop());

/** In one shell, since each step costs a process in the namespaces. */
const shell = (script: string) => copy.sandbox.run(['sh', '-c', script], { check: false, timeoutMs: 90_000 });

/** Down with what is up, the last one first; no-auto-down would spare some. */
async function takeDown(): Promise<void> {
  await shell('for i in $(ifquery --state | cut -d= -f1 | grep -vx lo | tac); do ifdown "$i"; done');
  // bridge-utils leaves a port without a link-local address of its own; a boot finds the NIC as it was.
  await copy.sandbox.run(['ip', 'link', 'set', 'dev', 'eth0', 'addrgenmode', 'eui64']);
  await copy.sandbox.run(['iptables', '--flush', 'INPUT']);
}

/** Nothing but these files below /etc/network that ifup might read. */
async function writeFiles(files: Readonly<Record<string, string>>): Promise<void> {
  await shell('rm -rf /etc/network/interfaces /etc/network/interfaces.d /etc/network/sites');
  for (const [path, content] of Object.entries(files)) await copy.sandbox.write(path, content);
}

/** What a boot with udev does. */
async function bootNetwork(): Promise<void> {
  const { exitCode, stderr } = await shell('ifup -a && ifup -a --allow=hotplug');
  expect(exitCode, stderr).toBe(0);
}

describe('a boot with the converted files makes the network of before, on br0', () => {
  it.each(SCENARIOS)(
    '%s',
    async (name) => {
      const { files } = await recordedFacts(name);
      const before = Object.fromEntries(
        Object.entries(files)
          .filter(([path]) => path.startsWith('/etc/network/'))
          .map(([path, { content }]) => [path, content]),
      );
      await writeFiles(before);
      await bootNetwork();
      const expected = await bootedNetwork(copy, 'eth0');
      expect(JSON.stringify(expected)).toContain(HOST_ADDRESS);

      // Hooks of a scenario may name the NIC to the firewall.
      const answers = { ...ANSWERS, safety: { firewall: 'keep' } };
      const { exitCode, document } = await setUp(copy, answers, '--dry-run');
      expect(exitCode, JSON.stringify(document)).toBe(0);
      const after: Record<string, string> = { ...before };
      for (const { kind, path, content } of document.plan.steps) {
        if (kind === 'write-file' && path in before) after[path] = content;
      }
      expect(after).not.toEqual(before);
      await takeDown();
      await writeFiles(after);
      await bootNetwork();
      try {
        expect(await bootedNetwork(copy, 'br0')).toEqual(expected);
        expect(await copy.lan.ping(HOST_ADDRESS)).toBe(3);
      } finally {
        await takeDown();
      }
    },
    120_000,
  );
});

/** Scenarios that no network namespace can boot: the kernel has no VLANs and bonds there, or the bridge is there already. */
const NOT_HERE = [
  'already-set-up',
  'bond-uplink',
  'proxmox-bridge-adopted',
  'vlan-raw-device',
  'vlan-uplink',
];
const planned = scenarios.filter((name) => {
  const path = scenarioFile(name, 'plan.json');
  return existsSync(path) && JSON.parse(readFileSync(path, 'utf8')).backend.id === 'ifupdown';
});

/** In each run, those that have found the most: of a lease, another static address, and router advertisements. */
const IN_EACH_RUN = ['debian12-static-dns-comments', 'dual-stack-auto', 'to-dhcp'];

// A quarter of an hour for all: SCENARIOS=all npx vitest run --project sandbox test/sandbox/interfaces-boot.test.ts
describe('boot, set-up, boot, rollback, boot: the network of before, with nothing more', () => {
  const outcomes = new Map<string, Differences>();
  afterAll(() => console.log(outcomeTable(outcomes)));

  it.each(planned.filter((name) => !NOT_HERE.includes(name) && (ALL || IN_EACH_RUN.includes(name))))(
    '%s',
    async (name) => {
      const story = new InterfacesStory(copy, await scenarioHost(name));
      outcomes.set(name, story.differences);
      expect(await story.run()).toEqual({});
    },
    240_000,
  );
});

/** Prints its arguments, one a line, in the place of a client. */
const PRINTS = '#!/bin/sh\nprintf "%s\\n" "${0##*/}" "$@"\n';

const DHCP_OPTIONS: readonly string[][] = [
  [],
  ['metric 77'],
  ['client no'],
  ['client other', 'metric 5'],
  ['hostname web', 'vendor MSFT', 'client 01:02', 'leasetime 1800', 'leasehours 2', 'metric 9'],
  ['hostname "two words"', "vendor 'a  b'", 'client a\\ b', 'leasetime "60"'],
  ['hwaddress 02:00:00:00:00:01', 'dns-nameservers 192.0.2.1', 'hostname a.b-c_d'],
];

describe('the DHCP client is started with the arguments that ifup passes', () => {
  it.each(['dhclient', 'udhcpc', 'dhcpcd'] as const)('%s', async (client) => {
    const folder = `/tmp/clients-${client}`;
    await copy.sandbox.write(`${folder}/${client}`, PRINTS, 0o755);
    for (const options of DHCP_OPTIONS) {
      const text = ['iface br0 inet dhcp', ...options.map((option) => `    ${option}`), ''].join('\n');
      await copy.sandbox.write('/tmp/table', text);
      // Of the commands that ifup would run, those of the client; a shell reads them as ifup has it read.
      const { stdout, stderr } = await shell(`
        export PATH=${folder}:/usr/bin:/bin
        env PATH=${folder} /usr/sbin/ifup --no-act -i /tmp/table br0 2>&1 | grep -w ${client} > /tmp/commands
        sh /tmp/commands`);
      const interfaces = readInterfaces({ '/etc/network/interfaces': { content: text, mode: 0o644 } });
      const { argv } = clientCommand(client, [interfaces], 'br0');
      expect(stdout.trimEnd().split('\n'), `${text}${stderr}`).toEqual(argv);
    }
  });
});
