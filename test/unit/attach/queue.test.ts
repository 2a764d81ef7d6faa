import { describe, expect, it } from 'vitest';
import { KeyedQueue } from '../../../src/attach/queue.js';

/** A task that ends when it is told to, and a note of what runs. */
function controlled() {
  const started: string[] = [];
  const ends = new Map<string, () => void>();
  const task = (key: string) =>
    new Promise<void>((resolve) => {
      started.push(key);
      ends.set(key, resolve);
    });
  const end = async (key: string) => {
    ends.get(key)?.();
    await settle();
  };
  return { started, task, end };
}
const settle = () => new Promise((resolve) => setImmediate(resolve));

describe('KeyedQueue', () => {
  it('runs one key once more when it is woken while it runs, however often', async () => {
    const { started, task, end } = controlled();
    const queue = new KeyedQueue(task, 4);
    void queue.wake('a');
    await settle();
    void queue.wake('a');
    void queue.wake('a');
    await settle();
    expect(started).toEqual(['a']);
    await end('a');
    expect(started).toEqual(['a', 'a']);
    await end('a');
    await queue.idle();
    expect(started).toEqual(['a', 'a']);
  });

  it('lets a slow key hold up no other', async () => {
    const { started, task, end } = controlled();
    const queue = new KeyedQueue(task, 2);
    void queue.wake('slow');
    const quick = queue.wake('quick');
    await settle();
    await end('quick');
    await quick;
    expect(started).toEqual(['slow', 'quick']);
    await end('slow');
    await queue.idle();
  });

  it('takes what is urgent first, also what waits already', async () => {
    const { started, task, end } = controlled();
    const queue = new KeyedQueue(task, 1);
    for (const key of ['a', 'b', 'c']) void queue.wake(key);
    await settle();
    void queue.wake('d', true);
    void queue.wake('c', true);
    for (const key of ['a', 'c', 'd', 'b']) await end(key);
    expect(started).toEqual(['a', 'c', 'd', 'b']);
    await queue.idle();
  });

  it('runs no more at once than it may', async () => {
    const { started, task, end } = controlled();
    const queue = new KeyedQueue(task, 1);
    void queue.wake('a');
    void queue.wake('b');
    await settle();
    expect(started).toEqual(['a']);
    await end('a');
    expect(started).toEqual(['a', 'b']);
    await end('b');
    await queue.idle();
  });
});
