import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { jetstreamManager } from '@nats-io/jetstream';
import type { JetStreamManager } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { freePort, startNatsServer } from '../../deploy/local/index.ts';
import type { NatsServer } from '../../deploy/local/index.ts';
import { DEAD_LETTER_PARTITION } from '../domain/index.ts';
import type { Log, StoredMessage } from '../domain/index.ts';
import { connectLog } from './index.ts';
import type { LogOptions } from './index.ts';

const encoder = new TextEncoder();
const decoder = new TextDecoder();
const MEGABYTE = 1_048_576;

let directory: string;
let port: number;
let server: NatsServer;
const open: Log[] = [];

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'counterfoil-stream-'));
  port = await freePort();
  server = await startNatsServer({ dataDir: directory, port });
});

afterAll(async () => {
  await server.stop();
  await rm(directory, { recursive: true, force: true });
});

/** Every test has a log of its own: whatever the one before left is deleted. */
beforeEach(async () => {
  for (const log of open.splice(0)) await log.close();
  const connection = await connect({ servers: server.url });
  const manager = await jetstreamManager(connection);
  for await (const name of manager.streams.names()) await manager.streams.delete(name);
  await connection.close();
});

async function newLog(partitions = 2, options: Partial<LogOptions> = {}): Promise<Log> {
  const log = await connectLog({ url: server.url, ...options });
  open.push(log);
  await log.open(partitions);
  return log;
}

async function fill(log: Log, partition: number, count: number, size = 0): Promise<void> {
  const all: Promise<unknown>[] = [];
  for (let i = 1; i <= count; i++) {
    all.push(log.append(partition, encoder.encode(`message ${i}`.padEnd(size, '.'))));
    if (all.length === 200) await Promise.all(all.splice(0));
  }
  await Promise.all(all);
}

/** Reads `count` messages, or fails after ten seconds. */
async function take(
  log: Log,
  from: number,
  count: number,
  maxBytes = MEGABYTE,
  onBatch?: (batch: readonly StoredMessage[]) => Promise<void>,
): Promise<StoredMessage[]> {
  const abort = new AbortController();
  const timer = setTimeout(() => abort.abort(), 10_000);
  const found: StoredMessage[] = [];
  for await (const batch of log.read(0, from, { maxBytes, signal: abort.signal })) {
    found.push(...batch);
    await onBatch?.(batch);
    if (found.length >= count) break;
  }
  clearTimeout(timer);
  return found;
}

async function managerOf(): Promise<{ manager: JetStreamManager; close: () => Promise<void> }> {
  const connection = await connect({ servers: server.url });
  return { manager: await jetstreamManager(connection), close: () => connection.close() };
}

describe('opening', () => {
  test('creates one file stream per partition that refuses when full, and one for dead letters', async () => {
    await newLog(3);
    const { manager, close } = await managerOf();
    const infos = [];
    for await (const info of manager.streams.list()) infos.push(info.config);
    await close();
    const streams = infos.filter((config) => config.name.startsWith('CF_'));
    expect(streams.map((config) => config.name).sort()).toEqual([
      'CF_DEAD',
      'CF_RECORDS_0',
      'CF_RECORDS_1',
      'CF_RECORDS_2',
    ]);
    for (const config of streams) {
      expect(config).toMatchObject({ storage: 'file', retention: 'limits', discard: 'new', max_age: 0 });
    }
  });

  test('by several processes at once gives one log and one epoch', async () => {
    const partitions = 40;
    const logs = await Promise.all(Array.from({ length: 5 }, () => newLog(partitions)));
    for (const log of logs) {
      for (let partition = 0; partition < partitions; partition++) {
        expect(await log.state(partition)).toMatchObject({ epoch: 1, firstSequence: 1, lastSequence: 0 });
      }
    }
  });

  test('refuses another partition count or another partitionBy in one line', async () => {
    await newLog(4);
    await expect(newLog(8)).rejects.toMatchObject({ code: 'logMismatch' });
    await expect(newLog(8)).rejects.toThrow(/has 4 partitions by \[account\], the configuration says 8/);
    await expect(newLog(4, { partitionBy: ['account', 'currency'] })).rejects.toThrow(
      /\[account, currency\]/,
    );
    await expect(newLog(4)).resolves.toBeDefined();
  });

  test('a re-created stream has another epoch, a reopened one the same', async () => {
    const log = await newLog();
    await log.append(0, encoder.encode('a'));
    const before = await log.state(0);
    expect((await (await newLog()).state(0)).epoch).toBe(before.epoch);
    const { manager, close } = await managerOf();
    await manager.streams.delete('CF_RECORDS_0');
    await close();
    const again = await (await newLog()).state(0);
    expect(again.epoch).toBe(before.epoch + 1);
    expect(again.createdMs).toBeGreaterThan(before.createdMs);
    expect(again.lastSequence).toBe(0);
  });

  test('says what to do when nobody answers, or the URL is none', async () => {
    const url = `nats://127.0.0.1:${await freePort()}`;
    await expect(connectLog({ url })).rejects.toMatchObject({ code: 'brokerUnreachable' });
    await expect(connectLog({ url })).rejects.toThrow(url);
    await expect(connectLog({ url: 'http://user:secret@host' })).rejects.toMatchObject({
      code: 'invalidConfig',
    });
    await expect(connectLog({ url: 'http://user:secret@host' })).rejects.not.toThrow(/secret/);
  });
});

