import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { jetstream, jetstreamManager } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { findNatsServer } from './find-nats-server.ts';
import { freePort } from './free-port.ts';
import { SHELL, guardedArguments } from './guardian.ts';
import { startNatsServer } from './nats-server.ts';
import type { NatsServer } from './nats-server.ts';
import { isAlive, processesWhere, startOf, waitForEnd } from './processes.ts';
import { serverConfig, serverFiles } from './server-config.ts';

let directory: string;
const servers: NatsServer[] = [];
const children: ChildProcess[] = [];

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'counterfoil-server-'));
});

afterEach(async () => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  for (const server of servers.splice(0)) await server.stop();
  await rm(directory, { recursive: true, force: true });
});

async function start(options: { port?: number } = {}): Promise<NatsServer> {
  const server = await startNatsServer({ dataDir: directory, ...options });
  servers.push(server);
  return server;
}

async function store(url: string, text: string): Promise<number> {
  const connection = await connect({ servers: url });
  const manager = await jetstreamManager(connection);
  await manager.streams.add({ name: 'KEPT', subjects: ['kept'] });
  const { seq } = await jetstream(connection).publish('kept', text);
  await connection.close();
  return seq;
}

test('is on loopback, keeps its messages over a restart, and ends when told to', async () => {
  const first = await start();
  expect(first.url).toMatch(/^nats:\/\/127\.0\.0\.1:\d+$/);
  expect(await store(first.url, 'a')).toBe(1);
  await first.stop();
  await first.stop();
  await first.exited;
  expect(isAlive(first.pid)).toBe(false);
  const second = await start();
  expect(await store(second.url, 'b')).toBe(2);
});

test('takes the port it is given, and says so when that is taken', async () => {
  const port = await freePort();
  expect((await start({ port })).url).toBe(`nats://127.0.0.1:${port}`);
  const blocker = createServer();
  await new Promise<void>((resolve) => blocker.listen(0, '127.0.0.1', resolve));
  const taken = (blocker.address() as { port: number }).port;
  const other = await mkdtemp(join(tmpdir(), 'counterfoil-server-'));
  const refused = await startNatsServer({ dataDir: other, port: taken }).catch(
    (error: unknown) => error as Error,
  );
  blocker.close();
  await rm(other, { recursive: true, force: true });
  expect(refused).toMatchObject({ code: 'portInUse' });
  expect((refused as Error).message).toMatch(
    new RegExp(`^port ${taken} on 127\\.0\\.0\\.1 is already in use; [^\n]+$`),
  );
});

test('two on one directory: the second is refused, the first goes on', async () => {
  const first = await start();
  await expect(start()).rejects.toMatchObject({ code: 'dataDirectoryLocked' });
  expect(await store(first.url, 'a')).toBe(1);
});

test('is in another process group and session than we are, so that Ctrl-C does not reach it', async () => {
  const server = await start();
  const fieldsOf = async (pid: number): Promise<string[]> => {
    const stat = await readFile(`/proc/${pid}/stat`, 'latin1');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  };
  if (process.platform !== 'linux') return;
  const [ours, its] = [await fieldsOf(process.pid), await fieldsOf(server.pid)];
  expect(its[2]).not.toBe(ours[2]);
  expect(its[3]).not.toBe(ours[3]);
});

test('says when the server ends by itself, and lets the next one in', async () => {
  const server = await start();
  process.kill(server.pid, 'SIGKILL');
  await server.exited;
  expect(await startOf(server.pid)).toBeUndefined();
  expect(await store((await start()).url, 'a')).toBe(1);
});

/** A process that starts a guarded nats-server and is killed. @returns the server's process id */
async function killParent(signal: NodeJS.Signals): Promise<number> {
  const files = serverFiles(join(directory, 'nats'));
  await mkdir(files.directory, { recursive: true });
  await writeFile(files.config, serverConfig(files, 0, [2, 9, 10]));
  const script = `
    const { spawn } = require('node:child_process');
    spawn('${SHELL}', process.argv.slice(1), { detached: true, stdio: ['pipe', 'ignore', 'ignore'] });
    setInterval(() => {}, 1000);
  `;
  const guarded = guardedArguments((await findNatsServer())?.path ?? '', files.config);
  const parent = spawn(process.execPath, ['-e', script, '--', ...guarded], { stdio: 'inherit' });
  children.push(parent);
  for (;;) {
    const pid = Number(await readFile(files.pid, 'utf8').catch(() => '0'));
    if (pid > 0) {
      parent.kill(signal);
      return pid;
    }
    await delay(20);
  }
}

test('ends with its parent, even when that is killed by SIGKILL, and leaves nobody behind', async () => {
  const pid = await killParent('SIGKILL');
  expect(await waitForEnd(pid, 8000)).toBe(true);
  const deadline = Date.now() + 4000;
  while (Date.now() < deadline && (await processesWhere((line) => line.includes(directory))).length > 0) {
    await delay(50);
  }
  expect(await processesWhere((line) => line.includes(directory))).toEqual([]);
});

test('a server left on the directory by an earlier life is stopped first', async () => {
  const first = await start();
  expect(await store(first.url, 'a')).toBe(1);
  const config = join(directory, 'nats', 'nats-server.conf');
  await first.stop();
  const left = spawn((await findNatsServer())?.path ?? '', ['-c', config], { stdio: 'ignore' });
  children.push(left);
  await delay(300);
  expect(isAlive(left.pid!)).toBe(true);
  const second = await start();
  expect(await startOf(left.pid!)).toBeUndefined();
  expect(await store(second.url, 'b')).toBe(2);
});
