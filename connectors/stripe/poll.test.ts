import { describe, expect, test } from 'vitest';
import { DAY_MS, Zone } from '../../engine/domain/index.ts';
import type { Translated } from '../../engine/domain/index.ts';
import { keptInMemory } from '../conformance/kept-in-memory.ts';
import { Accounts } from '../contract/index.ts';
import type { JsonValue, LiveContext } from '../contract/index.ts';
import { ascending } from './ascending.ts';
import type { CreatedRange, StripeApi } from './client.ts';
import { TransactionReader } from './transaction-reader.ts';
import type { Membership } from './translate.ts';
import { stripePolling } from './poll.ts';
import { stripeSettings } from './settings.ts';
import { stripeWebhooks } from './webhooks.ts';

const NOW_S = 1_763_800_000;
const DAY_S = DAY_MS / 1000;
const never = new AbortController().signal;

interface Transaction {
  readonly id: string;
  readonly created: number;
}
interface Payout extends Transaction {
  readonly automatic: boolean;
  readonly arrival_date: number;
  readonly balance_transaction: { readonly id: string };
  reconciliation_status: string;
  trace_id: { status: string; value: string | null };
}

const transaction = (id: string, created: number): Transaction => ({ id: `txn_${id}`, created });
const payoutOf = (id: string, created: number, part: Partial<Payout> = {}): Payout => ({
  id: `po_${id}`,
  created,
  automatic: true,
  arrival_date: created + DAY_S,
  balance_transaction: { id: `txn_po_${id}` },
  reconciliation_status: 'completed',
  trace_id: { status: 'supported', value: 'T' },
  ...part,
});

/** Lists as Stripe has them, in memory; `asked` counts calls by what they ask for. */
class FakeStripe implements StripeApi {
  transactionsMade: Transaction[] = [];
  payoutsMade: Payout[] = [];
  eventsMade: { id: string; created: number; payout: string }[] = [];
  membersMade = new Map<string, Transaction[]>();
  readonly asked = new Map<string, number>();

  #count(what: string): void {
    this.asked.set(what, (this.asked.get(what) ?? 0) + 1);
  }
  async *#list<T extends Transaction>(things: readonly T[], { from, to = Infinity }: CreatedRange) {
    const sorted = things.toSorted((a, b) => b.created - a.created);
    for (const thing of sorted) if (thing.created >= from && thing.created < to) yield thing;
  }
  transaction(id: string): Promise<unknown> {
    this.#count('transaction');
    return Promise.resolve(this.transactionsMade.find((each) => each.id === id));
  }
  transactions(range: CreatedRange): AsyncIterable<unknown> {
    this.#count('transactions');
    return this.#list(this.transactionsMade, range);
  }
  async *members(payout: string): AsyncIterable<unknown> {
    this.#count('members');
    yield* this.membersMade.get(payout) ?? [];
  }
  payout(id: string): Promise<unknown> {
    this.#count('payout');
    return Promise.resolve(this.payoutsMade.find((each) => each.id === id));
  }
  payouts(range: CreatedRange): AsyncIterable<unknown> {
    this.#count('payouts');
    return this.#list(this.payoutsMade, range);
  }
  async *events(range: CreatedRange): AsyncIterable<unknown> {
    this.#count('events');
    for await (const { id, created, payout } of this.#list(this.eventsMade, range)) {
      yield { id, created, data: { object: { id: payout } } };
    }
  }
}

/** Items that only say which transaction they are of, and of which payout. */
const translate = (of: unknown, membership?: Membership): Translated =>
  ({ type: 'record', id: (of as Transaction).id, payout: membership?.payout }) as unknown as Translated;
const idsOf = (items: readonly Translated[]): string[] =>
  items.flatMap((item) => (item.type === 'record' ? [(item as unknown as { id: string }).id] : []));

const settings = stripeSettings.parse({ apiKey: 'sk_test', webhookSecrets: 'whsec' });

function pollingOf(api: StripeApi, nowSeconds: () => number = () => NOW_S) {
  const context: LiveContext = {
    source: 'stripe',
    zone: new Zone('UTC'),
    accounts: new Accounts(settings),
    notice: () => undefined,
    http: { send: () => Promise.reject(new Error('not used')), fetch },
    now: () => nowSeconds() * 1000,
    signal: never,
    kept: keptInMemory(),
  };
  return stripePolling(api, translate, context, settings);
}