describe('appending', () => {
  test('numbers messages from 1 and drops an immediate repeat of an id', async () => {
    const log = await newLog();
    expect(await log.append(0, encoder.encode('a'), 'id-1')).toEqual({ sequence: 1, duplicate: false });
    expect(await log.append(0, encoder.encode('b'), 'id-2')).toEqual({ sequence: 2, duplicate: false });
    expect(await log.append(0, encoder.encode('a'), 'id-1')).toEqual({ sequence: 1, duplicate: true });
    expect(await log.append(1, encoder.encode('c'))).toEqual({ sequence: 1, duplicate: false });
    expect(await log.state(0)).toMatchObject({ lastSequence: 2 });
  });

  test('refuses what the server would not take', async () => {
    const log = await newLog();
    await expect(log.append(0, new Uint8Array(5 * MEGABYTE))).rejects.toMatchObject({
      code: 'payloadTooLarge',
    });
    await expect(log.append(0, new Uint8Array(3 * MEGABYTE))).resolves.toMatchObject({ sequence: 1 });
  });

  test('says overloaded when the stream is full, and loses nothing that was stored', async () => {
    const log = await newLog(1, { maxBytesPerPartition: 20_000 });
    const results = await Promise.allSettled(
      Array.from({ length: 40 }, () => log.append(0, new Uint8Array(1000))),
    );
    const stored = results.filter((result) => result.status === 'fulfilled').length;
    const refused = results.filter((result) => result.status === 'rejected');
    expect(stored).toBeGreaterThan(10);
    expect(refused.length).toBe(40 - stored);
    for (const { reason } of refused) expect(reason).toMatchObject({ code: 'overloaded' });
    expect(await log.state(0)).toMatchObject({ firstSequence: 1, lastSequence: stored });
  });

  test('keeps what is under way within its bounds', async () => {
    const log = await newLog(1, { maxInFlight: 4, maxInFlightBytes: 2000 });
    await fill(log, 0, 300, 900);
    expect(await log.state(0)).toMatchObject({ lastSequence: 300 });
  });

  test('a partition that was never opened has no stream', async () => {
    const log = await newLog(1);
    await expect(log.append(7, encoder.encode('a'))).rejects.toMatchObject({ code: 'brokerUnreachable' });
    await expect(log.state(7)).rejects.toMatchObject({ code: 'logMismatch' });
  });

  test('dead letters have a subject by source and a stream of their own', async () => {
    const log = await newLog(1);
    const letter = (source: string): Uint8Array =>
      encoder.encode(JSON.stringify({ source, code: 'malformedRow' }));
    await log.append(DEAD_LETTER_PARTITION, letter('bank.main *'));
    await log.append(DEAD_LETTER_PARTITION, encoder.encode('not json'));
    expect(await log.state(DEAD_LETTER_PARTITION)).toMatchObject({ epoch: 1, lastSequence: 2 });
    const { manager, close } = await managerOf();
    expect((await manager.streams.getMessage('CF_DEAD', { seq: 1 }))?.subject).toBe('cf.dead.bank_main__');
    expect((await manager.streams.getMessage('CF_DEAD', { seq: 2 }))?.subject).toBe('cf.dead.unknown');
    await close();
  });
});

