import { describe, expect, it } from 'vitest';
import { configureLines, createLines } from '../../../src/attach/link.js';
import type { Endpoint } from '../../../src/model/endpoint.js';

const endpoint = (address: Endpoint['address']): Endpoint => ({
  bridge: 'br0',
  interfaceName: 'eth0',
  hostInterfaceName: null,
  mac: null,
  address,
});
const MAC = '02:00:00:00:00:01';

describe('the lines for ip', () => {
  it('make both ends of a veth at once', () => {
    const spec = { hostLink: 'bs1', alias: 'bridge-setup:a:eth0', mac: MAC, mtu: 1400, inKernelBridge: true };
    expect(createLines({ ...spec, endpoint: endpoint({ method: 'none' }) }, '/proc/1/fd/7')).toEqual([
      'link add name bs1 mtu 1400 master br0 address fe:00:00:00:00:fe type veth' +
        ` peer name eth0 mtu 1400 address ${MAC} netns /proc/1/fd/7`,
      'link set dev bs1 addrgenmode none alias bridge-setup:a:eth0',
      'link set dev bs1 up',
    ]);
  });

  it('configure a static address with a gateway in its network', () => {
    const address = {
      method: 'static',
      family: 4,
      address: '10.0.0.5/24',
      gateway: '10.0.0.1',
    } as const;
    expect(configureLines(endpoint(address), MAC)).toEqual([
      'link set dev lo up',
      'address replace 10.0.0.5/24 dev eth0 brd +',
      'link set dev eth0 up',
      'route replace default via 10.0.0.1 dev eth0',
      `link set dev eth0 address ${MAC}`,
    ]);
  });

  it.each([
    [4, '10.0.0.5/32', '192.168.9.1', ['route replace 192.168.9.1/32 dev eth0']],
    [6, '2001:db8::5/64', '2001:db8:1::1', ['route replace 2001:db8:1::1/128 dev eth0']],
    [6, '2001:db8::5/64', 'fe80::1', []],
  ] as const)('reach an IPv%i gateway of %s at %s', (family, address, gateway, onLink) => {
    const lines = configureLines(endpoint({ method: 'static', family, address, gateway }), MAC);
    expect(lines.filter((line) => line.startsWith('route'))).toEqual([
      ...onLink,
      `route replace default via ${gateway} dev eth0`,
    ]);
    // The kernel asks whether somebody has it.
    expect(lines.join(' ')).not.toContain('nodad');
  });

  it('leave the address to the DHCP client', () => {
    const lines = ['link set dev lo up', 'link set dev eth0 up'];
    expect(configureLines(endpoint({ method: 'dhcp', client: 'udhcpc' }), MAC)).toEqual(lines);
  });
});
