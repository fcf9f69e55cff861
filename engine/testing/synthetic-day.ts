import { DAY_MS, type MoneyRecord, type RecordKind, type RuleSet } from '../domain/index.ts';
import { Random } from './random.ts';

/** What a synthetic day looks like. Rates are shares of the payments. */
export interface SyntheticDayOptions {
  /** Exactly so many records are made. */
  readonly records: number;
  readonly seed?: number;
  /** Settlement accounts that the payments are spread over. */
  readonly accounts?: number;
  /** Event time of the first payment, epoch milliseconds. */
  readonly start?: number;
  /** Event time from the first payment to the last, milliseconds. */
  readonly spanMs?: number;
  /** One of the two sides never comes. */
  readonly missingRate?: number;
  /** The sides differ by less than the tolerance. */
  readonly shortRate?: number;
  /** The sides differ by more than the tolerance. */
  readonly wrongAmountRate?: number;
  /** The same record is delivered again. */
  readonly duplicateRate?: number;
  /** The ledger's record comes after its window. */
  readonly lateRate?: number;
  /** A record comes up to this long after its event time, in milliseconds of it. */
  readonly disorderMs?: number;
}

const HOUR = 3_600_000;
const MINUTE = 60_000;
/** One payout for so many payments. */
const PAYMENTS_PER_PAYOUT = 40;
const CURRENCIES = [
  [88, 'AED'],
  [8, 'USD'],
  [3, 'KWD'],
  [1, 'JPY'],
] as const;

/** The reconciliations of a synthetic day: card payments against the ledger, payouts as the bank and the cash book see them. */
export function syntheticRules(): RuleSet {
  const source = (name: string): RuleSet['sources'][number] => ({
    name,
    outOfOrder: 2 * MINUTE,
    idleTimeout: MINUTE,
    onIdReuse: 'reject',
  });
  return {
    reconciliations: [
      {
        name: 'gateway-to-ledger',
        left: { sources: ['gateway'] },
        right: { sources: ['ledger'] },
        window: { before: 5 * MINUTE, after: 10 * MINUTE, grace: MINUTE },
        retain: 2 * HOUR,
        rules: [
          { name: 'by-reference', keys: ['references.reference', 'currency'], tolerance: { amount: '0.50' } },
        ],
        nullValues: ['NONREF', 'N/A'],
      },
      {
        name: 'bank-to-cash-book',
        left: { sources: ['bank'] },
        right: { sources: ['cash-book'] },
        window: { before: 10 * MINUTE, after: 10 * MINUTE, grace: MINUTE },
        retain: 2 * HOUR,
        rules: [
          { name: 'by-payout', keys: ['references.payout'], tolerance: {} },
          { name: 'by-amount', keys: ['amount'], tolerance: {} },
        ],
        nullValues: ['NONREF', 'N/A'],
      },
    ],
    sources: ['gateway', 'ledger', 'bank', 'cash-book'].map(source),
    partitionBy: ['account'],
    maxAhead: 2 * DAY_MS,
    seenHorizon: null,
    maxOpenRecords: 10_000_000,
  };
}

/**
 * A day of card payments as gateway, ledger, bank and cash book report them, in the order in which the records come.
 * Seeded and made one at a time: any number of records in little memory.
 */
