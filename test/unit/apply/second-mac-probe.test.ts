import { describe, expect, it } from 'vitest';
import { randomMac } from '../../../src/apply/second-mac-probe.js';
import { carryOut } from '../../../src/apply/steps.js';
import type { Step } from '../../../src/model/plan.js';
import { door } from '../support/applied.js';
import { FakeHost } from '../support/fake-host.js';

const STEP: Step = {
  id: 'probe-second-mac',
  title: 'Probe',
  kind: 'probe-second-mac',
  uplink: 'eth0',
  link: 'bsprobe0',
  gateway: '192.168.1.1',
  remedy: 'Switch it on.',
  timeoutSeconds: 3,
};

/** What busybox's arping prints and how it exits, as seen with 1.35. */
const ends = (exitCode: number, stdout: string, stderr = '') => ({ exitCode, stdout, stderr });
const ANSWER = ends(
  1,
  'ARPING 192.168.1.1 from 0.0.0.0 x\nUnicast reply from 192.168.1.1 [9e:1f:98:dc:cf:8c] 0.008ms\nSent 1 probe(s) (0 broadcast(s))\nReceived 1 response(s) (0 request(s), 0 broadcast(s))\n',
);
const SILENCE = ends(
  0,
  'ARPING 192.168.1.1 from 0.0.0.0 x\nSent 3 probe(s) (0 broadcast(s))\nReceived 0 response(s) (0 request(s), 0 broadcast(s))\n',
);
const SEARCH = ends(
  1,
  'ARPING 192.168.1.1 from 0.0.0.0 x\nBroadcast request from 192.168.1.1 [9e:1f:98:dc:cf:8c]for 192.168.1.10 [ff:ff:ff:ff:ff:ff] 701.111ms\nSent 1 probe(s) (0 broadcast(s))\nReceived 1 response(s) (1 request(s), 1 broadcast(s))\n',
);
/** That of iputils s20160308, put together by its source (arping.c), not recorded. */
const IPUTILS_ANSWER = ends(
  1,
  'ARPING 192.168.1.1 from 0.0.0.0 bsprobe0\nUnicast reply from 192.168.1.1 [9E:1F:98:DC:CF:8C]  0.8ms\nSent 1 probes (1 broadcast(s))\nReceived 1 response(s)\n',
);
type Ending = ReturnType<typeof ends>;

/** A host with eth0 on which links come and go, and arping ends as told: from the probe's link, from the uplink. */
function setting(second: () => Ending, own: () => Ending = () => ANSWER, refuses = '') {
  const host = new FakeHost();
  host.programs.set('busybox', '/bin/busybox');
  const links = new Map<string, string | null>([['eth0', null]]);
  host.script = (argv, { input = '' }) => {
    if (argv.includes('-D')) return argv.includes('eth0') ? own() : second();
    if (argv.includes('-batch')) {
      for (const [index, line] of input.trim().split('\n').entries()) {
        if (refuses !== '' && line.includes(refuses))
          return ends(1, '', `RTNETLINK answers: no\nCommand failed -:${index + 1}\n`);
        const [, verb = '', name = ''] = line.split(' ');
        if (verb === 'add') links.set('bsprobe0', 'macvlan');
        if (verb === 'del') links.delete(name);
      }
      return undefined;
    }
    const name = argv.at(-1) ?? '';
    const kind = links.get(name);
    if (kind === undefined) return ends(1, '', `Device "${name}" does not exist.\n`);
    const linkinfo = kind === null ? {} : { linkinfo: { info_kind: kind } };
    return { stdout: JSON.stringify([{ mtu: 1500, inet6_addr_gen_mode: 'eui64', ...linkinfo }]) };
  };
  const through = door(host);
  const probe = (step = STEP) => carryOut(step, { ...through, passed: [] });
  const arping = () => host.commands.filter(({ argv }) => argv[0] === 'busybox').map(({ argv }) => argv[4]);
  const batches = () => host.commands.flatMap(({ input }) => input?.trim().split('\n') ?? []);
  return { host, links, log: through.log, probe, arping, batches };
}

