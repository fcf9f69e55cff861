import type { RecordFrame, RuleSet } from '../../engine/domain/index.ts';
import { EXPIRY_BUDGET, type ExpiryBudget } from '../../engine/matching/index.ts';
import type { BenchFigure } from '../figures.ts';
import { framesByTime } from './bench-record.ts';
import { collectGarbage } from './collect-garbage.ts';
import { middleTimes, TimedKernel, timeFigures } from './frame-times.ts';
import { TRACE_RULES, traceRecords } from './kernel-trace.ts';
import { RULE_CASES, type RuleCase } from './rule-cases.ts';

const ROUNDS = 3;
/** After this share of the records time leaps. */
const LEAP_AFTER = 0.7;
/** Past every window and all that is retained. */
const LONG_LEAP_MS = 12 * 86_400_000;

/** The cases whose frames are timed. */
export const APPLY_CASES: readonly RuleCase[] = [
  { name: 'one to one', rules: TRACE_RULES, records: traceRecords },
  ...RULE_CASES,
];

/**
 * How long one frame of 512 records takes: tables grow from nothing, and once in each round a leap of event time closes
 * every window at once while records go on coming; as an engine takes it, and with all that is due handled at once. The
 * same with a leap that leaves what is broken in memory, where later rows join it.
 */
export function measureApplyTimes(each: RuleCase, count: number): BenchFigure[] {
  return [
    ...measureLeap(each, each.name, count, LONG_LEAP_MS),
    ...measureLeap(each, `${each.name}, leap within retain`, count, shortLeapMs(each.rules)),
  ];
}

function measureLeap(each: RuleCase, name: string, count: number, leapMs: number): BenchFigure[] {
  const { rules } = each;
  const frames = framesWithLeap(each, count, leapMs);
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

/** Past the window of what has just come, and half of what that is retained. */
function shortLeapMs({ reconciliations }: RuleSet): number {
  const { window, retain } = reconciliations[0]!;
  return Math.max(window.before, window.after) + window.grace + retain / 2;
}

/** The records of a case, in frames. They themselves are garbage when it returns. */
function framesWithLeap({ records }: RuleCase, count: number, leapMs: number): RecordFrame[] {
  const made = records(count, 2);
  const times = made.map(({ time }) => time).sort((a, b) => a - b);
  const from = times[Math.floor(times.length * LEAP_AFTER)]!;
  return framesByTime(made.map((each) => (each.time < from ? each : { ...each, time: each.time + leapMs })));
}
