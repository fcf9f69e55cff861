import { RecordFrameBuilder } from '../../engine/codec/index.ts';
import type { MoneyRecord, RecordFrame, RuleSet } from '../../engine/domain/index.ts';
import { createKernel, type ResultSink } from '../../engine/matching/index.ts';
import type { BenchFigure } from '../figures.ts';
import { TRACE_RULES } from './kernel-trace.ts';

const FRAME_RECORDS = 512;
const START = Date.UTC(2026, 10, 20);
const RULES: RuleSet = {
  ...TRACE_RULES,
  seenHorizon: 64_000,
  sources: TRACE_RULES.sources.map((source) => ({ ...source, idleTimeout: 366 * 86_400_000 })),
};
/** Another tolerance, another window, and a second rule over a field that the first did not compare. */
const CHANGED: RuleSet = {
  ...RULES,
  reconciliations: RULES.reconciliations.map((each) => ({
    ...each,
    window: { ...each.window, after: each.window.after * 2 },
    rules: [
      ...each.rules.map((rule) => ({ ...rule, tolerance: { amount: '1.00' } })),
      { name: 'by-invoice', keys: ['references.invoice' as const], tolerance: {} },
    ],
  })),
};

/** How long the kernel stands still when its rules change while records are open, and that it knows them all after. */
export function measureReindexing(records: number): BenchFigure[] {
  const kernel = createKernel({ epoch: 1, partition: 0, watermark: 'sources' });
  const sink: ResultSink = {
    accepted: ignore,
    duplicate: ignore,
    refused: ignore,
    match: ignore,
    break: ignore,
    finding: ({ message }) => {
      throw new Error(message);
    },
    answer: ignore,
  };
  const rules = (set: RuleSet, hash: string, sequence: number, logTime: number): void =>
    kernel.apply({ sequence, logTime, frame: { kind: 'rules', json: JSON.stringify(set), hash } }, sink);
  rules(RULES, 'before', 1, START);
  let sequence = 2;
  for (let made = 0; made < records; made += FRAME_RECORDS, sequence++) {
    const frame = frameOf(made, Math.min(FRAME_RECORDS, records - made));
    kernel.apply({ sequence, logTime: START + made * 10, frame }, sink);
  }
  const started = performance.now();
  rules(CHANGED, 'after', sequence, START + records * 10);
  const pauseMs = performance.now() - started;
  const { open } = kernel.summary();
  if (open !== records) throw new Error(`${open} records are open after the change, not ${records}`);
  const millions = `${records / 1_000_000} million open`;
  return [{ name: `kernel: change of rules with ${millions}`, value: Math.round(pauseMs), unit: 'ms' }];
}

function frameOf(first: number, count: number): RecordFrame {
  const builder = new RecordFrameBuilder({ maxRecords: count, maxBytes: 8 << 20 });
  for (let i = first; i < first + count; i++) {
    const record: MoneyRecord = {
      source: 'gateway',
      id: `ch_${i}_1`,
      account: `merchant-${i % 200}`,
      kind: 'charge',
      status: 'booked',
      currency: 'AED',
      amount: BigInt(100 + (i % 500_000)),
      fee: 0n,
      tax: 0n,
      time: START + i * 10,
      precision: 'instant',
      offsetMinutes: 240,
      references: { reference: `pi_${(i * 2_654_435_761) % 4_294_967_296}`, invoice: `INV-${i}` },
      attributes: { scheme: 'visa' },
    };
    builder.add(record);
  }
  return builder.build();
}

function ignore(): void {
  // A result that is not looked at costs nothing.
}
