import { describe, expect, it } from 'vitest';
import { withLock } from '../../../src/apply/lock.js';
import { FakeHost } from '../support/fake-host.js';
import { refusedBy } from '../support/refused.js';
import { RootedHost } from '../support/rooted-host.js';
import { temporaryFolder } from '../support/temporary.js';

const LOCK = '/run/bridge-setup/lock';
/** proc_pid_stat(5); a program's name may hold blanks and parentheses. */
const stat = (pid: number, start: number) => `${pid} (a (b) c) S 1 ${'0 '.repeat(17)}${start} 0 0\n`;

function host() {
  const made = new FakeHost();
  made.content.set('/proc/4000/stat', stat(4000, 1234));
  return made;
}

describe('withLock', () => {
  it('lets one run at a time, and says which one', async () => {
    const made = host();
    const error = await withLock(made, () => refusedBy(() => withLock(made, async () => 'never')));
    expect([error.code, error.exitCode]).toEqual(['already-running', 3]);
    expect(error.message).toContain('process 4000');
  });

  it('is free again afterwards, also after a failure', async () => {
    const made = host();
    await expect(withLock(made, () => Promise.reject(new Error('broken')))).rejects.toThrow('broken');
    expect(await withLock(made, async () => 'done')).toBe('done');
    expect(made.content.has(LOCK)).toBe(false);
  });

  it('leaves nothing of a run that was killed while it made the lock', async () => {
    const made = new RootedHost(await temporaryFolder());
    await made.files.mkdir('/run/bridge-setup');
    await made.files.write('/run/bridge-setup/.lock.bridge-setup-77-abc', '77 555\n');
    expect(await withLock(made, () => made.files.list('/run/bridge-setup'))).toEqual(['lock']);
  });

  it('is made although the host fails once, and what the work throws is not repeated', async () => {
    const made = host();
    const { create } = made.files;
    let fails = 1;
    made.files.create = async (...args) => {
      if (fails-- > 0) throw Object.assign(new Error('EMFILE'), { code: 'EMFILE' });
      return create(...args);
    };
    let runs = 0;
    const work = async () => {
      runs += 1;
      throw new Error('broken');
    };
    await expect(withLock(made, work)).rejects.toThrow('broken');
    expect(runs).toBe(1);
  });

  it('is not stolen from a process that cannot be read just now', async () => {
    const made = host();
    made.content.set('/proc/77/stat', stat(77, 555));
    made.content.set('/run/bridge-setup/lock', '77 555 \n');
    const { read } = made.files;
    let fails = 1;
    made.files.read = async (path) => {
      if (path === '/proc/77/stat' && fails-- > 0) throw Object.assign(new Error(), { code: 'EMFILE' });
      return read(path);
    };
    expect((await refusedBy(() => withLock(made, async () => 'never'))).code).toBe('already-running');
  });

  it('lets only one in of two that start at once', async () => {
    const made = host();
    let inside = 0;
    let most = 0;
    const work = async () => {
      inside += 1;
      most = Math.max(most, inside);
      await new Promise((resolve) => setTimeout(resolve, 5));
      inside -= 1;
    };
    const ends = await Promise.allSettled([withLock(made, work), withLock(made, work), withLock(made, work)]);
    expect(most).toBe(1);
    expect(ends.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected', 'rejected']);
  });

  it.each([
    ['a process that is gone', '77 555\n'],
    ['another process with the number of one that is gone', '4000 999\n'],
    ['a lock that was never written to its end', ''],
  ])('is not kept by %s', async (_, content) => {
    const made = host();
    made.content.set(LOCK, content);
    expect(await withLock(made, async () => 'done')).toBe('done');
  });
});