export function* syntheticDay(options: SyntheticDayOptions): Generator<MoneyRecord, void, undefined> {
  const { records, seed = 1, accounts = 64, start = Date.UTC(2026, 10, 22), spanMs = DAY_MS } = options;
  const random = new Random(seed);
  const step = spanMs / Math.max(1, records / 2.05);
  const disorder = Math.ceil((options.disorderMs ?? 30_000) / step);
  // What comes after a later payment waits under that payment's number.
  const waiting = new Map<number, MoneyRecord[]>();
  let made = 0;
  for (let payment = 0; made < records; payment++) {
    const time = start + Math.floor(payment * step);
    const account = `ae-merchant-${random.integer(1, accounts)}`;
    const deliver = (record: MoneyRecord, delay = 0): void => {
      const at = payment + delay + random.integer(0, disorder);
      put(waiting, at, record);
      if (random.chance(options.duplicateRate ?? 0.002))
        put(waiting, at + random.integer(0, disorder), record);
    };
    const lateBy = random.chance(options.lateRate ?? 0.003) ? Math.ceil((30 * MINUTE) / step) : 0;
    const [gateway, ledger] = paymentOf(random, options, payment, account, time);
    const missing = random.chance(options.missingRate ?? 0.005) ? random.integer(1, 2) : 0;
    if (missing !== 1) deliver(gateway);
    if (missing !== 2) deliver(ledger, lateBy);
    if (payment % PAYMENTS_PER_PAYOUT === 0) {
      for (const record of payoutOf(random, payment, account, time)) deliver(record);
    }
    for (const record of waiting.get(payment) ?? []) {
      if (made === records) return;
      made += 1;
      yield record;
    }
    waiting.delete(payment);
  }
}

function put(waiting: Map<number, MoneyRecord[]>, at: number, record: MoneyRecord): void {
  const there = waiting.get(at);
  if (there === undefined) waiting.set(at, [record]);
  else there.push(record);
}

function paymentOf(
  random: Random,
  options: SyntheticDayOptions,
  payment: number,
  account: string,
  time: number,
): [gateway: MoneyRecord, ledger: MoneyRecord] {
  const currency = random.weighted(CURRENCIES);
  const refund = random.chance(0.04);
  // Most payments are small, a few are large.
  const size = BigInt(Math.floor(500 * Math.exp(random.next() * 7)));
  const amount = refund ? -size : size;
  const fee = refund ? 0n : size / 45n;
  const references = { reference: `ORD-2026-${payment.toString().padStart(9, '0')}` };
  const kind: RecordKind = refund ? 'refund' : 'charge';
  const difference = random.chance(options.shortRate ?? 0.01)
    ? 1n
    : random.chance(options.wrongAmountRate ?? 0.003)
      ? 10_000n
      : 0n;
  const base = { account, currency, references, time };
  return [
    recordOf({
      ...base,
      source: 'gateway',
      id: `ch_3Q${payment.toString(36).padStart(14, '0')}`,
      kind,
      amount,
      fee,
    }),
    recordOf({
      ...base,
      source: 'ledger',
      id: `JE-${payment}`,
      kind: 'ledger',
      amount: refund ? amount - difference : amount + difference,
      time: time + random.integer(0, 20_000),
    }),
  ];
}

function payoutOf(random: Random, payment: number, account: string, time: number): MoneyRecord[] {
  const references = { payout: `po_1Q${payment.toString(36).padStart(14, '0')}` };
  const amount = BigInt(random.integer(100_000, 90_000_000));
  const base = { account, currency: 'AED', amount };
  return [
    recordOf({ ...base, source: 'cash-book', id: `CB-${payment}`, kind: 'ledger', references, time }),
    recordOf({
      ...base,
      source: 'bank',
      id: `FT26326${payment.toString(36).toUpperCase().padStart(8, '0')}`,
      kind: 'bank',
      // Some banks cut the reference off; the amount is then all there is.
      references: random.chance(0.1) ? { payout: 'NONREF' } : references,
      time: time + random.integer(-60_000, 60_000),
    }),
  ];
}

function recordOf(
  given: Pick<
    MoneyRecord,
    'source' | 'id' | 'account' | 'kind' | 'currency' | 'amount' | 'references' | 'time'
  > & {
    readonly fee?: bigint;
  },
): MoneyRecord {
  return {
    status: 'booked',
    fee: 0n,
    tax: 0n,
    precision: 'instant',
    offsetMinutes: 240,
    attributes: {},
    ...given,
  };
}
