import { afterEach, describe, expect, test, vi } from 'vitest';
import { decodeFrame, partitionOf, readRecord } from '../../engine/codec/index.ts';
import { CounterfoilError, DEAD_LETTER_PARTITION } from '../../engine/domain/index.ts';
import type { DeadLetter, Log, MoneyRecord, RecordFrame, Translated } from '../../engine/domain/index.ts';
import { maskCardNumbers } from '../contract/index.ts';
import { createPublisher } from './publisher.ts';
import type { PublisherOptions } from './publisher.ts';

interface Appended {
  readonly partition: number;
  readonly payload: Uint8Array;
  readonly messageId: string | undefined;
}

/** A log in memory whose answers a test decides. */
class FakeLog implements Pick<Log, 'append'> {
  readonly attempts: Appended[] = [];
  readonly stored: Appended[] = [];
  /** Called for each attempt, before it is stored; what it throws, the append throws. */
  answer: (message: Appended, attempt: number) => Promise<void> | void = () => undefined;

  async append(partition: number, payload: Uint8Array, messageId?: string) {
    const message = { partition, payload, messageId };
    this.attempts.push(message);
    await this.answer(message, this.attempts.length);
    this.stored.push(message);
    return { sequence: this.stored.length, duplicate: false };
  }

  records(): { partition: number; record: MoneyRecord }[] {
    return this.frames().flatMap(({ partition, frame }) =>
      Array.from({ length: frame.count }, (_, row) => ({ partition, record: readRecord(frame, row) })),
    );
  }

  frames(): { partition: number; frame: RecordFrame }[] {
    return this.stored.flatMap(({ partition, payload }) => {
      if (partition === DEAD_LETTER_PARTITION) return [];
      const frame = decodeFrame(payload);
      return frame.kind === 'records' ? [{ partition, frame }] : [];
    });
  }

  kinds(partition: number): string[] {
    return this.stored
      .filter((message) => message.partition === partition)
      .map((message) => decodeFrame(message.payload).kind);
  }
}

function record(n: number, account = `a${n % 7}`): Translated {
  return {
    type: 'record',
    record: {
      source: 'gateway',
      id: `g${n}`,
      account,
      kind: 'charge',
      status: 'booked',
      currency: 'AED',
      amount: BigInt(n),
      fee: 0n,
      tax: 0n,
      time: 1_763_800_000_000 + n,
      precision: 'instant',
      offsetMinutes: 240,
      references: { reference: `r${n}` },
      attributes: {},
    },
    origin: { offset: n * 100, ordinal: 0 },
  };
}

function records(count: number): Translated[] {
  return Array.from({ length: count }, (_, n) => record(n));
}

function setUp(options: Partial<PublisherOptions> = {}) {
  const log = new FakeLog();
  const publisher = createPublisher({ log, partitions: 4, partitionBy: ['account'], ...options });
  return { log, publisher };
}

afterEach(() => {
  vi.useRealTimers();
});