describe('reading', () => {
  test('gives every message once, in order, from the position asked for', async () => {
    const log = await newLog();
    await fill(log, 0, 1000);
    const all = await take(log, 1, 1000);
    expect(all.map((message) => message.sequence)).toEqual(Array.from({ length: 1000 }, (_, i) => i + 1));
    expect(decoder.decode(all[999]!.payload)).toMatch(/^message \d+$/);
    const tail = await take(log, 990, 11);
    expect(tail.map((message) => message.sequence)).toEqual(Array.from({ length: 11 }, (_, i) => i + 990));
  });

  test('goes on with what is appended later', async () => {
    const log = await newLog();
    await fill(log, 0, 3);
    let more = false;
    const found = await take(log, 1, 6, MEGABYTE, async () => {
      if (!more) await fill(log, 0, 3);
      more = true;
    });
    expect(found.map((message) => message.sequence)).toEqual([1, 2, 3, 4, 5, 6]);
  });

  test('log time is that of the broker, never goes back, and is the same as a single message says', async () => {
    const log = await newLog();
    const before = Date.now();
    await fill(log, 0, 50);
    const found = await take(log, 1, 50);
    for (const [i, message] of found.entries()) {
      expect(message.logTime).toBeGreaterThanOrEqual(i === 0 ? before - 1 : found[i - 1]!.logTime);
      expect(message.logTime).toBeLessThanOrEqual(Date.now());
    }
    expect((await log.get(0, 50))?.logTime).toBe(found[49]!.logTime);
  });

  test('payloads own their memory, so that they can be transferred to a thread', async () => {
    const log = await newLog();
    await fill(log, 0, 2, 100);
    for (const { payload } of await take(log, 1, 2)) {
      expect(payload.byteOffset).toBe(0);
      expect(payload.buffer.byteLength).toBe(payload.byteLength);
    }
  });

  test('small messages, then some larger than the budget, then small ones again, without a stall', async () => {
    const log = await newLog();
    const sizes = [
      ...Array.from({ length: 300 }, () => 20),
      900_000,
      900_000,
      5,
      600_000,
      20,
      20,
      2_000_000,
      7,
    ];
    for (const size of sizes) await log.append(0, new Uint8Array(size));
    const started = performance.now();
    const found = await take(log, 1, sizes.length, 64_000);
    expect(found.map((message) => message.payload.length)).toEqual(sizes);
    expect(performance.now() - started).toBeLessThan(4000);
  });

  test('a slow reader leaves the messages with the broker', async () => {
    const log = await newLog();
    await fill(log, 0, 400, 10_000);
    const abort = new AbortController();
    const { manager, close } = await managerOf();
    const iterator = log.read(0, 1, { maxBytes: 200_000, signal: abort.signal })[Symbol.asyncIterator]();
    let sequence = 0;
    while (sequence < 400) {
      // What came before the batch in hand has been let go of.
      const released = sequence;
      for (const message of (await iterator.next()).value as StoredMessage[]) {
        expect(message.sequence).toBe(++sequence);
      }
      if (sequence > 150) continue;
      await new Promise((resolve) => setTimeout(resolve, 150));
      const consumers = await manager.consumers.list('CF_RECORDS_0').next();
      const delivered = Math.max(...consumers.map((info) => info.delivered.consumer_seq));
      expect((delivered - released) * 10_000).toBeLessThanOrEqual(200_000);
      expect(delivered).toBeGreaterThan(sequence - 1);
    }
    abort.abort();
    await close();
  });

  test('ends when told to, also while nothing comes', async () => {
    const log = await newLog();
    const abort = new AbortController();
    const reading = (async () => {
      for await (const batch of log.read(0, 1, { maxBytes: MEGABYTE, signal: abort.signal })) {
        expect(batch).toBeUndefined();
      }
      return 'ended';
    })();
    setTimeout(() => abort.abort(), 100);
    expect(await reading).toBe('ended');
  });

  test('a missing message is an error, and so is a position before or behind the stream', async () => {
    const log = await newLog();
    await fill(log, 0, 10);
    const { manager, close } = await managerOf();
    await manager.streams.deleteMessage('CF_RECORDS_0', 5);
    await expect(take(log, 1, 10)).rejects.toThrow(/has message 6 where 5 was expected/);
    await manager.streams.purge('CF_RECORDS_0', { seq: 8 });
    await close();
    await expect(take(log, 3, 1)).rejects.toMatchObject({ code: 'logGap' });
    await expect(take(log, 12, 1)).rejects.toThrow(/ends at message 10, but reading was to go on at 12/);
    expect((await take(log, 8, 3)).map((message) => message.sequence)).toEqual([8, 9, 10]);
  });

  test('survives the loss of its consumer', async () => {
    const log = await newLog();
    await fill(log, 0, 20);
    const { manager, close } = await managerOf();
    let deleted = false;
    const found = await take(log, 1, 40, MEGABYTE, async () => {
      if (deleted) return;
      deleted = true;
      for (const info of await manager.consumers.list('CF_RECORDS_0').next()) {
        await manager.consumers.delete('CF_RECORDS_0', info.name);
      }
      await fill(log, 0, 20);
    });
    await close();
    expect(found.map((message) => message.sequence)).toEqual(Array.from({ length: 40 }, (_, i) => i + 1));
  });
});

