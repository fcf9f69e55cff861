import { appendFile, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { CounterfoilError, DAY_MS } from '../../engine/domain/index.ts';
import { keptInMemory } from '../conformance/kept-in-memory.ts';
import type { JsonValue } from '../contract/index.ts';
import { contextOf, lines, orderOf, part, payment, settingsOf } from './fixtures.ts';
import { HeardOrders } from './heard-orders.ts';
import type { ReadOrder } from './order-reader.ts';
import { readOrdersFile } from './orders-file.ts';
import { ngeniusPolling } from './poll.ts';
import { translateOrder } from './translate.ts';
import type { OrderReading } from './translate.ts';
import { WatchList } from './watch-list.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const never = new AbortController().signal;

/** Orders at N-Genius, in memory. */
class Fake {
  nowMs = 1_763_800_000_000;
  readonly heard = new HeardOrders(keptInMemory(), 0, 1000);
  readonly notices: string[] = [];
  readonly asked: string[] = [];
  readonly orders = new Map<string, OrderReading | Error>();
  cursor: JsonValue | undefined;

  set(order: string, state: string, refundState?: string): void {
    const captures = [part(`captures/c-${order}`, 1000, state)];
    const refunds = refundState === undefined ? [] : [part(`refund/r-${order}`, 1000, refundState)];
    const read = orderOf([payment('CAPTURED', 1000, { captures, refunds })]);
    this.orders.set(order, translateOrder(read, contextOf(), settingsOf(), 1));
  }

  hear(order: string): void {
    void this.heard.add(`outlet-1/${order}`, this.nowMs);
  }

  /** A session, which a restart ends. */
  session(written: object = {}) {
    const settings = settingsOf({ poll: { minInterval: '1s' }, ...written });
    const read: ReadOrder = ({ order }) => {
      this.asked.push(order);
      const found = this.orders.get(order);
      return found instanceof Error ? Promise.reject(found) : Promise.resolve(found);
    };
    const context = { now: () => this.nowMs, notice: (line: string) => void this.notices.push(line) };
    return ngeniusPolling(read, this.heard, context, settings);
  }

  /** One round, of which everything is acknowledged, or at most so many pages. */
  async round(polling = this.session(), most = Infinity): Promise<readonly string[]> {
    const items = [];
    let pages = 0;
    for await (const page of polling.pages(this.cursor, never)) {
      expect(page.items.length).toBeLessThanOrEqual(512);
      items.push(...page.items);
      if (page.cursor !== undefined) this.cursor = JSON.parse(JSON.stringify(page.cursor)) as JsonValue;
      if (++pages >= most) break;
    }
    return lines(items);
  }

  get watched(): readonly string[] {
    return Object.keys((this.cursor as { orders: object }).orders);
  }
}

describe('rounds', () => {
  test('an order is looked at until nothing more is to come of it', async () => {
    const fake = new Fake();
    const polling = fake.session();
    fake.set('a', 'REQUESTED');
    fake.hear('a');
    expect(await fake.round(polling)).toEqual(['1000 charge pending c-a v1']);
    expect(await fake.round(polling)).toEqual([]);
    fake.set('a', 'SUCCESS');
    fake.nowMs += MINUTE_MS;
    expect(await fake.round(polling)).toEqual(['1000 charge booked c-a v2']);
    fake.set('a', 'SUCCESS', 'SUCCESS');
    fake.nowMs += HOUR_MS;
    expect(await fake.round(polling)).toEqual([
      '1000 charge booked c-a v2',
      '-1000 refund booked r-a v2 of c-a',
    ]);
    expect(fake.watched).toEqual(['outlet-1/a']);
    // Nothing has changed for longer than `watch`.
    fake.nowMs += 31 * DAY_MS;
    expect(await fake.round(polling)).toEqual([]);
    expect(fake.watched).toEqual([]);
  });

  test('what it says is published once, and again after a restart', async () => {
    const fake = new Fake();
    const polling = fake.session();
    fake.set('a', 'SUCCESS');
    fake.hear('a');
    expect(await fake.round(polling)).toHaveLength(1);
    fake.nowMs += HOUR_MS;
    expect(await fake.round(polling)).toEqual([]);
    fake.nowMs += DAY_MS;
    expect(await fake.round()).toHaveLength(1);
    expect(fake.asked).toEqual(['a', 'a', 'a']);
  });

  test('looks become rarer, and end', async () => {
    const fake = new Fake();
    const polling = fake.session({ watch: '30d' });
    fake.set('open', 'REQUESTED');
    fake.set('done', 'SUCCESS');
    fake.hear('open');
    fake.hear('done');
    for (let hours = 0; hours <= 24 * 31; hours++) {
      await fake.round(polling);
      fake.nowMs += HOUR_MS;
    }
    const looks = (order: string): number => fake.asked.filter((each) => each === order).length;
    expect(looks('done')).toBeGreaterThan(25);
    expect(looks('done')).toBeLessThan(45);
    expect(looks('open')).toBeGreaterThan(looks('done') * 2);
    expect(looks('open')).toBeLessThan(200);
    expect(fake.watched).toEqual([]);
  });

  test('one that N-Genius does not know is given up after a day', async () => {
    const fake = new Fake();
    fake.hear('ghost');
    await fake.round();
    expect(fake.watched).toEqual(['outlet-1/ghost']);
    fake.nowMs += DAY_MS;
    await fake.round();
    expect(fake.watched).toEqual([]);
  });

  test('one that cannot be read holds up no other', async () => {
    const fake = new Fake();
    const polling = fake.session();
    fake.orders.set('bad', new CounterfoilError('providerUnreachable', 'away'));
    for (let n = 0; n < 40; n++) {
      fake.set(`o${n}`, 'SUCCESS');
      fake.hear(`o${n}`);
      if (n === 0) fake.hear('bad');
    }
    await expect(fake.round(polling)).rejects.toThrow('away');
    expect(fake.asked).toHaveLength(32);
    expect(await fake.round(polling)).toHaveLength(9);
    expect(fake.watched).toHaveLength(41);
  });

  test('a webhook is kept until a cursor has it', async () => {
    const fake = new Fake();
    const polling = fake.session();
    fake.set('a', 'SUCCESS');
    fake.hear('a');
    // The first page is given and not acknowledged: the round ends there, and its cursor is lost.
    await fake.round(polling, 1);
    fake.cursor = undefined;
    expect(await fake.round(polling)).toHaveLength(1);
    expect(fake.heard.all().size).toBe(0);
  });

  test('one that is heard of again while it is read is looked at again', async () => {
    const fake = new Fake();
    const polling = fake.session();
    fake.set('a', 'SUCCESS');
    fake.hear('a');
    for await (const page of polling.pages(undefined, never)) {
      if (page.cursor !== undefined) fake.cursor = page.cursor;
      fake.nowMs += 1;
      if (page.items.length > 0) fake.hear('a');
    }
    await fake.round(polling);
    expect(fake.asked).toEqual(['a', 'a']);
  });

  test('more than fit: settled ones go first, and it is said', async () => {
    const fake = new Fake();
    const polling = fake.session({ maxWatched: 3 });
    for (const order of ['s1', 's2']) {
      fake.set(order, 'SUCCESS');
      fake.hear(order);
    }
    await fake.round(polling);
    for (const order of ['n1', 'n2', 'n3']) {
      fake.set(order, 'REQUESTED');
      fake.hear(order);
    }
    await fake.round(polling);
    expect(fake.watched.toSorted()).toEqual(['outlet-1/n1', 'outlet-1/n2', 'outlet-1/n3']);
    expect(fake.notices).toEqual([expect.stringContaining('2 orders are no longer looked at')]);
  });
});

describe('the file of orders', () => {
  let folder: string;
  beforeAll(async () => (folder = await mkdtemp(join(tmpdir(), 'ngenius-'))));
  afterAll(() => rm(folder, { recursive: true }));

  test('is read as it grows, whole lines only, and not again after a restart', async () => {
    const ordersFile = join(folder, 'growing');
    const fake = new Fake();
    await fake.round(fake.session({ ordersFile }));
    expect(fake.notices).toEqual([expect.stringContaining('cannot be read (ENOENT)')]);
    for (const order of ['a', 'b', 'c']) fake.set(order, 'SUCCESS');
    await writeFile(ordersFile, '# orders of today\n\na\r\noutlet-1/b\nc');
    expect(await fake.round(fake.session({ ordersFile }))).toHaveLength(2);
    await appendFile(ordersFile, '\nother-outlet/d\nno good\n');
    expect(await fake.round(fake.session({ ordersFile }))).toEqual(['1000 charge booked c-c v2']);
    expect(fake.notices.at(-1)).toContain('2 lines name no order');
    expect(fake.asked).toEqual(['a', 'b', 'c']);
  });

  test('waits while there is no room, and is read anew where it is shorter', async () => {
    const path = join(folder, 'bounded');
    await writeFile(path, 'a\nb\nc\n');
    expect(await readOrdersFile(path, 0, 2, ['x'])).toEqual({ names: ['x/a', 'x/b'], bytes: 4, refused: 0 });
    expect(await readOrdersFile(path, 4, 2, ['x'])).toEqual({ names: ['x/c'], bytes: 6, refused: 0 });
    expect(await readOrdersFile(path, 99, 1, ['x'])).toEqual({ names: ['x/a'], bytes: 2, refused: 0 });
    // With several outlets a line has to say which.
    expect(await readOrdersFile(path, 0, 9, ['x', 'y'])).toEqual({ names: [], bytes: 6, refused: 3 });
  });

  test('a line that never ends is passed over', async () => {
    const path = join(folder, 'endless');
    await writeFile(path, `${'x'.repeat(1_048_576 + 10)}\na\n`);
    const first = await readOrdersFile(path, 0, 9, ['x']);
    expect(first).toEqual({ names: [], bytes: 1_048_576, refused: 1 });
  });
});

test('of too many orders an open one stays rather than a settled one that changed later', () => {
  const list = new WatchList(undefined, DAY_MS, 1);
  list.heard('x/open', 0);
  list.heard('x/settled', MINUTE_MS);
  list.looked('x/settled', 'settled', false, MINUTE_MS);
  expect(list.trim()).toBe(1);
  expect(list.due(MINUTE_MS)).toEqual(['x/open']);
});

test('a cursor of another shape is none', () => {
  expect(new WatchList({ orders: [1], fileBytes: 'x' }, DAY_MS, 5).cursor()).toEqual({
    orders: {},
    fileBytes: 0,
  });
});
