import type { MoneyRecord, RuleSet } from '../../engine/domain/index.ts';
import { formatDay, localDayOf } from '../../engine/domain/index.ts';
import { convert } from '../../engine/rules/index.ts';
import { Random } from '../../engine/testing/index.ts';
import { benchRecord, traceRules } from './bench-record.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const START = Date.UTC(2026, 10, 20);
const NULL_VALUES = ['NONREF', 'N/A'];

/** A reconciliation with records to try it on. */
export interface RuleCase {
  readonly name: string;
  readonly rules: RuleSet;
  /** About so many records, in no order. */
  readonly records: (count: number, seed: number) => MoneyRecord[];
}

const settlement = (complete: 'onSignal' | 'onSum'): RuleCase => ({
  name: `net settlement ${complete}`,
  rules: traceRules({
    name: 'payouts-to-bank',
    left: { sources: ['provider'] },
    right: { sources: ['bank'] },
    window: { before: 3 * DAY, after: 3 * DAY, grace: HOUR },
    retain: 2 * DAY,
    rules: [
      {
        name: 'by-payout',
        keys: ['references.payout'],
        cardinality: 'N:1',
        complete,
        compare: { left: 'net', right: 'amount' },
        tolerance: { amount: '0.05' },
      },
    ],
    nullValues: NULL_VALUES,
  }),
  records: settlementRecords,
});

/** Net settlement, rules in order, groups and exchange: each over a seeded trace. */
export const RULE_CASES: readonly RuleCase[] = [
  settlement('onSignal'),
  settlement('onSum'),
  {
    name: 'three ordered rules',
    rules: traceRules({
      name: 'orders-to-bank',
      left: { sources: ['orders'] },
      right: { sources: ['bank'] },
      window: { before: HOUR, after: 24 * HOUR, grace: 60_000 },
      retain: 2 * DAY,
      rules: [
        { name: 'by-reference', keys: ['references.reference', 'currency'], tolerance: { amount: '0.50' } },
        { name: 'by-invoice', keys: ['references.invoice'], tolerance: {} },
        { name: 'by-customer', keys: ['references.customer'], tolerance: { amount: '0.05' }, hold: 6 * HOUR },
      ],
      nullValues: NULL_VALUES,
    }),
    records: orderRecords,
  },
  {
    name: 'N:M groups',
    rules: traceRules({
      name: 'batches',
      left: { sources: ['ledger'] },
      right: { sources: ['bank'] },
      window: { before: 12 * HOUR, after: 12 * HOUR, grace: 60_000 },
      retain: 2 * DAY,
      rules: [
        {
          name: 'by-batch',
          keys: ['references.batch'],
          cardinality: 'N:M',
          complete: 'onWindowEnd',
          tolerance: { amount: '0.10' },
        },
      ],
      nullValues: NULL_VALUES,
    }),
    records: batchRecords,
  },
  {
    name: 'exchange',
    rules: traceRules(
      {
        name: 'acquirer-to-bank',
        left: { sources: ['acquirer'] },
        right: { sources: ['bank'] },
        window: { before: 2 * DAY, after: 2 * DAY, grace: HOUR },
        retain: 2 * DAY,
        rules: [
          {
            name: 'by-settlement',
            keys: ['references.settlement'],
            cardinality: 'N:1',
            complete: 'onSum',
            tolerance: { percent: '0.25' },
            fx: { from: 'USD', to: 'AED', rate: { table: 'central-bank' }, maxAge: 2 * DAY },
          },
        ],
        nullValues: NULL_VALUES,
      },
      { 'central-bank': ratesTable() },
    ),
    records: exchangeRecords,
  },
];

/**
 * Payouts of 50 to 5,000 charges, refunds and fees, each a credit at the bank a day later: most whole, some with members
 * that come after it, some with one that never comes or one too many, a few never paid.
 */
function settlementRecords(count: number, seed: number): MoneyRecord[] {
  const random = new Random(seed);
  const made: MoneyRecord[] = [];
  for (let payout = 0; made.length < count; payout++) {
    const account = `merchant-${random.integer(0, 39)}`;
    const size = Math.round(50 * 100 ** random.next());
    const opens = START + random.integer(0, 10 * 24) * HOUR;
    const credited = opens + DAY + random.integer(0, 12) * HOUR;
    const common = { account, currency: 'AED', references: { payout: `po_${seed}_${payout}` } };
    const comesLate = random.chance(0.2) ? random.integer(1, 5) : 0;
    const missing = random.chance(0.1) ? random.integer(1, 3) : 0;
    const extra = random.chance(0.08) ? 1 : 0;
    let sum = 0;
    for (let i = 0; i < size + extra; i++) {
      const amount = random.chance(0.06) ? -random.integer(100, 20_000) : random.integer(100, 90_000);
      const fee = amount > 0 ? Math.round(amount * 0.0225) + 100 : 0;
      const tax = Math.round(fee * 0.05);
      if (i < size) sum += amount - fee - tax;
      if (i < missing) continue;
      const late = i >= size - comesLate;
      const time = late ? credited + random.integer(1, 30 * HOUR) : opens + random.integer(0, DAY);
      const id = `txn_${seed}_${payout}_${i}`;
      const record = benchRecord({ ...common, source: 'provider', id, amount, fee, tax, time });
      made.push(record);
      if (random.chance(0.002)) made.push({ ...record });
    }
    if (random.chance(0.03)) continue;
    const id = `FT${seed}/${payout}`;
    made.push(
      benchRecord({
        ...common,
        source: 'bank',
        id,
        kind: 'bank',
        amount: sum + random.integer(-3, 3),
        time: credited,
        groupCount: size,
      }),
    );
  }
  return made;
}

