import type { MoneyRecord, RecordFrame, RuleSet } from '../../engine/domain/index.ts';
import {
  createKernel,
  EXPIRY_BUDGET,
  type ExpiryBudget,
  type KernelOptions,
} from '../../engine/matching/index.ts';
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
 * every window at once while records go on coming; as an engine takes it, and with all that is due handled at once.
 */
export function measureApplyTimes(records: number): BenchFigure[] {
  return [PLAIN, ...RULE_CASES].flatMap((each) => {
    const frames = framesByTime(withGap(each.records(records, 2)));
    // What is compiled while it runs is not the kernel's time.
    times(each.rules, frames, EXPIRY_BUDGET);
    const all: number[] = [];
    const atOnce: number[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      all.push(...times(each.rules, frames, EXPIRY_BUDGET));
      atOnce.push(...times(each.rules, frames));
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
      figure('max, all that is due at once', Math.max(...atOnce)),
    ];
  });
}

/** @param expiry absent: all that is due is handled at once */
function times(rules: RuleSet, frames: readonly RecordFrame[], expiry?: ExpiryBudget): number[] {
  const sink = new DigestSink();
  const options: KernelOptions = { epoch: 0, partition: 0, watermark: 'records' };
  const kernel = createKernel(expiry === undefined ? options : { ...options, expiry });
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

function quantile(sorted: readonly number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.ceil(sorted.length * share) - 1)]!;
}
