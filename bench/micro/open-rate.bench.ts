import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { RecordFrame, RuleSet } from '../../engine/domain/index.ts';
import { createKernel } from '../../engine/matching/index.ts';
import type { BenchFigure } from '../figures.ts';
import { DigestSink } from './digest-sink.ts';
import { TRACE_RULES } from './kernel-trace.ts';
import { numberRows, numberedFrame } from './numbered-frames.ts';

const FRAME_RECORDS = 128;
const START = Date.UTC(2026, 10, 20);
/** Pairs that come while the rest stays open. */
const MEASURED_PAIRS = 200_000;
/** Identities are forgotten soon, so that only open records grow; no window closes while this runs. */
const RULES: RuleSet = {
  ...TRACE_RULES,
  reconciliations: TRACE_RULES.reconciliations.map((each) => ({
    ...each,
    window: { ...each.window, after: 96 * 3_600_000 },
  })),
  seenHorizon: 64_000,
  sources: TRACE_RULES.sources.map((source) => ({ ...source, idleTimeout: 366 * 86_400_000 })),
};

/** The rate with few and with many open records, each in a process of its own when compiled. */
export async function measureOpenRates(few: number, many: number): Promise<BenchFigure[]> {
  const rates: number[] = [];
  for (const open of [few, many]) rates.push(await rateWith(open));
  const named = (open: number, rate: number): BenchFigure => ({
    name: `kernel: rate with ${open / 1_000_000} million open`,
    value: Math.round(rate),
    unit: 'records/s',
  });
  return [
    named(few, rates[0]!),
    named(many, rates[1]!),
    { name: 'kernel: rate with few against many open', value: rates[0]! / rates[1]!, unit: '×' },
  ];
}

async function rateWith(open: number): Promise<number> {
  const path = fileURLToPath(import.meta.url);
  if (!path.endsWith('.js')) return measureHere(open);
  const { stdout } = await promisify(execFile)(process.execPath, [path, String(open)], { timeout: 600_000 });
  return Number(stdout);
}

/** Records a second, half of them charges and half the credits that match them. */
function measureHere(open: number): number {
  const kernel = createKernel({ epoch: 1, partition: 0, watermark: 'sources' });
  const sink = new DigestSink();
  const json = JSON.stringify(RULES);
  kernel.apply({ sequence: 1, logTime: START, frame: { kind: 'rules', json, hash: 'open' } }, sink);
  const charges = numberedFrame('gateway', FRAME_RECORDS, START);
  const credits = numberedFrame('bank', FRAME_RECORDS, START);
  let sequence = 1;
  const apply = (frame: RecordFrame, first: number): void => {
    numberRows(frame, first, (n) => START + n * 7);
    sequence++;
    kernel.apply({ sequence, logTime: START + first * 10, frame }, sink);
  };
  let made = 0;
  for (; made < open; made += FRAME_RECORDS) apply(charges, made);
  const pair = (pairs: number): number => {
    const started = performance.now();
    for (const end = made + pairs; made < end; made += FRAME_RECORDS) {
      apply(charges, made);
      apply(credits, made);
    }
    return performance.now() - started;
  };
  pair(MEASURED_PAIRS / 4);
  const before = made;
  const ms = pair(MEASURED_PAIRS);
  const expected = Math.ceil(open / FRAME_RECORDS) * FRAME_RECORDS;
  if (kernel.summary().open !== expected)
    throw new Error(`${kernel.summary().open} records are open, not ${expected}`);
  return (2 * (made - before) * 1000) / ms;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) console.log(measureHere(Number(process.argv[2])));