/** One round; what came, and where the next one begins. */
async function round(api: StripeApi, cursor: JsonValue | undefined, now?: () => number, most = Infinity) {
  const ids: string[] = [];
  let next = cursor;
  let pages = 0;
  for await (const page of pollingOf(api, now).pages(cursor, never)) {
    expect(page.items.length).toBeLessThanOrEqual(512);
    ids.push(...idsOf(page.items));
    if (page.cursor !== undefined) next = JSON.parse(JSON.stringify(page.cursor)) as JsonValue;
    if (++pages >= most) break;
  }
  return { ids, cursor: next, pages };
}

describe('transactions', () => {
  test('come oldest first, each once, however many there are', async () => {
    const api = new FakeStripe();
    for (let n = 0; n < 9000; n++) {
      // Crowded towards the end.
      api.transactionsMade.push(transaction(String(n), NOW_S + Math.floor(Math.sqrt(n) * 200)));
    }
    const created: number[] = [];
    const ids = new Set<string>();
    let through = 0;
    for await (const part of ascending(api, NOW_S, never)) {
      expect(part.transactions.length).toBeLessThanOrEqual(2000);
      for (const each of part.transactions as Transaction[]) {
        created.push(each.created);
        ids.add(each.id);
      }
      if (part.through === undefined) continue;
      expect(part.through).toBeGreaterThanOrEqual(through);
      through = part.through;
      // Nothing up to there is still to come.
      expect(created.length).toBe(api.transactionsMade.filter((each) => each.created <= through).length);
    }
    expect(created).toEqual(created.toSorted((a, b) => a - b));
    expect(ids.size).toBe(9000);
    expect(created.length).toBe(9000);
  });

  test('of one second that has too many for memory come in parts', async () => {
    const api = new FakeStripe();
    for (let n = 0; n < 5500; n++) api.transactionsMade.push(transaction(`a${n}`, NOW_S + 5));
    for (let n = 0; n < 10; n++) api.transactionsMade.push(transaction(`b${n}`, NOW_S + n));
    const ids: string[] = [];
    let isEnd = false;
    for await (const part of ascending(api, NOW_S, never)) {
      expect(part.transactions.length).toBeLessThanOrEqual(2000);
      ids.push(...(part.transactions as Transaction[]).map(({ id }) => id));
      isEnd = part.isEnd;
    }
    expect(ids.length).toBe(5510);
    expect(new Set(ids).size).toBe(5510);
    expect(isEnd).toBe(true);
  });

  test('are looked at again as far as lists lag, and not from the beginning', async () => {
    const api = new FakeStripe();
    for (let n = 0; n < 100; n++) api.transactionsMade.push(transaction(`a${n}`, NOW_S - 90_000 + n * 60));
    const first = await round(api, undefined);
    expect(first.ids.length).toBe(100);
    // One that shows up late, and one that is new.
    api.transactionsMade.push(transaction('late', NOW_S - 90_000 + 95 * 60));
    api.transactionsMade.push(transaction('new', NOW_S - 1000));
    const second = await round(api, first.cursor);
    expect(second.ids).toContain('txn_late');
    expect(second.ids).toContain('txn_new');
    expect(second.ids.length).toBeLessThan(20);
  });

  test('that were there while our clock was far ahead are not passed over', async () => {
    const api = new FakeStripe();
    api.transactionsMade.push(transaction('a', NOW_S));
    const first = await round(api, undefined, () => NOW_S + 5 * DAY_S);
    api.transactionsMade.push(transaction('b', NOW_S + 60));
    const second = await round(api, first.cursor, () => NOW_S + 60);
    expect(second.ids).toContain('txn_b');
  });

  test('are not lost when a round ends anywhere', async () => {
    const api = new FakeStripe();
    for (let n = 0; n < 6000; n++) api.transactionsMade.push(transaction(String(n), NOW_S - 50_000 + n * 3));
    for (let n = 0; n < 5; n++) api.payoutsMade.push(payoutOf(String(n), NOW_S - 40_000 + n * 100));
    for (const { id } of api.payoutsMade) {
      api.membersMade.set(id, api.transactionsMade.slice(0, 700));
    }
    const whole = await round(api, undefined);
    for (let most = 1; most < whole.pages; most += 3) {
      const part = await round(api, undefined, undefined, most);
      const rest = await round(api, part.cursor);
      expect(new Set([...part.ids, ...rest.ids])).toEqual(new Set(whole.ids));
    }
  });
});

