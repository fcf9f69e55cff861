import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { CounterfoilError } from '../../../engine/domain/index.ts';
import { MemoryPublisher, recordItem } from '../../conformance/items.ts';
import type { JsonValue, PolledPage, Polling } from '../../contract/index.ts';
import { Arrivals } from './arrivals.ts';
import { PollCursor } from './poll-cursor.ts';
import { Poller } from './poller.ts';

const NOW = Date.UTC(2026, 10, 22);
const SCHEDULE = { intervalMs: 8000, minIntervalMs: 1000 };

let directory: string;
let publisher: MemoryPublisher;
let arrivals: Arrivals;
let gaps: number;
let failures: string[];
let stop: AbortController;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'counterfoil-poll-'));
  publisher = new MemoryPublisher();
  arrivals = new Arrivals(0, 0);
  gaps = 0;
  failures = [];
  stop = new AbortController();
});

afterEach(() => rm(directory, { recursive: true, force: true }));

/** A provider with a list of ids; the cursor counts how many were read. Each page overlaps the last by one. */
function listOf(
  ids: readonly string[],
  pageSize = 2,
): Polling & { readonly asked: (JsonValue | undefined)[] } {
  const asked: (JsonValue | undefined)[] = [];
  return {
    asked,
    async *pages(cursor): AsyncGenerator<PolledPage> {
      asked.push(cursor);
      for (let at = Math.max(0, Number(cursor ?? 0) - 1); at < ids.length; at += pageSize) {
        const page = ids.slice(at, at + pageSize);
        await Promise.resolve();
        yield { items: page.map((id) => recordItem({ id, time: NOW - 1000 })), cursor: at + page.length };
      }
    },
  };
}

async function pollerOf(polling: Polling): Promise<Poller> {
  return new Poller({
    source: 'source',
    polling,
    cursor: await PollCursor.open(directory, 'source'),
    schedule: SCHEDULE,
    publisher,
    arrivals,
    observer: {
      gaps: (_, records) => (gaps += records),
      pollFailed: (_, error) => failures.push(error.code),
      event: () => undefined,
    },
    signal: stop.signal,
    now: () => NOW,
    random: () => 1,
  });
}

describe('Poller', () => {
  test('goes on from the saved cursor after a restart, overlapping', async () => {
    const list = listOf(['a', 'b', 'c']);
    await (await pollerOf(list)).round();
    await (await pollerOf(listOf(['a', 'b', 'c', 'd']))).round();
    expect(list.asked).toEqual([undefined]);
    expect(publisher.ids).toEqual(['a', 'b', 'c', 'c', 'd']);
  });

  test('a page that is not acknowledged is asked for again', async () => {
    const list = listOf(['a', 'b', 'c']);
    publisher.before = (_, items) =>
      items.some((item) => item.type === 'record' && item.record.id === 'c')
        ? Promise.reject(new CounterfoilError('brokerUnreachable', 'no broker'))
        : Promise.resolve();
    const poller = await pollerOf(list);
    await poller.round();
    expect(failures).toEqual(['brokerUnreachable']);
    publisher.before = () => Promise.resolve();
    await poller.round();
    expect(list.asked).toEqual([undefined, 2]);
    expect(publisher.ids).toEqual(['a', 'b', 'b', 'c']);
  });

  test('a source that misses webhooks is polled harder, and less again when they come', async () => {
    const poller = await pollerOf(listOf(['a', 'b']));
    await poller.round();
    expect(gaps).toBe(2);
    expect(poller.intervalMs).toBe(4000);
    await poller.round();
    expect(gaps).toBe(2);
    expect(poller.intervalMs).toBe(6000);
    await poller.round();
    expect(poller.intervalMs).toBe(8000);
  });

  test('what webhooks brought is no gap', async () => {
    arrivals.byWebhook(['a', 'b'].map((id) => recordItem({ id, time: NOW - 1000 })));
    const poller = await pollerOf(listOf(['a', 'b']));
    await poller.round();
    expect(gaps).toBe(0);
    expect(poller.intervalMs).toBe(8000);
  });

  test('what the provider sends no webhooks for is no gap', async () => {
    const poller = await pollerOf({ ...listOf(['a', 'fee']), hasWebhook: ({ id }) => id !== 'fee' });
    await poller.round();
    expect(gaps).toBe(1);
  });

  test('a row of failures waits longer and longer, to a bound', async () => {
    const poller = await pollerOf({
      async *pages(): AsyncGenerator<PolledPage> {
        await Promise.resolve();
        throw new CounterfoilError('providerUnreachable', 'away');
      },
    });
    const waits: number[] = [];
    for (let i = 0; i < 9; i++) waits.push(await poller.round());
    expect(waits.slice(0, 3)).toEqual([2000, 4000, 8000]);
    expect(waits.at(-1)).toBe(64_000);
  });

  test('a full disk ends the polling, for the process cannot go on', async () => {
    publisher.before = () => Promise.reject(new CounterfoilError('diskFull', 'no space'));
    await expect((await pollerOf(listOf(['a']))).run()).rejects.toMatchObject({ code: 'diskFull' });
  });

  test('a damaged cursor is one clear line', async () => {
    const cursor = await PollCursor.open(directory, 'source');
    await cursor.save({ since: 5 });
    await writeFile(join(directory, 'source.poll.json'), '{"cur');
    await expect(PollCursor.open(directory, 'source')).rejects.toThrow(/source\.poll\.json.*remove the file/);
  });
});
