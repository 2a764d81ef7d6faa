import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { afterEach, describe, expect, it } from 'vitest';
import { nameServerAnswers } from '../../../src/host/dns.js';

let server: Socket | undefined;
afterEach(() => server?.close());

/** A name server on loopback that answers every question with this RCODE (RFC 1035, 4.1.1); `null`: never. */
async function nameServer(rcode: number | null): Promise<string> {
  server = createSocket('udp4');
  server.on('message', (question, from) => {
    if (rcode === null) return;
    const answer = Buffer.from(question);
    answer.writeUInt16BE(0x8180 | rcode, 2);
    server?.send(answer, from.port, from.address);
  });
  server.bind(0, '127.0.0.1');
  await once(server, 'listening');
  return `127.0.0.1:${server.address().port}`;
}

describe('nameServerAnswers', () => {
  it.each([
    ['nothing of that kind', 0],
    ['a failure of its own', 2],
    ['no such name', 3],
    ['that it refuses', 5],
  ])('takes %s for an answer', async (_, rcode) => {
    expect(await nameServerAnswers(await nameServer(rcode), 2000)).toBe(true);
  });

  it('does not take silence for one', async () => {
    expect(await nameServerAnswers(await nameServer(null), 200)).toBe(false);
  });

  it('does not take a closed port for one', async () => {
    const address = await nameServer(null);
    server?.close();
    server = undefined;
    expect(await nameServerAnswers(address, 200)).toBe(false);
  });
});
