import { describe, expect, test } from 'vitest';
import { DAY_MS } from '../../engine/domain/index.ts';
import type { PaypalApi, Window } from './client.ts';
import { OpenTransactions } from './open-transactions.ts';
import { searched } from './search.ts';
import type { Found } from './search.ts';

const START = Date.UTC(2026, 0, 1);
const signal = new AbortController().signal;

interface Call extends Window {
  readonly page: number;
}

/** A search over rows at given times, two a page, of at most four. */
function api(
  times: () => readonly number[],
  refreshedMs?: number,
): Pick<PaypalApi, 'search'> & { calls: Call[] } {
  const calls: Call[] = [];
  return {
    calls,
    search(window, page) {
      calls.push({ ...window, page });
      const found = times().filter((atMs) => atMs >= window.fromMs && atMs <= window.toMs);
      if (found.length > 4) return Promise.resolve(undefined);
      return Promise.resolve({
        rows: found.slice((page - 1) * 2, page * 2),
        totalItems: found.length,
        totalPages: Math.max(1, Math.ceil(found.length / 2)),
        refreshedMs,
      });
    },
  };
}

async function all(
  from: Pick<PaypalApi, 'search'>,
  window: Window,
): Promise<{ rows: unknown[]; found: Found[] }> {
  const found: Found[] = [];
  for await (const each of searched(from, window, signal)) found.push(each);
  return { rows: found.flatMap(({ rows }) => rows), found };
}

const throughs = (found: readonly Found[]): number[] =>
  found.flatMap(({ throughMs }) => (throughMs === undefined ? [] : [throughMs]));

describe('a search', () => {
  test('goes window by window, none longer than 31 days, without a gap', async () => {
    const times = [0, 10, 31, 45, 62, 99].map((day) => START + day * DAY_MS);
    const paypal = api(() => times);
    const { rows, found } = await all(paypal, { fromMs: START, toMs: START + 100 * DAY_MS });
    expect([...new Set(rows)]).toEqual(times);
    const windows = paypal.calls.filter(({ page }) => page === 1);
    expect(windows[0]!.fromMs).toBe(START);
    for (const [n, { fromMs, toMs }] of windows.entries()) {
      expect(toMs - fromMs).toBeLessThanOrEqual(31 * DAY_MS);
      expect(windows[n + 1]?.fromMs ?? toMs).toBe(toMs);
    }
    expect(throughs(found).at(-1)).toBe(START + 100 * DAY_MS);
  });

  test('cuts a window with too many, and has each row of both halves', async () => {
    const times = Array.from({ length: 23 }, (_, n) => START + n * 1000);
    const { rows, found } = await all(
      api(() => times),
      { fromMs: START, toMs: START + DAY_MS },
    );
    expect([...new Set(rows)].sort()).toEqual(times);
    // The cursor may move after each part, and never back.
    expect(throughs(found)).toEqual(throughs(found).toSorted((a, b) => a - b));
    expect(throughs(found).length).toBeGreaterThan(3);
  });

  test('says so where a second has too many', async () => {
    const times = Array.from({ length: 5 }, () => START);
    await expect(
      all(
        api(() => times),
        { fromMs: START, toMs: START + 60_000 },
      ),
    ).rejects.toMatchObject({
      code: 'providerContract',
    });
  });

  test('reads again what grew while it was read', async () => {
    const times = [1, 2, 3].map((n) => START + n * 1000);
    let calls = 0;
    // A row comes in at the front between the pages, and moves another one to a page that was read.
    const paypal = api(() => (++calls === 2 ? [START, ...times] : calls > 2 ? [START, ...times] : times));
    const { rows, found } = await all(paypal, { fromMs: START, toMs: START + DAY_MS });
    expect(new Set(rows)).toEqual(new Set([START, ...times]));
    expect(throughs(found)).toHaveLength(1);
    expect(paypal.calls.map(({ page }) => page)).toEqual([1, 2, 1, 2]);
  });

  test('does not go on for ever where a list never stands still', async () => {
    let calls = 0;
    const paypal = api(() =>
      ++calls % 2 === 0
        ? [START, START + 1000, START + 2000]
        : [START, START + 1000, START + 2000, START + 3000],
    );
    await all(paypal, { fromMs: START, toMs: START + DAY_MS });
    expect(paypal.calls).toHaveLength(6);
  });

  test('knows no more than PayPal has refreshed', async () => {
    const { found } = await all(
      api(() => [], START + 1000),
      { fromMs: START, toMs: START + DAY_MS },
    );
    expect(throughs(found)).toEqual([START + 1000]);
  });
});

describe('transactions that are pending', () => {
  const row = (status: string, id = 'TX1') => ({
    transaction_info: {
      transaction_id: id,
      transaction_initiation_date: '2026-01-01T04:00:00+0400',
      transaction_status: status,
    },
  });

  test('are looked at every six hours, until they are not', () => {
    const open = new OpenTransactions({});
    open.see(row('P'), START);
    open.see(row('S', 'TX2'), START);
    expect(open.due(START + 6 * 3_600_000 - 1)).toEqual([]);
    expect(open.due(START + 6 * 3_600_000)).toEqual([{ id: 'TX1', atMs: START }]);
    const again = new OpenTransactions(
      JSON.parse(JSON.stringify(open.entries())) as ReturnType<typeof open.entries>,
    );
    again.looked('TX1', START + 6 * 3_600_000);
    again.see(row('P'), START + 6 * 3_600_000);
    expect(again.due(START + 7 * 3_600_000)).toEqual([]);
    expect(again.due(START + 12 * 3_600_000)).toHaveLength(1);
    again.see(row('S'), START + 12 * 3_600_000);
    expect(again.entries()).toEqual({});
  });

  test('are given up after 45 days, and are not too many', () => {
    const open = new OpenTransactions({});
    open.see(row('P'), START);
    open.looked('TX1', START + 46 * DAY_MS);
    expect(open.entries()).toEqual({});
    for (let n = 0; n < 1100; n++) open.see(row('P', `T${n}`), START);
    expect(Object.keys(open.entries())).toHaveLength(1000);
    expect(open.due(START + DAY_MS)).toHaveLength(50);
  });
});
