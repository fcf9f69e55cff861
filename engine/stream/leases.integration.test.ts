import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Kvm } from '@nats-io/kv';
import { connect } from '@nats-io/transport-node';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { startNatsServer } from '../../deploy/local/index.ts';
import type { NatsServer } from '../../deploy/local/index.ts';
import type { Leases } from '../domain/index.ts';
import { createLeases } from './index.ts';
import { LEASE_BUCKET } from './names.ts';

const TTL_MS = 1500;

let directory: string;
let server: NatsServer;
const processes: Leases[] = [];

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'counterfoil-leases-'));
  server = await startNatsServer({ dataDir: directory });
});

afterEach(async () => {
  for (const leases of processes.splice(0)) await leases.close();
});

afterAll(async () => {
  await server.stop();
  await rm(directory, { recursive: true, force: true });
});

/** The leases of one more process, as it were. */
async function another(owner?: string): Promise<Leases> {
  const leases = await createLeases({
    url: server.url,
    ttlMs: TTL_MS,
    ...(owner === undefined ? {} : { owner }),
  });
  processes.push(leases);
  return leases;
}

function never(): void {
  expect.unreachable('a lease was lost');
}

test('of several at once one wins, every time', async () => {
  const contenders = await Promise.all(Array.from({ length: 5 }, () => another()));
  for (let partition = 0; partition < 40; partition++) {
    const won = await Promise.all(contenders.map((leases) => leases.acquire(partition, never)));
    expect(won.filter(Boolean)).toHaveLength(1);
  }
});

test('a lease is renewed for as long as it is held, and released at once', async () => {
  const [first, second] = [await another(), await another()];
  expect(await first.acquire(100, never)).toBe(true);
  expect(await first.acquire(100, never)).toBe(true);
  await delay(TTL_MS * 2);
  expect(await second.acquire(100, never)).toBe(false);
  await first.release(100);
  expect(await second.acquire(100, never)).toBe(true);
});

test('the lease of a process that stops renewing is free after its time to live, not before', async () => {
  const connection = await connect({ servers: server.url });
  const bucket = await new Kvm(connection).open(LEASE_BUCKET);
  const leases = await another();
  const started = performance.now();
  await bucket.create('partition.200', 'a process that died');
  while (!(await leases.acquire(200, never))) await delay(10);
  const waited = performance.now() - started;
  await connection.close();
  expect(waited).toBeGreaterThan(TTL_MS * 0.95);
  expect(waited).toBeLessThan(TTL_MS * 1.5);
});

test('a process that comes back under its own name has its leases at once; another does not', async () => {
  const connection = await connect({ servers: server.url });
  const bucket = await new Kvm(connection).open(LEASE_BUCKET);
  await bucket.create('partition.300', 'engine-a');
  await connection.close();
  expect(await (await another('engine-b')).acquire(300, never)).toBe(false);
  expect(await (await another('engine-a')).acquire(300, never)).toBe(true);
});

test('an owner is told when another took its lease', async () => {
  const connection = await connect({ servers: server.url });
  const bucket = await new Kvm(connection).open(LEASE_BUCKET);
  const leases = await another();
  const lost = new Promise<void>((resolve) => {
    void leases.acquire(400, resolve);
  });
  await delay(100);
  await bucket.put('partition.400', 'somebody else');
  await connection.close();
  await lost;
  expect(await leases.acquire(400, never)).toBe(false);
});

// Last: it stops the server.
test('an owner that cannot renew is told before anybody else could have the lease', async () => {
  const leases = await another();
  let lostAt = 0;
  expect(await leases.acquire(500, () => (lostAt = performance.now()))).toBe(true);
  const stoppedAt = performance.now();
  await server.stop();
  while (lostAt === 0 && performance.now() - stoppedAt < TTL_MS * 2) await delay(10);
  expect(lostAt - stoppedAt).toBeLessThan(TTL_MS);
  server = await startNatsServer({ dataDir: directory });
});
