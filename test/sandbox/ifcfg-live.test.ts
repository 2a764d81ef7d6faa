import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RunningCopy } from '../../src/rehearse/copy.js';
import type { HostCopy } from '../../src/rehearse/host-copy.js';
import { Lan, type LanSpec } from '../../src/rehearse/lan.js';
import { bootedNetwork, configurationFiles } from './booted-network.js';
import { bootNetwork, filesOf, INITSCRIPTS, SERVICE, startRhelHost, type } from './network-scripts.js';
import { document, HOST_ADDRESS, setUp, unheard } from './support.js';

/** Scenarios with what the live change has to carry along. */
const SCENARIOS = [
  ...['rhel7-static', 'rhel7-aliases', 'rhel7-ipv6-static', 'rhel7-routes-and-rules'],
  'rhel7-mtu-and-zone',
];
/** Those whose addresses are leased, of one family and of both. */
const LEASED = ['rhel7-dhcp', 'rhel7-dhcpv6', 'rhel7-dhcp-dns'];

/**
 * iproute2 4.11, which refuses -json; how often is noted. And an old kernel: it leaves the settings of a new
 * bridge out, and says nothing.
 */
const OLD_IP = `#!/bin/bash
for word; do
  [[ $word == -j || $word == -json ]] || continue
  echo "$*" >> /run/refused
  echo 'Option "-json" is unknown, try "ip -help".' >&2
  exit 255
done
[[ $* == *-batch* ]] || exec /usr/bin/ip "$@"
sed -u 's/ type bridge .*/ type bridge/' | /usr/bin/ip "$@"
`;

let copy: RunningCopy;

/** The network of a link, and how many clients lease its addresses. */
async function look(link: string) {
  const { stdout } = await copy.sandbox.run(['ps', '-eo', 'args']);
  const clients = stdout.split('\n').filter((line) => line.startsWith('/sbin/dhclient'));
  return {
    ...(await bootedNetwork(copy, link)),
    clients: clients.filter((line) => line.split(' ').includes(link)).length,
  };
}

/** Set up, use the scripts as an administrator does, and back. */
async function thereAndBack(name: string, beforeSetUp: () => Promise<void> = async () => {}) {
  const { before, after } = await filesOf(name);
  const { stdout, stderr } = await bootNetwork(copy, before);
  const expected = await look('eth0');
  // Not what a new file has.
  const own = '/etc/sysconfig/network-scripts/*-eth0*';
  await copy.sandbox.run(['sh', '-c', `chmod 640 ${own} && chown :adm ${own}`]);
  const original = await configurationFiles(copy);
  expect(JSON.stringify(expected), stdout + stderr).toContain(`${HOST_ADDRESS} 24`);
  await beforeSetUp();

  const run = await unheard(copy, () => setUp(copy));
  expect(run.exitCode, JSON.stringify(run.document)).toBe(0);
  expect(run.document.plan.backend.id).toBe('ifcfg');
  for (const [path, content] of Object.entries(after)) expect(await copy.sandbox.read(path)).toBe(content);
  expect(await look('br0')).toEqual(expected);
  expect((await setUp(copy)).document.plan.steps).toEqual([]);

  for (const line of ['ifdown br0; ifup br0', 'ifdown eth0; ifup eth0', `${SERVICE} restart`]) {
    const { stdout: said, stderr: also } = await type(copy, line);
    expect(await look('br0'), `${line}: ${said}${also}`).toEqual(expected);
    expect(await copy.lan.ping(HOST_ADDRESS)).toBe(3);
  }

  const back = await unheard(copy, () => copy.bridgeSetup(['rollback', '--json']));
  expect(back.exitCode, back.stdout + back.stderr).toBe(0);
  expect(await configurationFiles(copy)).toEqual(original);
  expect(await look('eth0')).toEqual(expected);
  await type(copy, `${SERVICE} restart`);
  expect(await look('eth0')).toEqual(expected);
  expect(await copy.lan.ping(HOST_ADDRESS)).toBe(3);
}

describe.runIf(INITSCRIPTS)("the live change on a host with RHEL 7's network scripts", () => {
  beforeAll(async () => {
    copy = await startRhelHost();
  });
  afterAll(() => copy?.stop());

  it.each(SCENARIOS)('%s', (name) => thereAndBack(name));

  it('and with an ip and a kernel as old as those of RHEL 7', async () => {
    await copy.sandbox.write('/usr/local/sbin/ip', OLD_IP, 0o755);
    await thereAndBack('rhel7-static');
    expect((await copy.sandbox.read('/run/refused'))?.split('\n').length).toBeGreaterThan(20);
    const { exitCode, stdout } = await copy.bridgeSetup(['doctor', '--json']);
    expect([0, 6], stdout).toContain(exitCode);
    expect(document(stdout).error).toBeUndefined();
    await copy.sandbox.run(['rm', '/usr/local/sbin/ip']);
  });
});

describe.runIf(INITSCRIPTS)('leased addresses that nobody reserves', () => {
  const ipv6 = { address: 'fd00:1::1', prefix: 64, ra: false };
  const LEASES_6 = ['--dhcp-range=fd00:1::100,fd00:1::1ff,64,1h'];
  /** One address, so that it is this one. */
  const narrow = (lan: LanSpec): LanSpec => ({
    ...lan,
    ipv6,
    reservations: {},
    range: [HOST_ADDRESS, HOST_ADDRESS],
  });
  let model: HostCopy;

  beforeAll(async () => {
    copy = await startRhelHost((given) => {
      model = { ...given, lan: narrow(given.lan) };
      return model;
    });
  });
  afterAll(() => copy?.stop());

  it.each(LEASED)('%s', async (name) => {
    await copy.lan.stopDhcpServer();
    await copy.sandbox.run(['rm', '-f', '/tmp/lan.leases']);
    await copy.lan.startDhcpServer(LEASES_6);
    await thereAndBack(name, async () => {
      // For whoever comes without the identifier of before.
      await copy.lan.stopDhcpServer();
      const wide = new Lan(copy.sandbox, { ...model.lan, range: ['192.168.1.10', '192.168.1.30'] });
      await wide.startDhcpServer(LEASES_6);
    });
  });
});

describe.skipIf(INITSCRIPTS)("the live change on a host with RHEL 7's network scripts", () => {
  it.skip('left out: INITSCRIPTS=/path/to/initscripts is not set', () => {});
});