describe('payouts', () => {
  test('are listed at first, and told of by events from then on, each event once', async () => {
    const api = new FakeStripe();
    api.payoutsMade.push(payoutOf('1', NOW_S - 3 * DAY_S));
    api.membersMade.set('po_1', [transaction('m1', NOW_S), transaction('po_1', NOW_S)]);
    const first = await round(api, undefined);
    // Its own transaction is no member of it, and comes once.
    expect(first.ids).toEqual(['txn_m1', 'txn_po_1']);
    expect(api.asked.get('payouts')).toBe(1);

    api.payoutsMade.push(payoutOf('2', NOW_S - 100));
    api.eventsMade.push({ id: 'evt_1', created: NOW_S - 50, payout: 'po_2' });
    const second = await round(api, first.cursor);
    expect(second.ids).toEqual(['txn_po_2']);
    expect(api.asked.get('payouts')).toBe(1);
    const third = await round(api, second.cursor);
    expect(third.ids).toEqual([]);

    api.eventsMade.push({ id: 'evt_2', created: NOW_S - 50, payout: 'po_1' });
    expect((await round(api, third.cursor)).ids).toEqual(['txn_m1', 'txn_po_1']);
  });

  test('of which something is to come are looked at again, without any event, but not for ever', async () => {
    const api = new FakeStripe();
    let now = NOW_S;
    const payout = payoutOf('1', NOW_S, { trace_id: { status: 'pending', value: null } });
    api.payoutsMade.push(payout);
    let { cursor } = await round(api, undefined, () => now);
    const looked = async (afterS: number): Promise<string[]> => {
      now += afterS;
      const result = await round(api, cursor, () => now);
      cursor = result.cursor;
      return result.ids;
    };
    expect(await looked(3600)).toEqual([]);
    expect(await looked(6 * 3600)).toEqual(['txn_po_1']);
    payout.trace_id = { status: 'supported', value: 'T1' };
    expect(await looked(7 * 3600)).toEqual(['txn_po_1']);
    expect(await looked(7 * 3600)).toEqual([]);

    payout.trace_id = { status: 'pending', value: null };
    api.eventsMade.push({ id: 'evt_9', created: now, payout: 'po_1' });
    expect(await looked(60)).toEqual(['txn_po_1']);
    expect(await looked(20 * DAY_S)).toEqual(['txn_po_1']);
    expect(await looked(DAY_S)).toEqual([]);
  });

  test('are listed again after a pause that is longer than events are kept', async () => {
    const api = new FakeStripe();
    const { cursor } = await round(api, undefined);
    api.payoutsMade.push(payoutOf('1', NOW_S + 5 * DAY_S));
    const late = await round(api, cursor, () => NOW_S + 60 * DAY_S);
    expect(late.ids).toEqual(['txn_po_1']);
  });

  test('with more members than a webhook may bring are left to the next poll', async () => {
    const api = new FakeStripe();
    api.payoutsMade.push(payoutOf('1', NOW_S));
    api.membersMade.set(
      'po_1',
      Array.from({ length: 6000 }, (_, n) => transaction(`m${n}`, NOW_S)),
    );
    const event = {
      eventId: 'evt_1',
      eventType: 'payout.reconciliation_completed',
      sentMs: 0,
      payload: { data: { object: { id: 'po_1', object: 'payout' } } },
    };
    const delivery = { requestId: 'r', headers: {}, body: new Uint8Array(), receivedMs: 0 };
    expect(
      await stripeWebhooks(api, new TransactionReader(api, Date.now), translate, settings).read(
        event,
        delivery,
      ),
    ).toEqual([]);
    expect((await round(api, undefined)).ids.length).toBe(6001);
  });

  test('a cursor that cannot be read is none', async () => {
    const api = new FakeStripe();
    api.transactionsMade.push(transaction('1', NOW_S - 60));
    for (const cursor of [null, 7, 'x', {}, { transactions: -1 }]) {
      expect((await round(api, cursor)).ids).toEqual(['txn_1']);
    }
  });
});

describe('events', () => {
  const read = async (type: string, object: object, more: object = {}): Promise<string[]> => {
    const api = new FakeStripe();
    for (const id of ['a', 'b', 'c']) api.transactionsMade.push(transaction(id, NOW_S));
    const payload = { id: 'evt_1', type, data: { object }, ...more };
    const event = { eventId: 'evt_1', eventType: type, sentMs: 0, payload };
    const delivery = { requestId: 'r', headers: {}, body: new Uint8Array(), receivedMs: 0 };
    return idsOf(
      await stripeWebhooks(api, new TransactionReader(api, Date.now), translate, settings).read(
        event,
        delivery,
      ),
    );
  };

  test.each<[string, object, string[]]>([
    ['charge.succeeded', { object: 'charge', balance_transaction: 'txn_a' }, ['txn_a']],
    ['charge.succeeded', { object: 'charge', balance_transaction: null }, []],
    ['charge.updated', { object: 'charge', balance_transaction: { id: 'txn_a' } }, ['txn_a']],
    // Its refund tells of the money itself.
    ['charge.refunded', { object: 'charge', balance_transaction: 'txn_a' }, []],
    ['refund.created', { object: 'refund', balance_transaction: 'txn_b' }, ['txn_b']],
    [
      'refund.failed',
      { object: 'refund', balance_transaction: 'txn_b', failure_balance_transaction: 'txn_c' },
      ['txn_b', 'txn_c'],
    ],
    [
      'charge.dispute.funds_reinstated',
      { object: 'dispute', balance_transactions: [{ id: 'txn_a' }, { id: 'txn_b' }, 'txn_b'] },
      ['txn_a', 'txn_b'],
    ],
    ['customer.created', { object: 'customer' }, []],
    ['payment_intent.succeeded', { object: 'payment_intent' }, []],
  ])('%s %j', async (type, object, ids) => {
    expect(await read(type, object)).toEqual(ids);
  });

  test('of a connected account are another source’s', async () => {
    const object = { object: 'refund', balance_transaction: 'txn_b' };
    expect(await read('refund.created', object, { account: 'acct_1' })).toEqual([]);
  });
});

