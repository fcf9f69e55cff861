import { z } from 'zod';
import { CounterfoilError, DAY_MS } from '../../engine/domain/index.ts';
import type { Translated } from '../../engine/domain/index.ts';
import type { LiveContext, PolledPage, Polling } from '../contract/index.ts';
import type { PaypalApi, Window } from './client.ts';
import type { EventReader } from './event-reader.ts';
import { OpenTransactions, openShape } from './open-transactions.ts';
import { searched } from './search.ts';
import type { PaypalSettings } from './settings.ts';

/** How much of the events it has seen a round reads again. They are listed at once; clocks differ. */
const EVENTS_OVERLAP_MS = 10 * 60_000;
/** Events are kept for about a month. */
const EVENTS_KEPT_MS = 29 * DAY_MS;

const ms = z.int().min(0);
const cursorShape = z.object({
  /** Transactions that were listed are known up to here, by PayPal's clock. */
  searched: ms,
  /** Events are known up to here. */
  events: ms,
  open: openShape,
});

/** Where a poll begins. Epoch milliseconds. */
type Cursor = z.output<typeof cursorShape>;

/**
 * Each round reads the events that webhooks should have told of, because searches lag by hours, and then searches, which
 * is the truth about the balance: what moves money without an event is there too. What has come by webhooks comes again, as
 * the same records.
 */
export function paypalPolling(
  api: PaypalApi,
  reader: EventReader,
  translate: (row: unknown) => Translated | undefined,
  { now }: Pick<LiveContext, 'now'>,
  settings: Pick<PaypalSettings, 'history' | 'overlap' | 'webhookIds'>,
): Polling {
  const hasEvents = settings.webhookIds !== undefined;

  return {
    // Withdrawals, fees, holds and conversions have none: their ids name their T-code.
    hasWebhook: ({ id }) => !id.includes(':'),

    async *pages(given, signal) {
      const startedMs = seconds(now());
      const start = Math.max(0, startedMs - settings.history);
      const parsed = cursorShape.safeParse(given);
      let cursor: Cursor = parsed.success
        ? parsed.data
        : { searched: start, events: Math.max(start, startedMs - settings.overlap), open: {} };
      const open = new OpenTransactions(cursor.open);

      let refusal: unknown;
      if (hasEvents) {
        const fromMs = Math.max(cursor.events - EVENTS_OVERLAP_MS, startedMs - EVENTS_KEPT_MS, 0);
        try {
          yield* events({ fromMs, toMs: startedMs }, signal);
          cursor = { ...cursor, events: startedMs };
          yield { items: [], cursor };
        } catch (error) {
          // An app that may not list events may search all the same: that is told at the end of the round.
          const { code, disposition } = CounterfoilError.from(error);
          if (code !== 'providerAuth' && disposition !== 'poison') throw error;
          refusal = error;
        }
      }

      const fromMs = Math.max(0, seconds(cursor.searched) - settings.overlap);
      for await (const { rows, throughMs } of searched(api, { fromMs, toMs: startedMs }, signal)) {
        signal.throwIfAborted();
        for (const row of rows) open.see(row, startedMs);
        if (throughMs !== undefined) {
          const known = Math.max(cursor.searched, seconds(throughMs));
          cursor = { ...cursor, searched: known, open: open.entries() };
        }
        yield { items: translated(rows), cursor: throughMs === undefined ? undefined : cursor };
      }
      yield { items: [{ type: 'progress', time: cursor.searched }], cursor };

      for (const { id, atMs } of open.due(startedMs)) {
        signal.throwIfAborted();
        const window = { fromMs: Math.max(0, atMs - 1000), toMs: atMs + 1000 };
        const found = await api.search(window, 1, signal, id);
        open.looked(id, startedMs);
        for (const row of found?.rows ?? []) open.see(row, startedMs);
        cursor = { ...cursor, open: open.entries() };
        yield { items: translated(found?.rows ?? []), cursor };
      }
      if (refusal !== undefined) throw refusal as Error;
    },
  };

  /** Pages of events, newest first, so that no cursor moves before all are read. */
  async function* events(window: Window, signal: AbortSignal): AsyncGenerator<PolledPage> {
    let next: string | undefined;
    do {
      const page = await api.events(window, next, signal);
      const items: Translated[] = [];
      for (const event of page.events) items.push(...(await reader.listedPayment(event)));
      yield { items, cursor: undefined };
      next = page.events.length === 0 ? undefined : page.next;
    } while (next !== undefined);
  }

  function translated(rows: readonly unknown[]): Translated[] {
    return rows.map(translate).filter((item) => item !== undefined);
  }
}

function seconds(atMs: number): number {
  return Math.floor(atMs / 1000) * 1000;
}
