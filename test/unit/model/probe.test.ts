import { describe, expect, it } from 'vitest';
import type { HostFacts } from '../../../src/model/facts.js';
import { probesOf, probeTitle } from '../../../src/model/probe.js';
import { hostFacts } from '../support/facts.js';

const stays = { gateway: '192.168.1.1', moved: false };
const titles = (parts: Partial<HostFacts>, wanted = stays) =>
  probesOf({ ...hostFacts(), ...parts }, wanted).map(probeTitle);
const ssh = (client: string, link: string) => ({ session: { ssh: true, client, link } });

describe('probesOf', () => {
  it('asks the gateways, the name servers, and whoever works on the host', () => {
    const { routes } = hostFacts();
    const v6 = {
      family: 6,
      destination: 'default',
      gateway: 'fe80::1',
      link: 'eth0',
      metric: 1024,
      protocol: 'ra',
    };
    expect(
      titles({ routes: [...routes, v6 as HostFacts['routes'][number]], ...ssh('10.0.0.7', 'eth0') }),
    ).toEqual([
      'the gateway 192.168.1.1 (ping)',
      'the gateway 192.168.1.1 (ARP)',
      'the gateway fe80::1 (ping)',
      'the gateway fe80::1 (NDP)',
      'the name server 192.168.1.1 (DNS)',
      'your end of the SSH session 10.0.0.7 (ping)',
    ]);
  });

  it('does not ask a resolver of the host itself, nor one whose name has the link in it', () => {
    const dns = { nameservers: ['127.0.0.53', '::1', 'fe80::1%eth0', '2001:db8::53'], search: [] };
    expect(titles({ dns }).filter((title) => title.includes('name server'))).toEqual([
      'the name server 2001:db8::53 (DNS)',
    ]);
  });

  it('does not ask a session within the host', () => {
    expect(titles(ssh('127.0.0.1', 'lo')).join()).not.toContain('SSH');
  });

  it('asks only the new gateway where the host moves to another address', () => {
    expect(titles(ssh('10.0.0.7', 'eth0'), { gateway: '10.9.9.1', moved: true })).toEqual([
      'the gateway 10.9.9.1 (ping)',
      'the gateway 10.9.9.1 (ARP)',
    ]);
  });
});
