import { spawn } from 'node:child_process';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { lockDataDirectory } from './data-directory.ts';
import { startOf } from './processes.ts';

let directory: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'counterfoil-lock-'));
});

afterEach(() => rm(directory, { recursive: true, force: true }));

test('one at a time; the refusal names the process, in one line', async () => {
  const path = join(directory, 'new', 'data');
  const lock = await lockDataDirectory(path);
  const refused = await lockDataDirectory(path).catch((error: unknown) => error as Error);
  expect(refused).toMatchObject({ code: 'dataDirectoryLocked' });
  expect((refused as Error).message).toMatch(new RegExp(`is in use by process ${process.pid}; [^\n]+$`));
  await lock.release();
  await lock.release();
  expect(await readdir(path)).toEqual([]);
  await (await lockDataDirectory(path)).release();
});

test('the lock of a process that ended is taken over', async () => {
  const child = spawn('sleep', ['30'], { stdio: 'ignore' });
  const ended = new Promise((resolve) => child.once('exit', resolve));
  const start = await startOf(child.pid!);
  expect(start).toBeDefined();
  await writeFile(join(directory, 'lock.4'), JSON.stringify({ pid: child.pid, start }));
  await expect(lockDataDirectory(directory)).rejects.toThrow(`is in use by process ${child.pid}`);
  child.kill('SIGKILL');
  await ended;
  const lock = await lockDataDirectory(directory);
  expect(await readdir(directory)).toEqual(['lock.5']);
  await lock.release();
});

test('another process that has the same id now does not hold it', async () => {
  await writeFile(
    join(directory, 'lock.1'),
    JSON.stringify({ pid: process.pid, start: 'an earlier boot 12' }),
  );
  await (await lockDataDirectory(directory)).release();
});

test('half a lock, as a power failure leaves it, holds nobody up', async () => {
  await writeFile(join(directory, 'lock.1'), '{"pid":');
  await (await lockDataDirectory(directory)).release();
});

test('of many that take over a stale lock at once exactly one gets it', async () => {
  for (let round = 1; round <= 30; round++) {
    await writeFile(
      join(directory, `lock.${round * 10}`),
      JSON.stringify({ pid: 2 ** 22 + 1, start: 'gone' }),
    );
    const results = await Promise.allSettled(Array.from({ length: 8 }, () => lockDataDirectory(directory)));
    const won = results.filter((result) => result.status === 'fulfilled');
    expect(won).toHaveLength(1);
    for (const { value } of won) await value.release();
  }
  expect(await readdir(directory)).toEqual([]);
});

test('a directory that cannot be made is one clear line', async () => {
  await writeFile(join(directory, 'file'), '');
  const refused = await lockDataDirectory(join(directory, 'file', 'data')).catch(
    (error: unknown) => error as Error,
  );
  expect((refused as Error).message).toMatch(/^data directory .* cannot be written \(ENOTDIR\); [^\n]+$/);
});
