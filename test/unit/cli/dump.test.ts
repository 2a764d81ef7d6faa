import { describe, expect, it } from 'vitest';
import { dumpAnswers } from '../../../src/cli/dump.js';
import { prepare } from '../../../src/cli/prepare.js';
import { SetupError } from '../../../src/errors.js';
import type { Answers } from '../../../src/model/answers.js';
import type { HostFacts } from '../../../src/model/facts.js';
import { defaultRoute } from '../../../src/model/links.js';
import { RUNTIME_CONFIG_FILE } from '../../../src/model/paths.js';
import { answersWith, PROGRAM } from '../support/answers.js';
import { files, hostFacts, link, loopback, UPLINK_MAC } from '../support/facts.js';
import { refusedBy } from '../support/refused.js';
import { recordedFacts, scenarios } from '../support/scenario.js';

const own = (address: string, dynamic = false) =>
  ({ family: 4, address, prefix: 24, scope: 'global', dynamic }) as const;
const staticHost = (overrides: Partial<HostFacts> = {}, ...addresses: string[]) =>
  hostFacts({
    links: [loopback, link({ addresses: ['192.168.1.10', ...addresses].map((one) => own(one)) })],
    dhcpClients: { installed: [], running: [] },
    ...overrides,
  });

/** The bridge that was made on a host, with its configuration. */
function withBridge(facts: HostFacts, bridge: Parameters<typeof link>[0], config: object = {}): HostFacts {
  const settings = { version: 1, bridges: ['br0'], dhcpClient: 'udhcpc', ...config };
  return {
    ...facts,
    links: [
      loopback,
      link({ addresses: [], master: 'br0' }),
      link({
        name: 'br0',
        index: 3,
        kind: 'bridge',
        physical: false,
        addresses: [own('192.168.1.10')],
        ...bridge,
      }),
    ],
    routes: facts.routes.map((route) => ({ ...route, link: 'br0' })),
    files: { ...facts.files, ...files({ [RUNTIME_CONFIG_FILE]: JSON.stringify(settings) }) },
  };
}

describe('the answers of a host that is not set up', () => {
  it('name its NIC, and have every field', () => {
    expect(dumpAnswers(hostFacts())).toEqual(
      answersWith({ bridge: { uplink: 'eth0' }, address: { method: 'dhcp' } }),
    );
  });

  it('have its static address', () => {
    expect(dumpAnswers(staticHost()).address).toEqual({
      method: 'static',
      address: '192.168.1.10/24',
      gateway: '192.168.1.1',
    });
  });

  it('have the name servers that its configuration names, and only those', () => {
    const named = (line: string) =>
      dumpAnswers(
        staticHost({ files: files({ '/etc/network/interfaces': `iface eth0 inet static\n${line}\n` }) }),
      ).address.nameservers;
    expect(named('  dns-nameservers 9.9.9.9 1.1.1.1')).toEqual(['9.9.9.9', '1.1.1.1']);
    expect(named('  # dns-nameservers 9.9.9.9')).toBeUndefined();
    expect(named('  dns-nameservers 9.9.9.9 # ours')).toBeUndefined();
    expect(named('  dns-nameservers 9.9.9.9\n  dns-nameservers 1.1.1.1')).toBeUndefined();
  });

  it.each<[string, HostFacts]>([
    ['several addresses', staticHost({}, '192.168.1.11')],
    ['no gateway', staticHost({ routes: [{ ...hostFacts().routes[0], gateway: null } as never] })],
    [
      'a gateway elsewhere',
      staticHost({ routes: [{ ...hostFacts().routes[0], gateway: '10.0.0.1' } as never] }),
    ],
  ])('keep what answers have no words for: %s', (_what, facts) => {
    expect(dumpAnswers(facts).address).toEqual({ method: 'keep' });
  });

  it('are dhcp where a client runs, even if its script gives the address no lifetime', () => {
    const running = [{ name: 'udhcpc', pid: 5, link: 'eth0' }] as const;
    expect(dumpAnswers(staticHost({ dhcpClients: { installed: [], running } })).address.method).toBe('dhcp');
    const other = [{ name: 'dhclient', pid: 5, link: 'eth0', argv: ['dhclient', '-6', 'eth0'] }] as const;
    expect(dumpAnswers(staticHost({ dhcpClients: { installed: [], running: other } })).address.method).toBe(
      'static',
    );
  });

  it('ask for no service where no systemd is', () => {
    expect(dumpAnswers(hostFacts({ init: 'other' })).runtime.install).toBe('none');
  });

  it('are none where no link leads to the LAN', async () => {
    expect((await refusedBy(() => dumpAnswers(hostFacts({ routes: [] })))).code).toBe('uplink-unclear');
  });
});

describe('the answers of a host that is set up', () => {
  it('have the bridge as it is', () => {
    const facts = withBridge(staticHost(), {
      bridge: { stp: true, forwardDelay: 4 },
      mac: '02:00:00:00:00:07',
    });
    expect(dumpAnswers(facts).bridge).toEqual({
      name: 'br0',
      uplink: 'eth0',
      existing: false,
      stp: true,
      forwardDelay: 4,
      mac: '02:00:00:00:00:07',
    });
    const usual = withBridge(staticHost(), { bridge: { stp: false, forwardDelay: 0 }, mac: UPLINK_MAC });
    expect(dumpAnswers(usual).bridge.mac).toBe('uplink');
    expect(dumpAnswers(usual).address).toMatchObject({ method: 'static', address: '192.168.1.10/24' });
  });

  it('have the runtime as it is', () => {
    const facts = withBridge(staticHost(), {}, { dhcpClient: 'dhclient' });
    expect(dumpAnswers(facts)).toMatchObject({ dhcpClient: 'dhclient', runtime: { install: 'none' } });
    const service = { service: 'active', enabled: true, programDigest: null };
    expect(dumpAnswers({ ...facts, runtime: service }).runtime.install).toBe('service');
  });

  it('change nothing there', async () => {
    const facts = await recordedFacts('already-set-up');
    expect(prepare(facts, dumpAnswers(facts), PROGRAM, false).steps).toEqual([]);
  });
});

/** Its gateway in the facts is not that of its files. */
const CONTRADICTORY = 'rhel7-gateway-outside';

describe('the recorded hosts', () => {
  /** The files that a plan changes; the code of the refusal where there is none. */
  const filesOf = (facts: HostFacts, answers: Answers) => {
    try {
      return prepare(facts, answers, PROGRAM, true).files;
    } catch (error) {
      if (error instanceof SetupError) return error.code;
      throw error;
    }
  };

  it('are converted by their own answers as "keep" converts them', async () => {
    let compared = 0;
    for (const name of scenarios) {
      const facts = await recordedFacts(name);
      if (defaultRoute(facts) === null || name === CONTRADICTORY) continue;
      const dumped = dumpAnswers(facts);
      const kept = filesOf(facts, { ...dumped, address: { method: 'keep' } });
      expect(filesOf(facts, dumped), name).toEqual(kept);
      if (typeof kept !== 'string' && kept.length > 0) compared += 1;
    }
    expect(compared).toBeGreaterThan(30);
  });
});
