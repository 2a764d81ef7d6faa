import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Child, Host } from '../../../src/host/host.js';
import type { IpSession } from '../../../src/host/ip-session.js';
import { IpWorkers } from '../../../src/host/ip-workers.js';
import { localHost } from '../../../src/host/local-host.js';

const NSENTER = `#!/bin/sh
[ "$1" = --net=/gone ] && { echo "nsenter: cannot open /gone" >&2; exit 1; }
shift
exec "$@"
`;
/** As much of `ip -batch` as a session needs; it reads ahead, as ip does. */
const IP = `#!/usr/bin/env node
let number = 0;
process.stdin.setEncoding('utf8').on('data', (text) => {
  for (const line of text.trimEnd().split('\\n')) {
    number += 1;
    if (line === 'address show dev lo') console.log('[{"ifname":"lo"}]');
    else if (line === 'process') console.log(JSON.stringify([{ pid: process.pid }]));
    else if (line === 'hang') return process.stdin.pause(), setInterval(() => {}, 1000);
    else if (line !== 'fine') {
      console.error(\`Object "\${line}" is unknown, try "ip help".\`);
      console.error(\`Command failed -:\${number}\`);
      process.exit(1);
    }
  }
});
`;

const PATH = process.env.PATH;
let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'bridge-setup-workers-'));
  for (const [name, text] of Object.entries({ nsenter: NSENTER, ip: IP })) {
    writeFileSync(join(folder, name), text);
    chmodSync(join(folder, name), 0o755);
  }
  process.env.PATH = `${folder}:${PATH}`;
});
afterAll(() => {
  process.env.PATH = PATH;
  rmSync(folder, { recursive: true });
});

let crews: Child[];
let workers: IpWorkers;
let begun: IpSession[];
const begin = (netns?: string) => {
  const session = workers.session(netns);
  begun.push(session);
  return session;
};
beforeEach(() => {
  const local = localHost();
  crews = [];
  begun = [];
  const host: Host = {
    ...local,
    spawn: (argv, options) => {
      const crew = local.spawn(argv, options);
      crews.push(crew);
      return crew;
    },
  };
  workers = new IpWorkers(host);
});
afterEach(async () => {
  workers.close();
  for (const session of begun) session.close();
  // No shell stays.
  await Promise.all(crews.map(({ exited }) => exited));
});

const pidOf = async (session: IpSession) => {
  const [list] = await session.run(['process']);
  return Number((list?.[0] as { pid?: number } | undefined)?.pid);
};
const isAlive = (pid: number) => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};
async function gone(pid: number): Promise<void> {
  await expect.poll(() => isAlive(pid), { timeout: 5000 }).toBe(false);
}

describe('the workers', () => {
  it('serve one session after the other', async () => {
    for (let round = 0; round < 10; round += 1) {
      const session = begin('/held/1');
      const pid = await pidOf(session);
      await session.run(['fine']);
      session.close();
      await gone(pid);
    }
    expect(crews).toHaveLength(1);
  });

  it('are joined by others when all are busy, which leave when they are not', async () => {
    const sessions = Array.from({ length: 10 }, () => begin());
    const pids = await Promise.all(sessions.map(pidOf));
    expect(new Set(pids).size).toBe(10);
    expect(crews).toHaveLength(2);
    for (const session of sessions) session.close();
    await Promise.all(pids.map(gone));
    workers.trim();
    for (let round = 0; round < 7; round += 1) await pidOf(begin());
    expect(crews).toHaveLength(2);
  });

  it('go on when the session of one of them fails', async () => {
    const [one, two] = [begin(), begin()];
    const failed = one.run(['fine', 'bad line', 'fine']);
    const after = one.run(['fine']);
    await expect(failed).rejects.toThrow('"ip bad line" failed: Object "bad line" is unknown');
    await expect(after).rejects.toThrow('"ip fine" failed');
    expect(await two.run(['fine'])).toEqual([]);
    expect(await begin().run(['fine'])).toEqual([]);
  });

  it('say why there is no session in a namespace', async () => {
    await expect(begin('/gone').run(['fine'])).rejects.toThrow('nsenter: cannot open /gone');
  });

  it('end an ip that is stuck, and what it was asked for with it', async () => {
    const session = begin();
    const pid = await pidOf(session);
    const stuck = session.run(['hang']);
    const never = session.run(['fine']);
    session.close();
    await expect(stuck).rejects.toThrow('ip ended');
    await expect(never).rejects.toThrow('ip ended');
    await gone(pid);
  });

  it('go on when the shell that has started them is killed', async () => {
    const session = begin();
    await session.run(['fine']);
    crews[0]?.kill('SIGKILL');
    await gone(crews[0]?.pid ?? 0);
    expect(await begin().run(['fine'])).toEqual([]);
    expect(crews).toHaveLength(1);
  });

  it('are replaced when they are killed themselves', async () => {
    workers.warm();
    const crew = crews[0]?.pid ?? 0;
    const children = () => readFileSync(`/proc/${crew}/task/${crew}/children`, 'utf8').trim().split(' ');
    await expect.poll(() => children().length).toBe(7);
    for (const pid of children()) process.kill(Number(pid), 'SIGKILL');
    await crews[0]?.exited;
    expect(await begin().run(['fine'])).toEqual([]);
    expect(crews).toHaveLength(2);
  });
});
