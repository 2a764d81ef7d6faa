import { randomInt } from 'node:crypto';
import { createSocket } from 'node:dgram';
import type { DhcpOffer } from '../model/doctor-facts.js';

const MAGIC = 0x63825363;
/** Options (RFC 2132): mask, router, message type, server identifier, parameters, end. */
const OPTION = { mask: 1, router: 3, type: 53, server: 54, wanted: 55, end: 255 } as const;
const DISCOVER = 1;
const OFFER = 2;
const OPTIONS_AT = 240;
const BROADCAST_FLAG = 0x8000;

/** A DHCPDISCOVER (RFC 2131, 2) that asks for a broadcast answer, since the link has no address. */
export function discoverMessage(id: number, mac: string): Buffer {
  const options = [OPTION.type, 1, DISCOVER, OPTION.wanted, 3, OPTION.mask, OPTION.router, OPTION.server];
  const message = Buffer.alloc(300);
  message.set([1, 1, 6, 0]);
  message.writeUInt32BE(id, 4);
  message.writeUInt16BE(BROADCAST_FLAG, 10);
  message.set(
    mac.split(':').map((octet) => Number.parseInt(octet, 16)),
    28,
  );
  message.writeUInt32BE(MAGIC, 236);
  message.set([...options, OPTION.end], OPTIONS_AT);
  return message;
}

/** The offer in a message; `null`: it is none, or an answer to another question. */
export function parseOffer(message: Buffer, id: number): DhcpOffer | null {
  if (message.length < OPTIONS_AT || message[0] !== 2 || message.readUInt32BE(4) !== id) return null;
  if (message.readUInt32BE(236) !== MAGIC) return null;
  const options = new Map<number, Buffer>();
  for (let at = OPTIONS_AT; at < message.length && message[at] !== OPTION.end; ) {
    const [code = 0, length = 0] = [message[at], message[at + 1]];
    if (code === 0) at += 1;
    else {
      options.set(code, message.subarray(at + 2, at + 2 + length));
      at += 2 + length;
    }
  }
  const address = (code: number) => {
    const value = options.get(code);
    return value === undefined || value.length < 4 ? null : [...value.subarray(0, 4)].join('.');
  };
  const server = address(OPTION.server);
  if (options.get(OPTION.type)?.[0] !== OFFER || server === null) return null;
  const yours = [...message.subarray(16, 20)].join('.');
  return { server, address: yours, mask: address(OPTION.mask), router: address(OPTION.router) };
}

/**
 * Ask all DHCP servers of the one link in this process's network namespace for an offer, and request none of them: a
 * server keeps no lease for an offer (RFC 2131, 3.1). Ports 67 and 68 are of that namespace alone.
 * @param waitMs a server may first ping the address that it is going to offer: dnsmasq does so for three seconds
 */
export async function discoverDhcp(mac: string, waitMs: number): Promise<DhcpOffer[]> {
  const id = randomInt(1, 2 ** 32 - 1);
  const offers = new Map<string, DhcpOffer>();
  const socket = createSocket('udp4');
  socket.on('message', (message) => {
    const offer = parseOffer(message, id);
    if (offer !== null) offers.set(offer.server, offer);
  });
  try {
    await new Promise<void>((resolve, reject) => {
      socket.once('error', reject);
      socket.bind(68, '0.0.0.0', resolve);
    });
    socket.setBroadcast(true);
    // Lost ones are not repeated by anybody else.
    for (const part of [1, 2]) {
      socket.send(discoverMessage(id, mac), 67, '255.255.255.255');
      await new Promise((resolve) => setTimeout(resolve, part === 1 ? waitMs / 10 : (waitMs * 9) / 10));
    }
  } finally {
    socket.close();
  }
  return [...offers.values()].sort((a, b) => a.server.localeCompare(b.server, 'en', { numeric: true }));
}