describe('probe-second-mac', () => {
  it('passes when the second MAC address is answered, and asks no further', async () => {
    const { probe, arping, batches, log, links, host } = setting(() => ANSWER);
    await probe();
    expect(arping()).toEqual(['bsprobe0']);
    expect(host.commands.find(({ argv }) => argv[0] === 'busybox')?.argv.join(' ')).toBe(
      'busybox arping -D -I bsprobe0 -c 3 -w 3 192.168.1.1',
    );
    expect(batches()).toEqual([
      expect.stringMatching(
        /^link add link eth0 name bsprobe0 address [0-9a-f]{2}(:[0-9a-f]{2}){5} type macvlan mode bridge$/,
      ),
      'link set bsprobe0 addrgenmode none',
      'link set bsprobe0 up',
      'link del bsprobe0',
    ]);
    expect([log, [...links.keys()]]).toEqual([[], ['eth0']]);
  });

  it('fails when only the own MAC address is answered, says what to do, and leaves no link', async () => {
    const { probe, links } = setting(() => SILENCE);
    await expect(probe()).rejects.toThrow(
      'the gateway 192.168.1.1 answers the MAC address of eth0, and not a second one. The LAN (hypervisor) drops frames of a second MAC address, so containers would not be reachable. Switch it on.',
    );
    expect([...links.keys()]).toEqual(['eth0']);
  });

  it('asks by the arping of iputils where there is no busybox', async () => {
    const { host, probe, log } = setting(() => IPUTILS_ANSWER);
    host.programs.delete('busybox');
    await probe();
    const asked = host.commands.filter(({ argv }) => argv.includes('-D')).map(({ argv }) => argv.join(' '));
    expect(asked).toEqual(['arping -D -I bsprobe0 -c 3 -w 3 192.168.1.1']);
    expect(log).toEqual([]);
  });

  it('proves nothing, and says so, when neither is answered', async () => {
    const { probe, log, links } = setting(
      () => SILENCE,
      () => SILENCE,
    );
    await probe();
    expect(log).toEqual([expect.stringMatching(/^note 192\.168\.1\.1 answers .* nothing is proved\.$/)]);
    expect([...links.keys()]).toEqual(['eth0']);
  });

  it('takes a broadcast of the gateway for no answer, and asks again', async () => {
    const endings = [SEARCH, SEARCH, ANSWER];
    const once = setting(() => endings.shift() ?? ANSWER);
    await once.probe();
    expect(once.arping()).toEqual(['bsprobe0', 'bsprobe0', 'bsprobe0']);

    // A gateway that never stops to look for others.
    const { probe, arping, host } = setting(() => SEARCH);
    const started = host.time;
    await expect(probe()).rejects.toThrow('drops frames of a second MAC address');
    expect(arping().length).toBeGreaterThan(3);
    expect(host.time - started).toBeLessThanOrEqual(3000);
  });

  it.each<[string, Ending]>([
    ['wrong usage, which exits as an answer does', ends(1, '', 'Usage: arping')],
    ['a link that is down', ends(2, '', 'arping: interface bsprobe0 is down')],
    ['a link without ARP, which exits as silence does', ends(0, '', 'arping: interface is not ARPable')],
    ['a probe that was never sent', ends(0, 'ARPING 192.168.1.1\nSent 0 probe(s) (0 broadcast(s))\n')],
    ['a busybox without arping', ends(127, '', 'arping: applet not found')],
  ])('proves nothing by %s', async (_what, ending) => {
    const { probe, log, links } = setting(() => ending);
    await probe();
    expect(log).toEqual([expect.stringContaining('could not be probed, so nothing is proved')]);
    expect([...links.keys()]).toEqual(['eth0']);
  });

  it('proves nothing where the kernel makes no such link, or half of it', async () => {
    for (const refuses of ['link add', 'addrgenmode']) {
      const { probe, log, links } = setting(
        () => ANSWER,
        () => ANSWER,
        refuses,
      );
      await probe();
      expect(log).toEqual([expect.stringContaining('RTNETLINK answers: no')]);
      expect([...links.keys()]).toEqual(['eth0']);
    }
  });

  it('fails where its link cannot be removed: the uplink could not become a port', async () => {
    const { probe } = setting(
      () => ANSWER,
      () => ANSWER,
      'link del',
    );
    await expect(probe()).rejects.toThrow('"ip link del bsprobe0" failed');
  });
});

describe('remove-probe-link', () => {
  const undo: Step = { id: 'undo', title: 'undo', kind: 'remove-probe-link', link: 'bsprobe0' };

  it('removes a link that was left, and is harmless where none is', async () => {
    const { probe, links, batches } = setting(() => ANSWER);
    await probe(undo);
    expect(batches()).toEqual([]);
    links.set('bsprobe0', 'macvlan');
    await probe(undo);
    expect([...links.keys()]).toEqual(['eth0']);
  });

  it('leaves a link of that name that is not ours', async () => {
    const { probe, links } = setting(() => ANSWER);
    links.set('bsprobe0', 'dummy');
    await probe(undo);
    expect([...links.keys()]).toEqual(['eth0', 'bsprobe0']);
  });
});

it('a random MAC address is unicast, locally administered, and another one each time', () => {
  const made = Array.from({ length: 200 }, randomMac);
  expect(made.filter((mac) => !/^[0-9a-f][26ae](:[0-9a-f]{2}){5}$/.test(mac))).toEqual([]);
  expect(new Set(made).size).toBe(made.length);
});
