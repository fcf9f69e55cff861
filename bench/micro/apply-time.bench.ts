import type { MoneyRecord, RecordFrame, RuleSet } from '../../engine/domain/index.ts';
import { EXPIRY_BUDGET, type ExpiryBudget } from '../../engine/matching/index.ts';
import type { BenchFigure } from '../figures.ts';
import { framesByTime } from './bench-record.ts';
import { collectGarbage } from './collect-garbage.ts';
import { middleTimes, TimedKernel, timeFigures } from './frame-times.ts';
import { TRACE_RULES, traceRecords } from './kernel-trace.ts';
import { RULE_CASES, type RuleCase } from './rule-cases.ts';

const ROUNDS = 3;
/** After this share of the records time leaps, past every window and all that is retained. */
const GAP_AFTER = 0.7;
const GAP_MS = 12 * 86_400_000;

/** The cases whose frames are timed. */
export const APPLY_CASES: readonly RuleCase[] = [
  { name: 'one to one', rules: TRACE_RULES, records: traceRecords },
  ...RULE_CASES,
];

/**
 * How long one frame of 512 records takes: tables grow from nothing, and once in each round a gap of event time closes
 * every window at once while records go on coming; as an engine takes it, and with all that is due handled at once.
 */
export function measureApplyTimes({ name, rules, records }: RuleCase, count: number): BenchFigure[] {
  const frames = framesByTime(withGap(records(count, 2)));
  // What making the trace has left behind, and what is compiled while it runs, is not the kernel's time.
  collectGarbage();
  times(rules, frames, EXPIRY_BUDGET);
  const rounds = Array.from({ length: ROUNDS }, () => times(rules, frames, EXPIRY_BUDGET));
  const atOnce = times(rules, frames);
  return [
    ...timeFigures(name, middleTimes(rounds)),
    {
      name: `one frame, ${name}: max, all that is due at once`,
      value: atOnce.reduce((most, ms) => Math.max(most, ms), 0),
      unit: 'ms',
    },
  ];
}

function times(rules: RuleSet, frames: readonly RecordFrame[], expiry?: ExpiryBudget): number[] {
  const timed = new TimedKernel(rules, expiry);
  return frames.map((frame) => timed.apply(frame));
}

function withGap(records: MoneyRecord[]): MoneyRecord[] {
  const sorted = records.map(({ time }) => time).sort((a, b) => a - b);
  const from = sorted[Math.floor(sorted.length * GAP_AFTER)]!;
  return records.map((each) => (each.time < from ? each : { ...each, time: each.time + GAP_MS }));
}
