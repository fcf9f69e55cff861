import { describe, expect, it } from 'vitest';
import { Closing } from './closing.ts';

describe('closing', () => {
  it('stops in the reverse order, and each part once', async () => {
    const closing = new Closing();
    const stopped: string[] = [];
    for (const name of ['broker', 'engine', 'api']) {
      closing.add(name, 1000, async () => {
        stopped.push(name);
      });
    }
    await Promise.all([closing.close(() => undefined), closing.close(() => undefined)]);
    expect(stopped).toEqual(['api', 'engine', 'broker']);
  });

  it('goes on past what fails or hangs, tells it, and fails in the end', async () => {
    const closing = new Closing();
    const told: string[] = [];
    let reached = false;
    closing.add('broker', 1000, async () => {
      reached = true;
    });
    closing.add('engine', 20, () => new Promise(() => undefined));
    closing.add('api', 1000, () => Promise.reject(new Error('port is stuck')));
    await expect(closing.close((line) => told.push(line))).rejects.toThrow('port is stuck');
    expect(reached).toBe(true);
    expect(told).toEqual([
      'stopping api: port is stuck',
      'stopping engine: engine did not stop within 0.02 s; it is left behind',
    ]);
  });
});
