import { describe, expect, it } from 'vitest';
import { IpWorkers } from '../../../src/host/ip-workers.js';
import { FakeHost } from '../support/fake-host.js';
import { answerSessions, type FakeIp } from '../support/fake-ip.js';

function session(ip: FakeIp = () => null) {
  const host = new FakeHost();
  const seen = answerSessions(host, ip);
  const workers = new IpWorkers(host);
  return { seen, workers, session: workers.session('/held/1') };
}

describe('an ip session', () => {
  it('gives each question its own lists, in order, also when they are asked at once', async () => {
    const { session: ip } = session((line) => (line.includes('show') ? [{ ifname: line }] : null));
    const answers = await Promise.all([
      ip.run(['link show dev a', 'link show dev b']),
      ip.run(['link set dev a up']),
      ip.run(['link show dev c']),
    ]);
    expect(answers).toEqual([
      [[{ ifname: 'link show dev a' }], [{ ifname: 'link show dev b' }]],
      [],
      [[{ ifname: 'link show dev c' }]],
    ]);
    expect([ip.hasAnswered, ip.ended]).toEqual([true, false]);
  });

  it('names the line that failed and ends; what was asked after it is not done', async () => {
    const { session: ip, seen } = session((line) =>
      line.startsWith('bad') ? new Error('RTNETLINK answers: File exists') : null,
    );
    await ip.run(['fine']);
    const failed = ip.run(['fine too', 'bad line', 'never']);
    const after = ip.run(['neither']);
    await expect(failed).rejects.toThrow('"ip bad line" failed: RTNETLINK answers: File exists');
    await expect(after).rejects.toThrow('"ip neither" failed');
    await expect(ip.run(['nor this'])).rejects.toThrow('"ip nor this" failed');
    expect(seen.lines).toEqual(['fine', 'fine too', 'bad line']);
    expect(ip.ended).toBe(true);
  });

  it('takes an address of the loopback that was asked for as an answer', async () => {
    const own = [{ ifname: 'lo', addr_info: [{}, { local: '10.0.0.5' }] }];
    const { session: ip } = session((line) => (line === 'address show to 10.0.0.5' ? own : null));
    expect(await ip.run(['address show to 10.0.0.5'])).toEqual([own]);
    expect(await ip.run(['fine'])).toEqual([]);
  });

  it('fails what is open when it is closed', async () => {
    const { session: ip, seen } = session();
    const open = ip.run(['link set dev a up']);
    ip.close();
    await expect(open).rejects.toThrow('ip ended');
    expect(seen.alive).toBe(0);
    expect(ip.hasAnswered).toBe(false);
  });
});
