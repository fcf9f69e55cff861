import { CounterfoilError, DAY_MS } from '../../engine/domain/index.ts';
import type { PaypalApi, Window } from './client.ts';

/** PayPal searches at most 31 days at a time. */
const MAX_WINDOW_MS = 31 * DAY_MS - 1000;
const SECOND_MS = 1000;
/** How often a window is read again whose list changed while its pages were read. */
const MAX_READINGS = 3;

/** Some rows of a search, in the order of the list. */
export interface Found {
  readonly rows: readonly unknown[];
  /** Everything up to here is known with these rows, epoch milliseconds; undefined within a window. */
  readonly throughMs: number | undefined;
}

/**
 * The transactions of a stretch of time, window by window, oldest window first. A window with more transactions than PayPal
 * searches at a time is cut in two at the middle of its time; both halves have the second between them, so that nothing falls
 * between. A list that grows while its pages are read moves rows from one page to the next: then it is read again.
 */
export async function* searched(
  api: Pick<PaypalApi, 'search'>,
  { fromMs, toMs }: Window,
  signal: AbortSignal,
): AsyncGenerator<Found> {
  const windows: Window[] = [];
  for (let from = fromMs; from < toMs || windows.length === 0; from += MAX_WINDOW_MS) {
    windows.push({ fromMs: from, toMs: Math.min(from + MAX_WINDOW_MS, toMs) });
  }
  windows.reverse();
  for (let window = windows.pop(); window !== undefined; window = windows.pop()) {
    const isRead = yield* readWindow(api, window, signal);
    if (isRead) continue;
    const { fromMs: start, toMs: end } = window;
    if (end - start <= SECOND_MS) {
      throw new CounterfoilError(
        'providerContract',
        `PayPal has more transactions than it lists within the second from ${new Date(start).toISOString()}; ask PayPal for a report of it`,
      );
    }
    const middle = start + Math.floor((end - start) / 2 / SECOND_MS) * SECOND_MS;
    windows.push({ fromMs: middle, toMs: end }, { fromMs: start, toMs: middle });
  }
}

/** @returns whether it could be read: not, where it has too many transactions */
async function* readWindow(
  api: Pick<PaypalApi, 'search'>,
  window: Window,
  signal: AbortSignal,
): AsyncGenerator<Found, boolean> {
  for (let reading = 1; ; reading++) {
    const first = await api.search(window, 1, signal);
    if (first === undefined) return false;
    let isStill = true;
    let refreshedMs = first.refreshedMs ?? window.toMs;
    let { rows } = first;
    for (let page = 2; page <= first.totalPages; page++) {
      yield { rows, throughMs: undefined };
      const next = await api.search(window, page, signal);
      if (next === undefined) return false;
      isStill &&= next.totalItems === first.totalItems;
      refreshedMs = Math.min(refreshedMs, next.refreshedMs ?? refreshedMs);
      rows = next.rows;
    }
    const isEnd = isStill || reading >= MAX_READINGS;
    // What a list that never stands still may have hidden is within what the next round searches again.
    yield { rows, throughMs: isEnd ? Math.min(window.toMs, refreshedMs) : undefined };
    if (isEnd) return true;
  }
}
