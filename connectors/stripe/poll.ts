import { z } from 'zod';
import { DAY_MS } from '../../engine/domain/index.ts';
import type { RecordKind, Translated } from '../../engine/domain/index.ts';
import { MAX_BATCH_ITEMS, textAt } from '../contract/index.ts';
import type { JsonValue, LiveContext, PolledPage, Polling } from '../contract/index.ts';
import { ascending } from './ascending.ts';
import type { StripeApi } from './client.ts';
import { secondsAt } from './fields.ts';
import { readPayout, stateOf } from './payouts.ts';
import type { Translate } from './payouts.ts';
import type { StripeSettings } from './settings.ts';

/** What the list of balance transactions does not tell: who is a member of a payout, and its trace id. */
const PAYOUT_EVENTS = [
  'payout.created',
  'payout.updated',
  'payout.paid',
  'payout.failed',
  'payout.canceled',
  'payout.reconciliation_completed',
];
/** Events are kept for 30 days. When the last poll is longer ago, payouts themselves are listed. */
const DAY_S = DAY_MS / 1000;
const EVENTS_KEPT_S = 29 * DAY_S;
/** How often a payout is looked at of which something is still to come, whatever its events say. */
const LOOK_AGAIN_S = 6 * 3600;
/** How long after its arrival something may still come: trace ids stay pending for up to ten days. */
const LOOK_UNTIL_S = 14 * DAY_S;
/** The most ids of events, and of payouts, that a cursor remembers. */
const MAX_REMEMBERED = 2000;

/** What events tell of; of fees, reserves and adjustments there are none. */
const TOLD_KINDS: ReadonlySet<RecordKind> = new Set([
  'charge',
  'refund',
  'refundFailure',
  'chargeback',
  'chargebackReversal',
  'payout',
  'payoutFailure',
]);

const seconds = z.int().min(0);
const cursorShape = z.object({
  /** Balance transactions are known up to here. */
  transactions: seconds,
  /** Payouts made up to here were listed; what happens to them is told of by events. */
  payouts: seconds,
  /** Events are known up to here; null until all payouts are listed. */
  events: seconds.nullable(),
  /** Which of the last events were read. */
  read: z.array(z.string()).max(MAX_REMEMBERED),
  /** Payouts of which something is still to come, and when to look again, by our clock. */
  open: z.record(z.string(), seconds),
});

/** Where a poll begins. All times are Unix seconds, by Stripe's clock unless it says otherwise. */
type Cursor = z.output<typeof cursorShape>;

/**
 * Balance transactions are listed, which is the truth about the balance; then payouts are read whose events tell of
 * something new. What webhooks have brought comes again, as the same records.
 */