describe('single messages and purging', () => {
  test('a message by its number, or undefined', async () => {
    const log = await newLog();
    await fill(log, 0, 3);
    expect(decoder.decode((await log.get(0, 2))?.payload)).toBe('message 2');
    expect(await log.get(0, 4)).toBeUndefined();
  });

  test('purges only what is both old and below the position', async () => {
    const log = await newLog();
    await fill(log, 0, 20);
    await new Promise((resolve) => setTimeout(resolve, 30));
    const middle = Date.now();
    await new Promise((resolve) => setTimeout(resolve, 30));
    await fill(log, 0, 20);
    await log.purge(0, 10, middle);
    expect(await log.state(0)).toMatchObject({ firstSequence: 11, lastSequence: 40 });
    await log.purge(0, 40, middle);
    expect(await log.state(0)).toMatchObject({ firstSequence: 21, lastSequence: 40 });
    await log.purge(0, 40, middle);
    expect(await log.state(0)).toMatchObject({ firstSequence: 21 });
    await log.purge(0, 40, Date.now() + 1000);
    expect(await log.state(0)).toMatchObject({ firstSequence: 41, lastSequence: 40 });
    expect(await log.append(0, encoder.encode('next'))).toMatchObject({ sequence: 41 });
  });
});

describe('announcements', () => {
  test('reach those who listen now, under a wildcard too', async () => {
    const [sender, receiver] = [await newLog(), await newLog()];
    const abort = new AbortController();
    const heard: string[] = [];
    const listening = (async () => {
      for await (const { subject, payload } of receiver.listen('cf.summary.*', abort.signal)) {
        heard.push(`${subject} ${decoder.decode(payload)}`);
        if (heard.length === 3) return;
      }
    })();
    await receiver.ping();
    for (const partition of [0, 1, 0]) sender.announce(`cf.summary.${partition}`, encoder.encode('x'));
    await listening;
    expect(heard).toEqual(['cf.summary.0 x', 'cf.summary.1 x', 'cf.summary.0 x']);
  });

  test('a listener that falls behind keeps the newest within its bound', async () => {
    const log = await newLog();
    const abort = new AbortController();
    const iterator = log.listen('cf.results.0', abort.signal)[Symbol.asyncIterator]();
    const first = iterator.next();
    await log.ping();
    for (let i = 0; i < 40; i++) log.announce('cf.results.0', new Uint8Array(MEGABYTE).fill(i));
    await first;
    await log.ping();
    await new Promise((resolve) => setTimeout(resolve, 300));
    const second = await iterator.next();
    expect((second.value as { payload: Uint8Array }).payload[0]).toBeGreaterThan(20);
    abort.abort();
    expect((await iterator.next()).done).toBe(true);
  });
});

// Last: it stops the server.
describe('a broker that goes away', () => {
  test('reading goes on after it is back, nothing twice, nothing missing', { timeout: 60_000 }, async () => {
    const notices: string[] = [];
    const log = await newLog(1, { timeoutMs: 1000, onNotice: (notice) => notices.push(notice.type) });
    await fill(log, 0, 50);
    const abort = new AbortController();
    const timer = setTimeout(() => abort.abort(), 30_000);
    const found: number[] = [];
    const reading = (async () => {
      for await (const batch of log.read(0, 1, { maxBytes: MEGABYTE, signal: abort.signal })) {
        found.push(...batch.map((message) => message.sequence));
        if (found.length >= 100) return;
      }
    })();
    expect(await log.ping()).toBeGreaterThanOrEqual(0);
    await server.stop();
    await expect(log.ping()).rejects.toMatchObject({ code: 'brokerUnreachable' });
    const away = await log.append(0, encoder.encode('away'), 'away').catch((error: unknown) => error);
    expect(['timeout', 'brokerUnreachable']).toContain((away as { code?: string }).code);
    server = await startNatsServer({ dataDir: directory, port });
    // The client sends what it had buffered once it is back: the same id may find the message stored.
    for (;;) {
      const stored = await log.append(0, encoder.encode('away'), 'away').catch(() => undefined);
      if (stored !== undefined) break;
    }
    await fill(log, 0, 49);
    await reading;
    clearTimeout(timer);
    expect(found).toEqual(Array.from({ length: 100 }, (_, i) => i + 1));
    expect(notices.slice(0, 2)).toEqual(['disconnected', 'reconnected']);
    await log.close();
    expect(notices).not.toContain('closed');
  });
});
