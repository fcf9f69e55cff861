import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { Slots } from './slots.ts';

/** Work that ends when it is told to, and says what it was lent. */
function work() {
  const started: string[] = [];
  const ends: (() => void)[] = [];
  return {
    started,
    end: () => ends.shift()!(),
    run: (resource: string) =>
      new Promise<string>((resolve) => {
        started.push(resource);
        ends.push(() => {
          resolve(resource);
        });
      }),
  };
}

describe('Slots', () => {
  test('lends each resource to one call at a time, in the order of the calls', async () => {
    const slots = new Slots('writes', ['a', 'b'], 10);
    const { started, end, run } = work();
    const calls = [1, 2, 3, 4].map((i) => slots.run(`call ${i}`, 1000, run));
    expect(started).toHaveLength(2);
    end();
    expect(await calls[0]).toBe('b');
    expect(started).toEqual(['b', 'a', 'b']);
    end();
    end();
    await Promise.all(calls.slice(1, 3));
    end();
    expect(await calls[3]).toBe('a');
  });

  test('refuses a call beyond the queue, and one that waited too long', async () => {
    const slots = new Slots('writes', ['a'], 1);
    const { end, run } = work();
    const first = slots.run('first', 1000, run);
    const second = slots.run('second', 20, run);
    await expect(slots.run('third', 1000, run)).rejects.toMatchObject({ code: 'overloaded' });
    await expect(second).rejects.toMatchObject({ code: 'overloaded' });
    end();
    await first;
    const fourth = slots.run('fourth', 1000, run);
    end();
    expect(await fourth).toBe('a');
  });

  test('keeps the resource of a call that was given up until its work has ended', async () => {
    const slots = new Slots('writes', ['a'], 5);
    const { started, end, run } = work();
    await expect(slots.run('slow', 10, run)).rejects.toMatchObject({ code: 'timeout' });
    const next = slots.run('next', 1000, run);
    await sleep(5);
    expect(started).toHaveLength(1);
    end();
    await sleep(0);
    expect(started).toHaveLength(2);
    end();
    await next;
  });

  test('closing refuses what waits and what comes, and waits for what runs, a call of the same turn included', async () => {
    const slots = new Slots('writes', ['a'], 5);
    const { end, run } = work();
    const running = slots.run('running', 1000, run);
    const waiting = slots.run('waiting', 1000, run);
    let closed: boolean | undefined;
    const closing = slots.close(1000).then((all) => (closed = all));
    await expect(waiting).rejects.toMatchObject({ code: 'stopping' });
    await expect(slots.run('late', 1000, run)).rejects.toMatchObject({ code: 'stopping' });
    expect(closed).toBeUndefined();
    end();
    await running;
    await closing;
    expect(closed).toBe(true);
  });

  test('closing does not wait for ever', async () => {
    const slots = new Slots('writes', ['a'], 5);
    const { run } = work();
    const endless = slots.run('endless', 50, run);
    expect(await slots.close(10)).toBe(false);
    await expect(endless).rejects.toMatchObject({ code: 'timeout' });
  });

  test('a failure is passed on and frees the resource', async () => {
    const slots = new Slots('writes', ['a'], 5);
    await expect(slots.run('bad', 100, () => Promise.reject(new Error('no')))).rejects.toThrow('no');
    expect(await slots.run('good', 100, (resource) => Promise.resolve(resource))).toBe('a');
  });
});