export function stripePolling(
  api: StripeApi,
  translate: Translate,
  context: LiveContext,
  settings: StripeSettings,
): Polling {
  const overlap = Math.ceil(settings.overlap / 1000);
  const nowSeconds = (): number => Math.floor(context.now() / 1000);

  return {
    hasWebhook: ({ kind }) => TOLD_KINDS.has(kind),

    async *pages(given, signal) {
      const start = nowSeconds() - Math.ceil(settings.history / 1000);
      const parsed = cursorShape.safeParse(given);
      let cursor: Cursor = parsed.success
        ? parsed.data
        : { transactions: start, payouts: start, events: null, read: [], open: {} };

      for await (const part of ascending(api, Math.max(0, cursor.transactions - overlap), signal)) {
        const through = Math.max(cursor.transactions, part.through ?? 0);
        const last = part.isEnd ? { ...cursor, transactions: through } : undefined;
        if (last !== undefined) cursor = last;
        yield* paged(
          part.transactions.map((each) => translate(each)),
          last,
        );
      }
      yield { items: [{ type: 'progress', time: context.now() - settings.overlap }], cursor };

      const { events } = cursor;
      const isTold = events !== null && events >= nowSeconds() - EVENTS_KEPT_S;
      const found = isTold ? await toldOf(cursor, events) : await listed(cursor);
      for (const { id, through } of found.payouts) {
        signal.throwIfAborted();
        const { payout, records } = await readPayout(id, api, translate);
        yield* collected(records());
        const payouts = Math.max(cursor.payouts, through);
        cursor = { ...cursor, payouts, open: stillOpen(cursor.open, id, payout) };
        yield { items: [], cursor };
      }
      cursor = {
        ...cursor,
        payouts: Math.max(cursor.payouts, found.events),
        events: found.events,
        read: found.read,
      };
      yield { items: [], cursor };
    },
  };

  /** Payouts themselves, oldest first, where events do not reach back far enough. */
  async function listed(cursor: Cursor): Promise<Found> {
    const payouts: { id: string; through: number }[] = [];
    for await (const payout of api.payouts({ from: Math.max(0, cursor.payouts - LOOK_UNTIL_S) })) {
      const [id, created] = [textAt(payout, 'id'), secondsAt(payout, 'created')];
      if (id !== undefined) payouts.push({ id, through: created ?? 0 });
    }
    // They are read after this; what events tell of earlier is known then. Where the last one is long ago, events are
    // read from far enough back for any clock, and not from so far that payouts would be listed again.
    const events = Math.max(payouts[0]?.through ?? 0, nowSeconds() - EVENTS_KEPT_S + DAY_S);
    return { payouts: payouts.reverse(), events, read: [] };
  }

  /** Payouts that events tell of, and those that it is time to look at again. */
  async function toldOf(cursor: Cursor, since: number): Promise<Found> {
    const known = new Set(cursor.read);
    const payouts = new Set<string>();
    const read: string[] = [];
    let newest = since;
    for await (const event of api.events({ from: Math.max(0, since - overlap) }, PAYOUT_EVENTS)) {
      const [id, payout] = [textAt(event, 'id') ?? '', textAt(event, 'data', 'object', 'id')];
      newest = Math.max(newest, secondsAt(event, 'created') ?? 0);
      if (read.length < MAX_REMEMBERED) read.push(id);
      if (!known.has(id) && payout !== undefined) payouts.add(payout);
    }
    const now = nowSeconds();
    for (const [id, due] of Object.entries(cursor.open)) if (due <= now) payouts.add(id);
    return { payouts: [...payouts].map((id) => ({ id, through: 0 })), events: newest, read };
  }

  function stillOpen(open: Cursor['open'], id: string, payout: unknown): Cursor['open'] {
    const { isReconciled, isTraced, arrival } = stateOf(payout);
    const others = Object.entries(open).filter(([other]) => other !== id);
    const now = nowSeconds();
    const isOpen = !(isReconciled && isTraced) && now < arrival + LOOK_UNTIL_S;
    // The oldest give way: their events still tell of them.
    if (isOpen) others.push([id, now + LOOK_AGAIN_S]);
    return Object.fromEntries(others.slice(-MAX_REMEMBERED));
  }
}

/** Payouts to read, and how far events are known once they are read. */
interface Found {
  /** Once one is read, payouts are listed up to `through`. */
  readonly payouts: readonly { readonly id: string; readonly through: number }[];
  readonly events: number;
  readonly read: string[];
}

/** Items in pages of bounded size; only the last one moves the cursor. */
function* paged(items: readonly Translated[], cursor: JsonValue | undefined): Generator<PolledPage> {
  for (let from = 0; from < items.length || from === 0; from += MAX_BATCH_ITEMS) {
    const isLast = from + MAX_BATCH_ITEMS >= items.length;
    yield { items: items.slice(from, from + MAX_BATCH_ITEMS), cursor: isLast ? cursor : undefined };
  }
}

/** Items as they come, in pages that move no cursor. */
async function* collected(items: AsyncIterable<Translated>): AsyncGenerator<PolledPage> {
  let page: Translated[] = [];
  for await (const item of items) {
    page.push(item);
    if (page.length < MAX_BATCH_ITEMS) continue;
    yield { items: page, cursor: undefined };
    page = [];
  }
  if (page.length > 0) yield { items: page, cursor: undefined };
}