describe('publisher', () => {
  test('puts each record into the partition of its key, once, and in order', async () => {
    const { log, publisher } = setUp();
    const items = records(2000);
    await publisher.publish('gateway', items);
    const stored = log.records();
    expect(stored).toHaveLength(2000);
    for (const { partition, record } of stored) expect(partition).toBe(partitionOf(record, ['account'], 4));
    for (let partition = 0; partition < 4; partition++) {
      const amounts = stored
        .filter((entry) => entry.partition === partition)
        .map(({ record }) => record.amount);
      expect(amounts).toEqual([...amounts].sort((a, b) => Number(a - b)));
    }
  });

  test('cuts frames at their number of records and of bytes', async () => {
    const { log, publisher } = setUp({ partitions: 1, maxFrameBytes: 8192 });
    await publisher.publish('gateway', records(600));
    for (const { frame } of log.frames()) expect(frame.count).toBeLessThanOrEqual(512);
    for (const { payload } of log.stored) expect(payload.length).toBeLessThanOrEqual(8192);
    expect(log.records()).toHaveLength(600);
  });

  test('sends a frame that is not full after the linger', async () => {
    const { log, publisher } = setUp({ lingerMs: 20 });
    const started = performance.now();
    await publisher.publish('gateway', [record(1)]);
    expect(performance.now() - started).toBeGreaterThanOrEqual(15);
    expect(log.stored).toHaveLength(1);
  });

  test('gathers records of several publishes into one frame', async () => {
    const { log, publisher } = setUp({ partitions: 1 });
    await Promise.all([1, 2, 3].map((n) => publisher.publish('gateway', [record(n)])));
    expect(log.frames().map(({ frame }) => frame.count)).toEqual([3]);
  });

  test('resolves only when everything is stored', async () => {
    const { log, publisher } = setUp({ partitions: 1 });
    let release!: () => void;
    log.answer = () => new Promise((resolve) => (release = resolve));
    let done = false;
    const published = publisher.publish('gateway', [record(1)]).then(() => (done = true));
    await new Promise((resolve) => setTimeout(resolve, 30));
    expect(log.attempts).toHaveLength(1);
    expect(done).toBe(false);
    release();
    await published;
    expect(done).toBe(true);
  });

  test('a message that is not stored rejects exactly the publishes that were in it', async () => {
    const { log, publisher } = setUp({ partitions: 4 });
    const bad = partitionOf((record(1, 'bad') as { record: MoneyRecord }).record, ['account'], 4);
    const other = ['x', 'y', 'z', 'w', 'v'].find(
      (name) => partitionOf((record(1, name) as { record: MoneyRecord }).record, ['account'], 4) !== bad,
    )!;
    log.answer = ({ partition }) => {
      if (partition === bad) throw new CounterfoilError('diskFull', 'no space left');
    };
    const results = await Promise.allSettled([
      publisher.publish('gateway', [record(1, 'bad')]),
      publisher.publish('gateway', [record(2, other)]),
      publisher.publish('gateway', [record(3, other), record(4, 'bad')]),
    ]);
    expect(results.map((result) => result.status)).toEqual(['rejected', 'fulfilled', 'rejected']);
  });

  test('tries again with the same message id while an error may pass', async () => {
    const { log, publisher } = setUp({ partitions: 1 });
    log.answer = (_, attempt) => {
      if (attempt < 3) throw new CounterfoilError('timeout', 'no answer');
    };
    await publisher.publish('gateway', [record(1)]);
    expect(log.attempts).toHaveLength(3);
    expect(new Set(log.attempts.map((attempt) => attempt.messageId)).size).toBe(1);
    expect(log.records()).toHaveLength(1);
  });

  test('gives up when the time for a message is over', async () => {
    const { log, publisher } = setUp({ partitions: 1, appendTimeoutMs: 150 });
    log.answer = () => {
      throw new CounterfoilError('brokerUnreachable', 'gone');
    };
    await expect(publisher.publish('gateway', [record(1)])).rejects.toMatchObject({
      code: 'brokerUnreachable',
    });
    log.answer = () => new Promise(() => undefined);
    await expect(publisher.publish('gateway', [record(2)])).rejects.toMatchObject({ code: 'timeout' });
  });

  test('message ids differ with the content, even at the same place', async () => {
    const { log, publisher } = setUp({ partitions: 1 });
    const item = record(1) as Translated & { record: MoneyRecord };
    await publisher.publish('gateway', [item]);
    await publisher.publish('gateway', [item]);
    await publisher.publish('gateway', [{ ...item, record: { ...item.record, amount: 5n } } as Translated]);
    const ids = log.stored.map((message) => message.messageId);
    expect(ids[0]).toBe(ids[1]);
    expect(ids[2]).not.toBe(ids[0]);
  });

  test('waits for room and says overloaded when none comes', async () => {
    const { log, publisher } = setUp({ partitions: 1, maxBufferedBytes: 20_000, roomTimeoutMs: 100 });
    const waiting: (() => void)[] = [];
    log.answer = () => new Promise((resolve) => waiting.push(resolve));
    const outcome = publisher.publish('gateway', records(5000));
    await expect(outcome).rejects.toMatchObject({ code: 'overloaded' });
    log.answer = () => undefined;
    for (const release of waiting) release();
    await publisher.publish('gateway', records(5000));
    expect(log.records().length).toBeGreaterThanOrEqual(5000);
  });

  test('memory is bounded: what is under way stays near the limit', async () => {
    let most = 0;
    const { log, publisher } = setUp({
      maxBufferedBytes: 30_000,
      observer: { inFlight: (_, bytes) => (most = Math.max(most, bytes)) },
    });
    log.answer = () => new Promise((resolve) => setTimeout(resolve, 1));
    await Promise.all([1, 2, 3, 4].map(() => publisher.publish('gateway', records(250))));
    expect(log.records()).toHaveLength(1000);
    expect(most).toBeLessThan(40_000);
  });

  test('progress goes to every partition, behind the records before it', async () => {
    const { log, publisher } = setUp();
    log.answer = ({ payload }) =>
      decodeFrame(payload).kind === 'records' ? new Promise((resolve) => setTimeout(resolve, 30)) : undefined;
    await publisher.publish('gateway', [...records(50), { type: 'progress', time: 7 }]);
    for (let partition = 0; partition < 4; partition++) {
      expect(log.kinds(partition).at(-1)).toBe('progress');
      expect(log.kinds(partition).filter((kind) => kind === 'progress')).toHaveLength(1);
    }
  });

  test('a source that is due at times is heard in every partition, once in a second', async () => {
    vi.useFakeTimers({ now: 1_700_000_000_400, toFake: ['Date'] });
    const { log, publisher } = setUp({ dueSources: new Set(['gateway']) });
    await publisher.publish('gateway', [record(1), record(2)]);
    await publisher.publish('gateway', [record(3)]);
    for (let partition = 0; partition < 4; partition++) {
      const told = log.stored
        .filter((message) => message.partition === partition)
        .map(({ payload }) => decodeFrame(payload));
      expect(told.filter(({ kind }) => kind === 'progress')).toEqual([
        { kind: 'progress', source: 'gateway' },
      ]);
    }
    vi.setSystemTime(1_700_000_001_000);
    await publisher.publish('gateway', [record(4)]);
    expect(log.kinds(0).filter((kind) => kind === 'progress')).toHaveLength(2);
    const other = setUp();
    await other.publisher.publish('gateway', [record(1)]);
    expect(other.log.stored).toHaveLength(1);
  });

  test('progress is not told where a record before it was not stored', async () => {
    const { log, publisher } = setUp({ partitions: 1 });
    log.answer = ({ payload }) => {
      if (decodeFrame(payload).kind === 'records') throw new CounterfoilError('diskFull', 'full');
    };
    const published = publisher.publish('gateway', [record(1), { type: 'progress', time: 7 }]);
    await expect(published).rejects.toMatchObject({ code: 'diskFull' });
    expect(log.stored).toHaveLength(0);
  });

  test('dead letters go to their own stream, masked; findings to one partition', async () => {
    const seen: string[] = [];
    const { log, publisher } = setUp({
      observer: { deadLetter: (source, code) => seen.push(`${source} ${code}`) },
    });
    const finding = {
      kind: 'balance',
      source: 'bank',
      recordId: '',
      account: 'default',
      currency: 'AED',
      amount: 1,
      message: 'm',
    } as const;
    await publisher.publish('bank', [
      {
        type: 'deadLetter',
        deadLetter: {
          source: 'bank',
          code: 'malformedRow',
          reason: 'card 4111 1111 1111 1111 found',
          origin: { offset: 3, ordinal: 0 },
          payload: 'x,4111111111111111',
        },
      },
      { type: 'finding', finding },
    ]);
    const dead = log.stored.filter((message) => message.partition === DEAD_LETTER_PARTITION);
    const letter = JSON.parse(Buffer.from(dead[0]!.payload).toString()) as DeadLetter;
    expect(letter.payload).toBe('x,411111******1111');
    expect(letter.reason).toBe('card 4111 11** **** 1111 found');
    expect(seen).toEqual(['bank malformedRow']);
    const others = log.stored.filter((message) => message.partition !== DEAD_LETTER_PARTITION);
    expect(others.map((message) => decodeFrame(message.payload))).toEqual([
      { kind: 'finding', json: JSON.stringify(finding) },
    ]);
  });

  test('a record that no frame can hold becomes a dead letter, and the others are stored', async () => {
    const { log, publisher } = setUp({ partitions: 1 });
    const huge = record(2) as Translated & { record: MoneyRecord };
    const impossible = {
      ...huge,
      record: { ...huge.record, attributes: { text: 'x'.repeat(600_000) } },
    } as Translated;
    await publisher.publish('gateway', [record(1), impossible, record(3)]);
    expect(log.records().map(({ record }) => record.id)).toEqual(['g1', 'g3']);
    const dead = log.stored.find((message) => message.partition === DEAD_LETTER_PARTITION)!;
    expect(JSON.parse(Buffer.from(dead.payload).toString())).toMatchObject({ code: 'payloadTooLarge' });
  });

  test('close sends what is gathered and takes nothing more', async () => {
    const { log, publisher } = setUp({ lingerMs: 60_000 });
    const published = publisher.publish('gateway', records(10));
    await publisher.close();
    await published;
    expect(log.records()).toHaveLength(10);
    await expect(publisher.publish('gateway', [record(1)])).rejects.toMatchObject({ code: 'stopping' });
  });
});

test('card numbers that were masked are reported once, whoever masked them', async () => {
  const counts: number[] = [];
  const publisher = createPublisher({
    log: new FakeLog(),
    partitions: 1,
    partitionBy: ['currency'],
    observer: { maskedCardNumbers: (count) => counts.push(count) },
  });
  await publisher.publish('gateway', [record(1)]);
  expect(counts).toEqual([]);
  maskCardNumbers('4111111111111111 5555555555554444');
  await publisher.publish('gateway', [
    record(2),
    {
      type: 'deadLetter',
      deadLetter: {
        source: 'gateway',
        code: 'invalidRecord',
        reason: 'is none',
        origin: { offset: 1, ordinal: 0 },
        payload: 'card 4111111111111111',
      },
    },
  ]);
  await publisher.publish('gateway', [record(3)]);
  expect(counts).toEqual([3]);
  await publisher.close();
});
