import { describe, expect, it } from 'vitest';
import { collectNetfilter, parseRules, parseZones } from '../../../src/facts/netfilter.js';
import { FakeHost } from '../support/fake-host.js';

const DOCKER = `-P INPUT ACCEPT
-P FORWARD DROP
-P OUTPUT ACCEPT
-N DOCKER
-N DOCKER-USER
-A FORWARD -j DOCKER-USER
-A FORWARD -o docker0 -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
-A DOCKER-USER -i br0 -o br0 -j ACCEPT
-A DOCKER-USER -j RETURN
`;

describe('parseRules', () => {
  it("reads Docker's policy, its chain, and the bridges that pass", () => {
    expect(parseRules(DOCKER)).toEqual({
      forwardPolicy: 'DROP',
      dockerUserChain: true,
      acceptedBridges: ['br0'],
    });
  });

  it('counts no rule that lets something else pass', () => {
    const rules = [
      '-A DOCKER-USER -i br0 -o eth1 -j ACCEPT',
      '-A DOCKER-USER -i br1 -o br1 -j DROP',
      '-A FORWARD -i br2 -o br2 -j ACCEPT',
      '-A DOCKER-USER -s 10.0.0.0/8 -i br3 -o br3 -j ACCEPT',
    ];
    expect(parseRules(rules.join('\n')).acceptedBridges).toEqual([]);
  });

  it('knows nothing where there is nothing', () => {
    expect(parseRules('')).toEqual({ forwardPolicy: null, dockerUserChain: false, acceptedBridges: [] });
  });
});

describe('collectNetfilter', () => {
  it.each([
    ['1\n', true],
    ['0\n', false],
  ])('reads the sysctl %j', async (text, expected) => {
    const host = new FakeHost();
    host.content.set('/proc/sys/net/bridge/bridge-nf-call-iptables', text);
    host.content.set('/proc/net/ip_tables_names', 'filter\n');
    host.script = () => ({ stdout: DOCKER });
    expect(await collectNetfilter(host)).toMatchObject({
      bridgeNfCallIptables: expected,
      forwardPolicy: 'DROP',
    });
  });

  it.each([
    ['iptables v1.4.21', null, false],
    ['iptables v1.8.9 (legacy)', '', false],
    ['iptables v1.8.9 (legacy)', 'filter\n', true],
    ['iptables v1.8.9 (nf_tables)', null, true],
  ])('asks %s where the kernel has the tables %j: %j', async (version, tables, isAsked) => {
    const host = new FakeHost();
    if (tables !== null) host.content.set('/proc/net/ip_tables_names', tables);
    let wasAsked = false;
    host.script = (argv) => {
      wasAsked ||= argv.join(' ') === 'iptables -w -S';
      return { stdout: argv[1] === '--version' ? version : DOCKER };
    };
    const { forwardPolicy } = await collectNetfilter(host);
    expect([wasAsked, forwardPolicy]).toEqual([isAsked, isAsked ? 'DROP' : null]);
  });

  it('knows nothing of a host without the module and without iptables', async () => {
    const host = new FakeHost();
    host.script = () => ({ exitCode: 127, stdout: DOCKER });
    expect(await collectNetfilter(host)).toEqual({
      bridgeNfCallIptables: null,
      forwardPolicy: null,
      dockerUserChain: false,
      acceptedBridges: [],
      dropped: { br0: [] },
    });
  });
});

describe('parseZones', () => {
  it('knows the zone of each link', () => {
    const text =
      'docker\n  interfaces: docker0\npublic (default)\n  interfaces: eth0 eth1\n  sources: 10.0.0.0/8\nwork\n  sources: 10.1.0.0/16\n';
    expect(parseZones(text)).toEqual({ docker0: 'docker', eth0: 'public', eth1: 'public' });
    expect(parseZones('')).toEqual({});
  });

  it('is asked only where firewalld is installed, and believed where it runs', async () => {
    const host = new FakeHost();
    host.script = ([program]) =>
      program === 'firewall-cmd' ? { stdout: 'public\n  interfaces: eth0\n' } : {};
    expect(await collectNetfilter(host)).not.toHaveProperty('zones');
    host.programs.set('firewall-cmd', '/usr/bin/firewall-cmd');
    expect(await collectNetfilter(host)).toMatchObject({
      zones: { eth0: 'public' },
      lastingZones: { eth0: 'public' },
    });
    host.script = () => ({ exitCode: 252, stdout: 'not running' });
    expect(await collectNetfilter(host)).not.toHaveProperty('zones');
  });
});
