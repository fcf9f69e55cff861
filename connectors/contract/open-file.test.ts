import { randomBytes } from 'node:crypto';
import { mkdtemp, readdir, readlink, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { fileChunks } from './open-file.ts';

const CONTENT = randomBytes(700_001);
let folder: string;
let path: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'counterfoil-chunks-'));
  path = join(folder, 'file');
  await writeFile(path, CONTENT);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

test.each([
  [0, Infinity],
  [0, CONTENT.length],
  [1, 262_145],
  [262_144, 524_288],
  [65_535, 65_536],
  [699_990, 800_000],
  [5, 5],
  [800_000, Infinity],
])('the bytes from %d to %d come whole and in order, from a file as from memory', async (from, to) => {
  for (const input of [path, CONTENT]) {
    const chunks = [];
    for await (const chunk of fileChunks(input, 'file', from, to)) {
      expect(chunk.length).toBeGreaterThan(0);
      expect(chunk.length).toBeLessThanOrEqual(65_536);
      chunks.push(chunk);
    }
    // Together only now: none of them is written to once it is given.
    expect(Buffer.concat(chunks).equals(CONTENT.subarray(from, to))).toBe(true);
  }
});

test.runIf(process.platform === 'linux')('a file of which no more is taken is closed', async () => {
  for await (const chunk of fileChunks(path, 'file')) {
    expect(await isOpen()).toBe(true);
    if (chunk.length > 0) break;
  }
  expect(await isOpen()).toBe(false);
});

/** Whether this process has the file open. */
async function isOpen(): Promise<boolean> {
  const open = await readdir('/proc/self/fd');
  const targets = await Promise.all(open.map((fd) => readlink(`/proc/self/fd/${fd}`).catch(() => '')));
  return targets.includes(path);
}

test.each([
  ['nowhere', 'fileNotFound'],
  ['.', 'unreadableFile'],
])('%s is refused', async (name, code) => {
  const chunks = fileChunks(join(folder, name), 'in.csv');
  await expect(chunks.next()).rejects.toThrow(expect.objectContaining({ code }));
});
