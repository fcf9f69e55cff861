import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { UNPACKED_NATS_SERVER, findNatsServer } from './find-nats-server.ts';
import { serverConfig, serverFiles } from './server-config.ts';

let directory: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'counterfoil-find-'));
});

afterEach(() => rm(directory, { recursive: true, force: true }));

async function program(path: string, prints: string): Promise<string> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, `#!/bin/sh\necho '${prints}'\n`);
  await chmod(path, 0o755);
  return path;
}

test('the named one comes first, then the PATH, and what does not run is passed over', async () => {
  const onPath = await program(join(directory, 'bin', 'nats-server'), 'nats-server: v2.10.1');
  const broken = join(directory, 'broken');
  await program(join(broken, 'nats-server'), 'something else');
  const path = `${broken}:${join(directory, 'bin')}`;
  expect(await findNatsServer({ PATH: path }, directory)).toEqual({ path: onPath, version: [2, 10, 1] });
  const named = await program(join(directory, 'mine'), 'nats-server: v2.12.0-beta.1');
  expect(await findNatsServer({ PATH: path, COUNTERFOIL_NATS_SERVER: named }, directory)).toEqual({
    path: named,
    version: [2, 12, 0],
  });
});

test('a name that does not run is an error, never another server in its place', async () => {
  const named = join(directory, 'missing');
  const found = findNatsServer({ PATH: process.env['PATH'], COUNTERFOIL_NATS_SERVER: named }, directory);
  await expect(found).rejects.toMatchObject({ code: 'missingDependency' });
  await expect(found).rejects.toThrow(named);
});

test('the one that the set-up unpacked is found last', async () => {
  const unpacked = await program(join(directory, UNPACKED_NATS_SERVER), 'nats-server: v2.9.10');
  const found = await findNatsServer({ PATH: '' }, directory);
  // A machine with the package installed has it in the system's directories.
  expect([unpacked, '/usr/sbin/nats-server', '/usr/local/bin/nats-server']).toContain(found?.path);
});

test('every acknowledged message is synced where the server can', () => {
  const files = serverFiles('/data/with "quotes"');
  expect(serverConfig(files, 0, [2, 9, 10])).not.toContain('sync_interval');
  expect(serverConfig(files, 0, [2, 10, 0])).toContain('sync_interval: always');
  expect(serverConfig(files, 0, [3, 0, 0])).toContain('sync_interval: always');
  expect(serverConfig(files, 0, [2, 9, 10])).toContain('listen: "127.0.0.1:-1"');
  expect(serverConfig(files, 4333, [2, 9, 10])).toContain('listen: "127.0.0.1:4333"');
  expect(serverConfig(files, 0, [2, 9, 10])).toContain('store_dir: "/data/with \\"quotes\\""');
});
