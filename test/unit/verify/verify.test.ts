import { describe, expect, it } from 'vitest';
import type { Proof } from '../../../src/verify/proof.js';
import type { OwnRuntime } from '../../../src/verify/verify.js';
import { refusedBy } from '../support/refused.js';
import { type Lan, VerifiedHost } from './lan.js';

const failed = ({ proofs }: { proofs: readonly { state: string; id: string }[] }) =>
  proofs.filter(({ state }) => state === 'failed').map(({ id }) => id);

describe('verify', () => {
  it('proves DHCP and a static address, across the uplink and from the host, before and after a restart', async () => {
    const host = new VerifiedHost();
    const { ok, proofs, shown } = await host.verify();
    expect(ok).toBe(true);
    const rounds = ['dhcp', 'dhcp-restarted', 'static', 'static-restarted'];
    expect(proofs.map(({ id }) => id)).toEqual(
      rounds.flatMap((round) => [
        // TCP and UDP once: nothing of that changes by a restart, or by how a container got its address.
        ...(round === 'dhcp' ? ['address', 'lan', 'tcp', 'udp', 'host'] : ['address', 'lan', 'host']).map(
          (what) => `${round}-${what}`,
        ),
        ...(round.endsWith('restarted') ? [`${round.replace('-restarted', '')}-same-address`] : []),
      ]),
    );
    expect(shown).toEqual(proofs);
  });

  it('leaves no container behind, and no image that was not there before', async () => {
    const host = new VerifiedHost();
    host.lan.images.clear();
    await host.verify();
    expect([...host.containers.keys(), ...host.lan.images]).toEqual([]);
  });

  it('keeps an image that was there, or that the answers name', async () => {
    const host = new VerifiedHost();
    await host.verify({ image: 'debian:12' });
    expect([...host.lan.images].sort()).toEqual(['busybox:latest', 'debian:12']);
  });

  it('gives the containers their rule in pipework’s words, and no network of Docker’s', async () => {
    const host = new VerifiedHost();
    await host.verify();
    expect(host.started).toMatchObject([
      { networkMode: 'none', env: ['pipework_cmd=br0 -i eth0 @CONTAINER_NAME@ dhcp'] },
      { networkMode: 'none', env: ['pipework_cmd=br0 -i eth0 @CONTAINER_NAME@ 192.168.1.50/24@192.168.1.1'] },
    ]);
  });

  it('takes the static address of the answers', async () => {
    const host = new VerifiedHost();
    host.lan.addresses = ['192.168.1.50', '192.168.1.50', '192.168.1.240'];
    host.lan.answering.add('192.168.1.240');
    expect((await host.verify({ staticAddress: '192.168.1.240/24' })).ok).toBe(true);
    expect(host.started[1]?.env[0]).toContain('192.168.1.240/24@192.168.1.1');
  });

  it('makes an image of busybox, and asks no registry', async () => {
    const host = new VerifiedHost();
    host.lan.images.clear();
    const asked: string[] = [];
    host.docker.pull = async (image) => void asked.push(image);
    host.programs.set('busybox', '/bin/busybox');
    expect((await host.verify()).ok).toBe(true);
    expect(host.started[0]?.image).toBe('bridge-setup/verify:latest');
    expect(asked).toEqual([]);
    expect([...host.lan.images]).toEqual([]);
  });

  it('pulls an image where busybox is not installed', async () => {
    const host = new VerifiedHost();
    host.lan.images.clear();
    expect((await host.verify()).ok).toBe(true);
    expect(host.started[0]?.image).toBe('busybox:latest');
  });

  it('says so where there is no image to be had', async () => {
    const host = new VerifiedHost();
    host.lan.images.clear();
    host.lan.registry = false;
    const error = await refusedBy(() => host.verify());
    expect([error.code, error.exitCode]).toEqual(['no-test-image', 6]);
    expect(error.problems.map(({ message }) => message)).toEqual([
      'busybox is not installed',
      'no route to the registry',
    ]);
  });
});

