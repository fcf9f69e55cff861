import type { MoneyRecord, RecordFrame, RuleSet } from '../../engine/domain/index.ts';
import { createKernel } from '../../engine/matching/index.ts';
import type { BenchFigure } from '../figures.ts';
import { framesByTime } from './bench-record.ts';
import { DigestSink } from './digest-sink.ts';
import { TRACE_RULES, traceRecords } from './kernel-trace.ts';
import { RULE_CASES, type RuleCase } from './rule-cases.ts';

const ROUNDS = 3;
/** After this share of the records time leaps, past every window and all that is retained. */
const GAP_AFTER = 0.7;
const GAP_MS = 12 * 86_400_000;

const PLAIN: RuleCase = { name: 'one to one', rules: TRACE_RULES, records: traceRecords };

/**
 * How long one frame of 512 records takes: tables grow from nothing, and once in each round a gap of event time closes
 * every window at once, in one frame.
 */
export function measureApplyTimes(records: number): BenchFigure[] {
  return [PLAIN, ...RULE_CASES].flatMap((each) => {
    const frames = framesByTime(withGap(each.records(records, 2)));
    // What is compiled while it runs is not the kernel's time.
    times(each.rules, frames);
    const all: number[] = [];
    let massive = 0;
    for (let round = 0; round < ROUNDS; round++) {
      const ms = times(each.rules, frames);
      massive = Math.max(massive, ms[gapIn(frames)]!);
      all.push(...ms);
    }
    all.sort((a, b) => a - b);
    const figure = (name: string, value: number): BenchFigure => ({
      name: `one frame, ${each.name}: ${name}`,
      value,
      unit: 'ms',
    });
    return [
      figure('p50', quantile(all, 0.5)),
      figure('p99', quantile(all, 0.99)),
      figure('p99.9', quantile(all, 0.999)),
      figure('max', all.at(-1)!),
      figure('all windows at once', massive),
    ];
  });
}

function times(rules: RuleSet, frames: readonly RecordFrame[]): number[] {
  const sink = new DigestSink();
  const kernel = createKernel({ epoch: 0, partition: 0, watermark: 'records' });
  const json = JSON.stringify(rules);
  kernel.apply({ sequence: 0, logTime: 0, frame: { kind: 'rules', json, hash: 'trace' } }, sink);
  let sequence = 1;
  return frames.map((frame) => {
    const started = performance.now();
    kernel.apply({ sequence, logTime: 0, frame }, sink);
    sequence += frame.count;
    return performance.now() - started;
  });
}

function withGap(records: MoneyRecord[]): MoneyRecord[] {
  const times = records.map(({ time }) => time).sort((a, b) => a - b);
  const from = times[Math.floor(times.length * GAP_AFTER)]!;
  return records.map((each) => (each.time < from ? each : { ...each, time: each.time + GAP_MS }));
}

/** The frame in which time leaps. */
function gapIn(frames: readonly RecordFrame[]): number {
  return frames.findIndex(({ time, count }, i) => {
    const before = i === 0 ? time[0]! : frames[i - 1]!.time[frames[i - 1]!.count - 1]!;
    return time[count - 1]! - before > GAP_MS / 2;
  });
}

function quantile(sorted: readonly number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.ceil(sorted.length * share) - 1)]!;
}
