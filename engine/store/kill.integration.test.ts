import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openStore } from './index.ts';

/** Compiled, because a child process cannot run TypeScript. */
const WRITER = fileURLToPath(new URL('../../dist/engine/testing/store-writer.js', import.meta.url));

const LIVES = 6;
const ROWS = 1500;

let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'counterfoil-kill-'));
});
afterAll(() => rm(directory, { recursive: true, force: true }));

/** Runs a writer, kills it `afterMs` after its first acknowledgement, and says how far each table was acknowledged. */
async function liveAndDie(life: number, afterMs: number): Promise<{ records: number; matches: number }> {
  const child = spawn(process.execPath, [WRITER, directory, String(life)], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, UV_THREADPOOL_SIZE: '16' },
  });
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const giveUp = setTimeout(() => child.kill('SIGKILL'), 30_000);
  const acknowledged = { records: 0, matches: 0 };
  let killing = false;
  const lines = createInterface({ input: child.stdout });
  for await (const line of lines) {
    const [word, table, sequence] = line.split(' ');
    if (word !== 'acknowledged') continue;
    acknowledged[table as 'records' | 'matches'] = Number(sequence);
    if (killing) continue;
    killing = true;
    void sleep(afterMs).then(() => child.kill('SIGKILL'));
  }
  await ended;
  clearTimeout(giveUp);
  return acknowledged;
}

test(`${LIVES} times killed while inserting: what was acknowledged is there, and positionsAbove is what is there`, async () => {
  let acknowledgedBatches = 0;
  for (let life = 1; life <= LIVES; life++) {
    const acknowledged = await liveAndDie(life, 50 + 130 * life);
    expect(acknowledged.records + acknowledged.matches).toBeGreaterThan(0);
    acknowledgedBatches += acknowledged.records + acknowledged.matches;

    const store = await openStore({ url: 'embedded', path: directory });
    await store.migrate();
    await store.settle();
    for (const table of ['records', 'matches'] as const) {
      for (const partition of [0, 1]) {
        const positions = await store.positionsAbove(table, life, partition, 0);
        const whole = positions.n.length / ROWS;
        // Every insert is there as a whole or not at all, and none that was acknowledged is missing.
        expect(Number.isInteger(whole)).toBe(true);
        expect(whole).toBeGreaterThanOrEqual(acknowledged[table]);
        expect(whole).toBeLessThanOrEqual(acknowledged[table] + 1);
        const expected = Array.from({ length: positions.n.length }, (_, i) => [
          Math.floor(i / ROWS) + 1,
          i % ROWS,
        ]);
        expect(Array.from(positions.sequence, (sequence, i) => [sequence, positions.n[i]])).toEqual(expected);
        const from = Math.max(0, acknowledged[table] - 1);
        const above = await store.positionsAbove(table, life, partition, from);
        expect(above.n.length).toBe((whole - from) * ROWS);
      }
    }
    await store.close();
  }
  expect(acknowledgedBatches).toBeGreaterThan(LIVES);
});