/** Orders and what the bank has of them: some credits with the reference, some with the invoice, some with neither. */
function orderRecords(count: number, seed: number): MoneyRecord[] {
  const random = new Random(seed);
  const made: MoneyRecord[] = [];
  const step = (6 * DAY) / (count / 2);
  for (let i = 0; made.length < count; i++) {
    const time = Math.floor(START + i * step);
    const account = `merchant-${random.integer(0, 49)}`;
    const amount = random.integer(100, 50_000);
    const references = {
      reference: `ORD-${seed}-${i}`,
      invoice: `INV-${(i * 7919) % 1_000_003}-${i}`,
      customer: `C-${random.integer(0, 1999)}`,
    };
    const common = { account, currency: random.chance(0.8) ? 'AED' : 'USD' };
    made.push(benchRecord({ ...common, source: 'orders', id: `o_${seed}_${i}`, amount, time, references }));
    if (random.chance(0.03)) continue;
    const { customer, invoice, reference } = references;
    const carried = random.weighted<MoneyRecord['references']>([
      [60, { reference, invoice, customer }],
      [25, { reference: 'NONREF', invoice, customer }],
      [12, { customer }],
      [3, {}],
    ]);
    const off = random.chance(0.05) ? random.integer(-5, 5) : random.chance(0.03) ? 900 : 0;
    const lag = random.chance(0.03) ? random.integer(24 * HOUR, 40 * HOUR) : random.integer(1000, 9 * HOUR);
    made.push(
      benchRecord({
        ...common,
        source: 'bank',
        id: `st/${seed}/${i}`,
        kind: 'bank',
        amount: amount + off,
        time: time + lag,
        references: carried,
      }),
    );
  }
  return made;
}

/** Batches of two to six records on either side, of equal sums unless one is wrong, missing or too late. */
function batchRecords(count: number, seed: number): MoneyRecord[] {
  const random = new Random(seed);
  const made: MoneyRecord[] = [];
  const step = (6 * DAY) / (count / 8);
  for (let batch = 0; made.length < count; batch++) {
    const opens = Math.floor(START + batch * step);
    const account = `merchant-${random.integer(0, 199)}`;
    const common = { account, currency: 'AED', references: { batch: `B-${seed}-${batch}` } };
    const time = (): number => opens + random.integer(0, 6 * HOUR);
    let rest = 0;
    for (let i = random.integer(2, 6); i > 0; i--) {
      const amount = random.integer(1000, 90_000);
      rest += amount;
      made.push(
        benchRecord({
          ...common,
          source: 'ledger',
          id: `JE-${seed}-${batch}-${i}`,
          kind: 'ledger',
          amount,
          time: time(),
        }),
      );
    }
    const wrong = random.chance(0.05) ? 500 : 0;
    const isLate = random.chance(0.03);
    for (let i = random.integer(2, 6); i > 0; i--) {
      const amount = i === 1 ? rest + wrong : Math.floor(rest / random.integer(2, 5));
      rest -= amount;
      if (random.chance(0.005)) continue;
      const comes = isLate && i === 1 ? opens + random.integer(15 * HOUR, 48 * HOUR) : time();
      made.push(
        benchRecord({
          ...common,
          source: 'bank',
          id: `FT-${seed}-${batch}-${i}`,
          kind: 'bank',
          amount,
          time: comes,
        }),
      );
    }
  }
  return made;
}

/** Three to twenty charges in dollars, settled in dirhams at the day's rate, more or less. */
function exchangeRecords(count: number, seed: number): MoneyRecord[] {
  const random = new Random(seed);
  const rates = ratesTable();
  const made: MoneyRecord[] = [];
  const step = (10 * DAY) / (count / 12);
  for (let batch = 0; made.length < count; batch++) {
    const opens = Math.floor(START + batch * step);
    const account = `merchant-${random.integer(0, 199)}`;
    const common = { account, references: { settlement: `S-${seed}-${batch}` } };
    let sum = 0;
    for (let i = random.integer(3, 20); i > 0; i--) {
      const amount = random.integer(500, 200_000);
      sum += amount;
      const time = opens + random.integer(0, 12 * HOUR);
      made.push(
        benchRecord({
          ...common,
          source: 'acquirer',
          id: `a-${seed}-${batch}-${i}`,
          currency: 'USD',
          amount,
          time,
        }),
      );
    }
    const day = formatDay(localDayOf(opens, 240));
    const { rate } = rates.findLast(({ date }) => date <= day) ?? rates[0]!;
    const wrong = random.chance(0.06) ? 1.01 : 1 + (random.next() - 0.5) / 500;
    const amount = Math.round(convert(sum, rate, 'USD', 'AED') * wrong);
    const time = opens + random.integer(6 * HOUR, 40 * HOUR);
    made.push(
      benchRecord({
        ...common,
        source: 'bank',
        id: `FX-${seed}-${batch}`,
        kind: 'bank',
        currency: 'AED',
        amount,
        time,
      }),
    );
  }
  return made;
}

/** A rate a day, but for three days without one. */
function ratesTable(): NonNullable<RuleSet['rates']>[string] {
  const first = localDayOf(START, 240);
  const days = Array.from({ length: 14 }, (_, i) => i).filter((i) => i < 4 || i > 7);
  return days.map((i) => ({
    from: 'USD',
    to: 'AED',
    date: formatDay(first + i),
    rate: (3.6725 + ((i * 7) % 5) / 1000).toFixed(4),
  }));
}
