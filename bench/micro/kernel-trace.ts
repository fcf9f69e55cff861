import type { MoneyRecord, RecordFrame, RuleSet } from '../../engine/domain/index.ts';
import { Random } from '../../engine/testing/index.ts';
import { benchRecord, framesByTime, traceRules } from './bench-record.ts';

const HOUR = 3_600_000;
const START = Date.UTC(2026, 10, 20);
const CURRENCIES = ['AED', 'AED', 'AED', 'USD', 'KWD'];

/** A gateway against a bank, by reference, with a tolerance of half a unit. */
export const TRACE_RULES: RuleSet = traceRules({
  name: 'gateway-to-bank',
  left: { sources: ['gateway'] },
  right: { sources: ['bank'] },
  window: { before: HOUR, after: 6 * HOUR, grace: 60_000 },
  retain: 24 * HOUR,
  rules: [
    { name: 'by-reference', keys: ['references.reference', 'currency'], tolerance: { amount: '0.50' } },
  ],
  nullValues: ['NONREF', 'N/A'],
});

/** Frames of 512 of these records, in order of time. */
export function traceFrames(records: number, seed: number): RecordFrame[] {
  return framesByTime(traceRecords(records, seed));
}

/**
 * Records of a merchant's two days: nine in ten payments reach the bank within hours, some within the tolerance, some
 * with a wrong amount, some never, and a few are delivered twice.
 */
export function traceRecords(records: number, seed: number): MoneyRecord[] {
  const random = new Random(seed);
  const made: MoneyRecord[] = [];
  const step = (48 * HOUR) / (records / 2);
  for (let i = 0; made.length < records; i++) {
    const time = Math.floor(START + i * step);
    const account = `merchant-${random.integer(0, 199)}`;
    const currency = random.pick(CURRENCIES);
    const amount = random.integer(100, 500_000);
    const reference = `pi_${(i * 2_654_435_761) % 4_294_967_296}_${i}`;
    const common = { account, currency, references: { reference } };
    const charge = benchRecord({
      ...common,
      source: 'gateway',
      id: `ch_${i}_${seed}`,
      kind: 'charge',
      amount,
      time,
    });
    made.push(charge);
    if (random.chance(0.005)) made.push({ ...charge });
    if (random.chance(0.04)) continue;
    const lag = random.chance(0.02) ? random.integer(6 * HOUR, 30 * HOUR) : random.integer(1000, 4 * HOUR);
    const difference = random.chance(0.05) ? random.integer(-50, 50) : random.chance(0.02) ? 1000 : 0;
    made.push(
      benchRecord({
        ...common,
        source: 'bank',
        id: `st20261120/${i}`,
        kind: 'bank',
        amount: amount + difference,
        time: time + lag,
      }),
    );
  }
  made.length = records;
  return made;
}
