import { describe, expect, it } from 'vitest';
import { hasUnaskedIpv6, interfaceSettings } from '../../../src/attach/interface-settings.js';
import type { EndpointAddress } from '../../../src/model/endpoint.js';

const IPV4: EndpointAddress = { method: 'static', family: 4, address: '192.168.1.70/24', gateway: null };
const IPV6: EndpointAddress = { method: 'static', family: 6, address: '2001:db8::70/64', gateway: null };
const settings = (address: EndpointAddress, ipv6?: 'slaac') =>
  Object.fromEntries(interfaceSettings({ interfaceName: 'eth1', address, ...(ipv6 && { ipv6 }) }));
const of6 = (key: string) => `ipv6/conf/eth1/${key}`;

describe('the settings of an interface', () => {
  it.each<[string, EndpointAddress]>([
    ['a static IPv4 address', IPV4],
    ['DHCP', { method: 'dhcp', client: 'udhcpc' }],
    ['no address', { method: 'none' }],
  ])('turn IPv6 off for %s, whatever the engine has left', (_, address) => {
    expect(settings(address)).toMatchObject({
      [of6('disable_ipv6')]: '1',
      [of6('accept_ra')]: '0',
      [of6('autoconf')]: '0',
    });
  });

  it('turn it on for an IPv6 address, which is asked for, and take no other one', () => {
    expect(settings(IPV6)).toMatchObject({
      [of6('disable_ipv6')]: '0',
      [of6('accept_ra')]: '0',
      [of6('autoconf')]: '0',
      [of6('addr_gen_mode')]: '0',
      [of6('accept_dad')]: '1',
    });
  });

  it.each([IPV4, IPV6])('take what routers advertise where that is asked for (%o)', (address) => {
    expect(settings(address, 'slaac')).toMatchObject({
      [of6('disable_ipv6')]: '0',
      [of6('accept_ra')]: '1',
      [of6('autoconf')]: '1',
    });
  });

  it('turn it on last, so that the others are there before an advertisement is', () => {
    const keys = interfaceSettings({ interfaceName: 'eth1', address: IPV6 }).map(([key]) => key);
    expect(keys.at(-1)).toBe(of6('disable_ipv6'));
  });
});

describe('an address that nobody asked for', () => {
  const dynamic = { family: 6, address: '2001:db8::1/64', scope: 'global', dynamic: true } as const;
  it('is a global one of IPv6 with a lifetime', () => {
    expect(hasUnaskedIpv6({}, [dynamic])).toBe(true);
    expect(hasUnaskedIpv6({ ipv6: 'slaac' }, [dynamic])).toBe(false);
    expect(hasUnaskedIpv6({}, [{ ...dynamic, dynamic: false }])).toBe(false);
    expect(hasUnaskedIpv6({}, [{ ...dynamic, family: 4 }])).toBe(false);
    expect(hasUnaskedIpv6({}, [{ ...dynamic, scope: 'link' }])).toBe(false);
  });
});
