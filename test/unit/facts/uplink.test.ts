import { describe, expect, it } from 'vitest';
import { automaticUplink, uplinkCandidates } from '../../../src/facts/uplink.js';
import type { Link, Route } from '../../../src/model/facts.js';
import { lanPorts } from '../../../src/model/lan-ports.js';
import { defaultRoute, linkNamed } from '../../../src/model/links.js';
import { hostFacts, link, loopback, UPLINK_MAC } from '../support/facts.js';

const route = (overrides: Partial<Route>): Route => ({
  family: 4,
  destination: 'default',
  gateway: '192.168.1.1',
  link: 'eth0',
  metric: 0,
  protocol: 'boot',
  ...overrides,
});
const bridge = (overrides: Partial<Link> = {}) =>
  link({
    name: 'br0',
    kind: 'bridge',
    physical: false,
    bridge: { stp: false, forwardDelay: 0 },
    ...overrides,
  });
const veth = (name: string, overrides: Partial<Link> = {}) =>
  link({ name, kind: 'veth', physical: false, mac: '02:00:00:00:00:09', ...overrides });
const names = (links: readonly Link[]) => links.map(({ name }) => name);

describe('defaultRoute', () => {
  it('is the one of the lowest metric, of IPv4 only', () => {
    const routes = [
      route({ link: 'wlan0', metric: 600 }),
      route({ link: 'eth0', metric: 100 }),
      route({ family: 6, link: 'eth9' }),
      route({ destination: '10.0.0.0/8', link: 'eth8' }),
    ];
    expect(defaultRoute(hostFacts({ routes }))?.link).toBe('eth0');
  });

  it('is none without one, and the facts stay in their order', () => {
    expect(defaultRoute(hostFacts({ routes: [] }))).toBeNull();
    const facts = hostFacts({ routes: [route({ metric: 9 }), route({ metric: 1 })] });
    defaultRoute(facts);
    expect(facts.routes.map(({ metric }) => metric)).toEqual([9, 1]);
  });
});

describe('linkNamed', () => {
  it('finds a link by its whole name', () => {
    expect(linkNamed(hostFacts(), 'eth0')?.mac).toBe(UPLINK_MAC);
    expect(linkNamed(hostFacts(), 'eth')).toBeNull();
  });
});

describe('lanPorts', () => {
  it("leaves out the host's sides of containers", () => {
    const links = [bridge(), link({ master: 'br0' }), veth('bs1', { master: 'br0' }), link({ name: 'eth1' })];
    expect(names(lanPorts(hostFacts({ links }), 'br0'))).toEqual(['eth0']);
  });
});

describe('uplinkCandidates', () => {
  it('are the NICs, the one with the default route first', () => {
    const links = [loopback, link({ name: 'eth1' }), link(), bridge({ name: 'docker0' }), veth('veth12')];
    expect(names(uplinkCandidates(hostFacts({ links })))).toEqual(['eth0', 'eth1']);
  });

  it('are virtual links where there is no NIC, without those of Docker, tunnels and what has no address', () => {
    const links = [
      loopback,
      veth('host0'),
      veth('docker_gwbridge'),
      veth('veth12', { addresses: [] }),
      link({ name: 'tun0', mac: null, physical: false }),
    ];
    expect(names(uplinkCandidates(hostFacts({ links })))).toEqual(['host0']);
  });
});

describe('automaticUplink', () => {
  const through = (name: string, links: Link[]) => hostFacts({ links, routes: [route({ link: name })] });

  it('is the link with the default route', () => {
    expect(automaticUplink(hostFacts(), 'br0')).toBe('eth0');
  });

  it('is unknown without a default route', () => {
    expect(automaticUplink(hostFacts({ routes: [] }), 'br0')).toBeNull();
  });

  it('is the port that the bridge has its MAC address from, once the route leads through the bridge', () => {
    const port = veth('host0', { mac: UPLINK_MAC, master: 'br0' });
    expect(automaticUplink(through('br0', [bridge(), veth('bs1', { master: 'br0' }), port]), 'br0')).toBe(
      'host0',
    );
  });

  it('is else the only port, or the one that is no container', () => {
    const port = link({ mac: '02:00:00:00:00:01', master: 'br0' });
    expect(automaticUplink(through('br0', [bridge(), port]), 'br0')).toBe('eth0');
    expect(automaticUplink(through('br0', [veth('bs1', { master: 'br0' }), bridge(), port]), 'br0')).toBe(
      'eth0',
    );
  });

  it('is unknown on a bridge without ports', () => {
    expect(automaticUplink(through('br0', [bridge()]), 'br0')).toBeNull();
  });
});
