import { describe, expect, it } from 'vitest';
import { discoverMessage, parseOffer } from '../../../src/host/dhcp-discover.js';

/** An answer to a DHCPDISCOVER, with options as they stand on the wire (RFC 2132). */
function answer(options: readonly number[], id = 7): Buffer {
  const message = discoverMessage(id, '02:00:00:00:00:01');
  message[0] = 2;
  message.set([192, 168, 1, 55], 16);
  message.fill(0, 240);
  message.set(options, 240);
  return message;
}
const OFFER = [53, 1, 2];
const SERVER = [54, 4, 192, 168, 1, 2];

describe('parseOffer', () => {
  it('reads server, address, netmask and router, over padding', () => {
    const options = [0, 0, ...OFFER, ...SERVER, 1, 4, 255, 255, 255, 0, 3, 4, 192, 168, 1, 1, 255];
    expect(parseOffer(answer(options), 7)).toEqual({
      ...{ server: '192.168.1.2', address: '192.168.1.55' },
      ...{ mask: '255.255.255.0', router: '192.168.1.1' },
    });
    expect(parseOffer(answer([...OFFER, ...SERVER, 255]), 7)).toMatchObject({ mask: null, router: null });
  });

  it('takes nothing else for an offer', () => {
    expect(parseOffer(answer([...OFFER, ...SERVER, 255]), 8)).toBeNull();
    expect(parseOffer(answer([53, 1, 5, ...SERVER, 255]), 7)).toBeNull();
    expect(parseOffer(answer([...OFFER, 255]), 7)).toBeNull();
    expect(parseOffer(answer([...OFFER, 54, 4, 192]).subarray(0, 246), 7)).toBeNull();
    expect(parseOffer(discoverMessage(7, '02:00:00:00:00:01'), 7)).toBeNull();
    expect(parseOffer(Buffer.from('short'), 7)).toBeNull();
    const cut = answer([...OFFER, ...SERVER, 12, 255]);
    expect(parseOffer(cut, 7)?.server).toBe('192.168.1.2');
  });
});