describe('what is not so is not proved', () => {
  it('no bridge', async () => {
    const host = new VerifiedHost();
    host.lan.bridge = false;
    const result = await host.verify();
    expect([result.ok, failed(result)]).toEqual([false, ['bridge']]);
    expect(host.started).toEqual([]);
  });

  it('no address', async () => {
    const host = new VerifiedHost();
    host.lan.addresses = [null];
    const result = await host.verify();
    expect([result.ok, failed(result)]).toEqual([false, ['dhcp-address', 'static']]);
    expect(result.proofs[0]?.detail).toContain('no address within 30 s');
  });

  it('a DHCP server that answers the host and not a container', async () => {
    const host = new VerifiedHost();
    host.lan.addresses = [null, '192.168.1.50'];
    host.lan.hasDhcpServer = true;
    const result = await host.verify({ staticAddress: '192.168.1.50/24' });
    expect([result.ok, result.proofs[0]?.state]).toEqual([false, 'failed']);
  });

  it.each([
    ['open', 'open', 'proved'],
    ['open', 'silent', 'failed'],
    // By a firewall in between: the other side has the port open.
    ['open', 'refused', 'failed'],
    ['refused', 'refused', 'proved'],
    ['refused', 'silent', 'failed'],
    // Nobody is there to be asked, which is said, and proves nothing against it.
    ['silent', 'silent', 'skipped'],
  ] as const)(
    'TCP and UDP, where the host finds them %s and the container %s',
    async (own, inside, state) => {
      const host = new VerifiedHost();
      host.lan.transport = { host: own, container: inside };
      const { ok, proofs } = await host.verify();
      const states = proofs.filter(({ id }) => /-(tcp|udp)$/.test(id)).map((proof) => proof.state);
      expect([states, ok]).toEqual([[state, state], state !== 'failed']);
    },
  );

  it('no DHCP server, which is in order where a static address is given', async () => {
    const host = new VerifiedHost();
    host.lan.addresses = [null, '192.168.1.50'];
    const result = await host.verify({ staticAddress: '192.168.1.50/24' });
    expect([result.ok, result.proofs[0]?.state]).toEqual([true, 'skipped']);
  });

  it('another address after a restart', async () => {
    const host = new VerifiedHost();
    host.lan.addresses = ['192.168.1.50', '192.168.1.51', '192.168.1.51'];
    host.lan.answering.add('192.168.1.51');
    const result = await host.verify();
    expect([result.ok, failed(result)]).toEqual([false, ['dhcp-same-address']]);
  });

  it('a gateway that does not answer', async () => {
    const host = new VerifiedHost();
    host.lan.answering.delete('192.168.1.1');
    const result = await host.verify();
    expect([result.ok, failed(result)]).toEqual([
      false,
      ['dhcp-lan', 'dhcp-restarted-lan', 'static-lan', 'static-restarted-lan'],
    ]);
  });

  it('a gateway that answers, but on the host itself', async () => {
    const host = new VerifiedHost();
    host.lan.gatewayPort = 'bs3f2a9c1d';
    const result = await host.verify();
    expect(result.ok).toBe(false);
    expect(result.proofs.find(({ id }) => id === 'dhcp-lan')?.detail).toBe(
      '192.168.1.1 answers behind bs3f2a9c1d, not across eth0',
    );
  });

  it('a container that does not answer its host', async () => {
    const host = new VerifiedHost();
    host.lan.answering.delete('192.168.1.50');
    expect(failed(await host.verify())).toContain('dhcp-host');
  });

  it('a target beyond the gateway counts by its answers alone', async () => {
    const host = new VerifiedHost();
    host.lan.gatewayPort = null;
    expect((await host.verify()).ok).toBe(true);
  });
});

