import { expect, test } from 'vitest';
import { CounterfoilError } from '../../engine/domain/index.ts';
import type { ErrorCode } from '../../engine/domain/index.ts';
import type { PolledPage } from '../contract/index.ts';
import type { PaypalApi } from './client.ts';
import { paypalPolling } from './poll.ts';

const NOW = Date.UTC(2026, 10, 22);
const HOUR_MS = 3_600_000;

/** One round of a source whose list of events is refused: the pages that came, and how it ended. */
async function round(
  code: ErrorCode,
): Promise<{ pages: PolledPage[]; code: string | undefined; searched: number }> {
  let searched = 0;
  const api: PaypalApi = {
    search() {
      searched++;
      return Promise.resolve({ rows: [], totalItems: 0, totalPages: 1, refreshedMs: NOW - HOUR_MS });
    },
    events: () => Promise.reject(new CounterfoilError(code, 'no')),
    resource: () => Promise.resolve(undefined),
    dispute: () => Promise.resolve(undefined),
  };
  const nothing = () => Promise.resolve([]);
  const polling = paypalPolling(
    api,
    { payment: nothing, listedPayment: nothing, dispute: nothing },
    () => undefined,
    { now: () => NOW },
    { history: 24 * HOUR_MS, overlap: 4 * HOUR_MS, webhookIds: ['W'] },
  );
  const pages: PolledPage[] = [];
  try {
    for await (const page of polling.pages(undefined, new AbortController().signal)) pages.push(page);
    return { pages, code: undefined, searched };
  } catch (error) {
    return { pages, code: (error as CounterfoilError).code, searched };
  }
}

test('an app that may not list events searches all the same, and says so at the end', async () => {
  for (const code of ['providerAuth', 'providerRefused'] as const) {
    const { pages, code: ended, searched } = await round(code);
    expect([ended, searched]).toEqual([code, 1]);
    expect(pages.at(-1)?.cursor).toEqual({
      searched: NOW - HOUR_MS,
      // Once it may, it has all events since then.
      events: NOW - 4 * HOUR_MS,
      open: {},
    });
  }
});

test('while PayPal is down, nothing more is asked', async () => {
  expect(await round('providerUnreachable')).toEqual({ pages: [], code: 'providerUnreachable', searched: 0 });
});
