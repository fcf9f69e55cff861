import { RecordFrameBuilder } from '../../engine/codec/index.ts';
import type { MoneyRecord, RecordFrame, RuleSet } from '../../engine/domain/index.ts';

/** What a record of a trace is given; the rest is as usual. Amounts in minor units. */
export interface Given {
  readonly source: string;
  readonly id: string;
  readonly account: string;
  readonly currency: string;
  readonly amount: number;
  /** Epoch milliseconds. */
  readonly time: number;
  readonly references: Readonly<{ [name: string]: string }>;
  readonly kind?: MoneyRecord['kind'];
  readonly fee?: number;
  readonly tax?: number;
  readonly groupCount?: number | undefined;
}

/** A booked record with a moment as its time. */
export function benchRecord(given: Given): MoneyRecord {
  const { source, id, account, currency, amount, time, references, groupCount } = given;
  return {
    source,
    id,
    account,
    kind: given.kind ?? (amount < 0 ? 'refund' : 'charge'),
    status: 'booked',
    currency,
    amount: BigInt(amount),
    fee: BigInt(given.fee ?? 0),
    tax: BigInt(given.tax ?? 0),
    time,
    precision: 'instant',
    offsetMinutes: 240,
    references,
    ...(groupCount === undefined ? {} : { groupCount }),
    attributes: {},
  };
}

/** Frames of 512 records, in the order of time. */
export function framesByTime(records: MoneyRecord[]): RecordFrame[] {
  records.sort((a, b) => a.time - b.time);
  const builder = new RecordFrameBuilder();
  const frames: RecordFrame[] = [];
  for (const each of records) {
    if (builder.add(each)) continue;
    frames.push(builder.build());
    builder.reset();
    builder.add(each);
  }
  if (builder.count > 0) frames.push(builder.build());
  return frames;
}

/** Two sources and what stands around the reconciliation of a trace. */
export function traceRules(
  reconciliation: RuleSet['reconciliations'][number],
  rates?: RuleSet['rates'],
): RuleSet {
  const names = [...reconciliation.left.sources, ...reconciliation.right.sources];
  return {
    reconciliations: [reconciliation],
    sources: names.map((name) => ({ name, outOfOrder: 0, idleTimeout: 60_000, onIdReuse: 'accept' })),
    partitionBy: ['account'],
    maxAhead: 48 * 3_600_000,
    seenHorizon: null,
    maxOpenRecords: 100_000_000,
    ...(rates === undefined ? {} : { rates }),
  };
}