describe('where the host has no default gateway', () => {
  const lonely = (lan: Partial<Lan>) => {
    const host = new VerifiedHost();
    Object.assign(host.lan, { neighbours: new Set(), ...lan });
    return host.verify({ gateway: null });
  };
  const lan = ({ proofs }: { proofs: readonly Proof[] }) =>
    proofs.filter(({ id }) => id.endsWith('-lan')).map(({ id, title, state }) => `${id} ${state}: ${title}`);

  it('the gateway that a container has got is asked, and has to answer', async () => {
    const result = await lonely({ containerGateway: '192.168.1.1' });
    expect([result.ok, lan(result)[0]]).toEqual([
      true,
      'dhcp-lan proved: DHCP: container to 192.168.1.1 across eth0',
    ]);
    expect((await lonely({ containerGateway: '192.168.1.9' })).ok).toBe(false);
  });

  it('the server of its lease is, and the static container asks the same', async () => {
    const result = await lonely({ dhcpServer: '192.168.1.1' });
    expect([result.ok, lan(result)[0], lan(result)[2]]).toEqual([
      true,
      'dhcp-lan proved: DHCP: container to the DHCP server 192.168.1.1 across eth0',
      'static-lan proved: Static: container to the neighbour 192.168.1.1 across eth0',
    ]);
  });

  it('a neighbour is, also one that answers no pings', async () => {
    const result = await lonely({ neighbours: new Set(['192.168.1.77', '192.168.1.10']) });
    expect([result.ok, lan(result)[0]]).toEqual([
      true,
      'dhcp-lan proved: DHCP: container to the neighbour 192.168.1.77 across eth0',
    ]);
    expect(result.proofs.find(({ id }) => id === 'dhcp-lan')?.detail).toBe(
      'it answers ARP, and no pings, behind port eth0',
    );
  });

  it('nobody is, where nobody is known: nothing failed, and nothing is proved', async () => {
    const result = await lonely({});
    expect([result.ok, failed(result)]).toEqual([false, []]);
    expect(result.proofs.find(({ id }) => id === 'dhcp-lan')).toMatchObject({
      state: 'skipped',
      detail: expect.stringContaining('verify.ping'),
    });
  });

  it('a server that is the host itself proves nothing', async () => {
    const result = await lonely({ dhcpServer: '192.168.1.10' });
    expect([result.ok, failed(result)]).toEqual([false, []]);
  });
});

it('a host without an address on the bridge need not reach the container', async () => {
  const host = new VerifiedHost();
  host.lan.answering.delete('192.168.1.50');
  host.lan.hostAddress = null;
  const { ok, proofs } = await host.verify();
  expect([ok, proofs.find(({ id }) => id === 'dhcp-host')?.state]).toEqual([true, 'skipped']);
});

describe('whatever happens', () => {
  it.each<[string, Partial<Lan>, Partial<VerifiedHost['docker']>]>([
    ['no address comes', { addresses: [null] }, {}],
    ['nothing answers', { answering: new Set() }, {}],
    ['a restart fails', {}, { restart: () => Promise.reject(new Error('no restart')) }],
    ['a container is made, but does not start', { startFails: new Error('no cgroup') }, {}],
    ['Docker does not tell of the container', {}, { inspect: async () => null }],
  ])('the containers and the image are gone when %s', async (_, lan, docker) => {
    const host = new VerifiedHost();
    Object.assign(host.lan, { images: new Set(), ...lan });
    Object.assign(host.docker, docker);
    const result = await host.verify().catch(() => ({ ok: false }));
    expect(result.ok).toBe(false);
    expect([...host.containers.keys(), ...host.lan.images]).toEqual([]);
  });
});

describe('without an attach runtime', () => {
  const runtime = (log: string[]): OwnRuntime => ({
    attach: async (rule) => void log.push(`attach ${rule}`),
    detach: async (container, link) => void log.push(`detach ${container} ${link}`),
  });

  it('attaches by itself, and takes the interface away before each end of the container', async () => {
    const log: string[] = [];
    expect((await new VerifiedHost().verify({ ownRuntime: runtime(log) })).ok).toBe(true);
    const [dhcp, fixed] = ['dhcp', 'static'].map((method) => `bridge-setup-verify-${method}`);
    expect(log).toEqual([
      `attach br0 -i eth0 ${dhcp} dhcp`,
      `detach id-of-${dhcp} eth0`,
      `attach br0 -i eth0 ${dhcp} dhcp`,
      `detach ${dhcp} eth0`,
      `attach br0 -i eth0 ${fixed} 192.168.1.50/24@192.168.1.1`,
      `detach id-of-${fixed} eth0`,
      `attach br0 -i eth0 ${fixed} 192.168.1.50/24@192.168.1.1`,
      `detach ${fixed} eth0`,
    ]);
  });

  it('reports why it could not attach', async () => {
    const attach = () => Promise.reject(new Error('br0 has no room'));
    const result = await new VerifiedHost().verify({ ownRuntime: { ...runtime([]), attach } });
    expect(result.ok).toBe(false);
    expect(result.proofs[0]).toMatchObject({ state: 'failed', detail: 'br0 has no room' });
  });
});