describe('transactions that events ask for', () => {
  const crowded = (): FakeStripe => {
    const api = new FakeStripe();
    for (let n = 0; n < 600; n++) api.transactionsMade.push(transaction(String(n), NOW_S + (n % 3)));
    return api;
  };
  const asked = async (api: StripeApi, wanted: readonly Transaction[], hint = true): Promise<unknown[]> => {
    const reader = new TransactionReader(api, () => 1000);
    return Promise.all(wanted.map(({ id, created }) => reader.read(id, hint ? created : undefined)));
  };

  test('come together, where many of one second are waited for', async () => {
    const api = crowded();
    expect(await asked(api, api.transactionsMade)).toEqual(api.transactionsMade);
    expect([api.asked.get('transaction'), api.asked.get('transactions')]).toEqual([undefined, 3]);
  });

  test('of a second that was listed come one by one, unless they are remembered', async () => {
    const api = crowded();
    const reader = new TransactionReader(api, () => (NOW_S + 60) * 1000);
    const [first, second] = api.transactionsMade.filter(({ created }) => created === NOW_S);
    const later = Array.from({ length: 5 }, (_, n) => transaction(`late${n}`, NOW_S));
    const read = (wanted: readonly Transaction[]) =>
      Promise.all(wanted.map(({ id, created }) => reader.read(id, created)));
    const others = api.transactionsMade.filter(({ created }) => created === NOW_S).slice(2, 6);
    const listing = read([first!, ...others]);
    await new Promise((resolve) => setTimeout(resolve, 12));
    // While the list is on its way, and after it.
    expect(await read([second!])).toEqual([second]);
    await listing;
    api.transactionsMade.push(...later);
    expect(await read(later)).toEqual(later);
    expect(await read([first!, second!])).toEqual([first, second]);
    expect([api.asked.get('transaction'), api.asked.get('transactions')]).toEqual([5, 1]);
  });

  test('come one by one where nobody knows when they were made, or it is not true', async () => {
    const api = crowded();
    const some = api.transactionsMade.slice(0, 50);
    expect(await asked(api, some, false)).toEqual(some);
    expect(api.asked.get('transactions')).toBeUndefined();
    const wrong = some.map((each) => ({ ...each, created: NOW_S + 99 }));
    expect(await asked(api, wrong)).toEqual(some);
  });

  test('are asked for once by those who ask at the same time, and soon after', async () => {
    const api = crowded();
    let now = 1000;
    const reader = new TransactionReader(api, () => now);
    const [one, same] = await Promise.all([reader.read('txn_1'), reader.read('txn_1')]);
    expect(one).toBe(same);
    await reader.read('txn_1');
    expect(api.asked.get('transaction')).toBe(1);
    now += 61_000;
    await reader.read('txn_1');
    expect(api.asked.get('transaction')).toBe(2);
  });

  test('that cannot be had fail those who wait for them, and nobody later', async () => {
    const api = crowded();
    let isDown = true;
    const flaky: Pick<StripeApi, 'transaction' | 'transactions'> = {
      transaction: (id) => (isDown ? Promise.reject(new Error('down')) : api.transaction(id)),
      async *transactions(range) {
        if (isDown) throw new Error('down');
        yield* api.transactions(range);
      },
    };
    const reader = new TransactionReader(flaky, () => 1000);
    const wanted = api.transactionsMade.slice(0, 60);
    const read = () => Promise.allSettled(wanted.map(({ id, created }) => reader.read(id, created)));
    expect((await read()).every(({ status }) => status === 'rejected')).toBe(true);
    isDown = false;
    expect((await read()).every(({ status }) => status === 'fulfilled')).toBe(true);
  });
});
