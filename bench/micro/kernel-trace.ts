import { RecordFrameBuilder } from '../../engine/codec/index.ts';
import type { MoneyRecord, RecordFrame, RuleSet } from '../../engine/domain/index.ts';
import { Random } from '../../engine/testing/index.ts';

const HOUR = 3_600_000;
const START = Date.UTC(2026, 10, 20);
const CURRENCIES = ['AED', 'AED', 'AED', 'USD', 'KWD'];

/** A gateway against a bank, by reference, with a tolerance of half a unit. */
export const TRACE_RULES: RuleSet = {
  reconciliations: [
    {
      name: 'gateway-to-bank',
      left: { sources: ['gateway'] },
      right: { sources: ['bank'] },
      window: { before: HOUR, after: 6 * HOUR, grace: 60_000 },
      retain: 24 * HOUR,
      rules: [
        { name: 'by-reference', keys: ['references.reference', 'currency'], tolerance: { amount: '0.50' } },
      ],
      nullValues: ['NONREF', 'N/A'],
    },
  ],
  sources: [
    { name: 'gateway', outOfOrder: 0, idleTimeout: 60_000, onIdReuse: 'accept' },
    { name: 'bank', outOfOrder: 0, idleTimeout: 60_000, onIdReuse: 'accept' },
  ],
  partitionBy: ['account'],
  maxAhead: 48 * HOUR,
  seenHorizon: null,
  maxOpenRecords: 100_000_000,
};

/**
 * Frames of 512 records of a merchant's two days, in order of time: nine in ten payments reach the bank within hours,
 * some within the tolerance, some with a wrong amount, some never, and a few are delivered twice.
 */
export function traceFrames(records: number, seed: number): RecordFrame[] {
  const random = new Random(seed);
  const made: MoneyRecord[] = [];
  const step = (48 * HOUR) / (records / 2);
  for (let i = 0; made.length < records; i++) {
    const time = Math.floor(START + i * step);
    const account = `merchant-${random.integer(0, 199)}`;
    const currency = random.pick(CURRENCIES);
    const amount = random.integer(100, 500_000);
    const reference = `pi_${(i * 2_654_435_761) % 4_294_967_296}_${i}`;
    const charge = record('gateway', `ch_${i}_${seed}`, account, currency, amount, time, reference);
    made.push(charge);
    if (random.chance(0.005)) made.push({ ...charge });
    if (random.chance(0.04)) continue;
    const lag = random.chance(0.02) ? random.integer(6 * HOUR, 30 * HOUR) : random.integer(1000, 4 * HOUR);
    const difference = random.chance(0.05) ? random.integer(-50, 50) : random.chance(0.02) ? 1000 : 0;
    made.push(
      record('bank', `st20261120/${i}`, account, currency, amount + difference, time + lag, reference),
    );
  }
  made.length = records;
  made.sort((a, b) => a.time - b.time);
  return framesOf(made);
}

function record(
  source: string,
  id: string,
  account: string,
  currency: string,
  amount: number,
  time: number,
  reference: string,
): MoneyRecord {
  return {
    source,
    id,
    account,
    kind: source === 'bank' ? 'bank' : 'charge',
    status: 'booked',
    currency,
    amount: BigInt(amount),
    fee: 0n,
    tax: 0n,
    time,
    precision: 'instant',
    offsetMinutes: 240,
    references: { reference },
    attributes: {},
  };
}

function framesOf(records: readonly MoneyRecord[]): RecordFrame[] {
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
