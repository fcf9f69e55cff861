import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'hdr-histogram-js';
import { startNatsServer } from '../../deploy/local/index.ts';
import { RecordFrameBuilder, encodeFrame, partitionOf } from '../../engine/codec/index.ts';
import type { Log, MoneyRecord } from '../../engine/domain/index.ts';
import { connectLog } from '../../engine/stream/index.ts';
import { spawnEngine } from '../../engine/testing/spawn-engine.ts';
import { syntheticDay } from '../../engine/testing/synthetic-day.ts';
import { firstRules, workloadConfig } from '../../engine/testing/workload.ts';
import type { BenchFigure } from '../figures.ts';

const PARTITIONS = 4;
const RATE = 10_000;
/** Records are due in steps of this many milliseconds: the linger of the connectors. */
const STEP_MS = 5;
const WARM_UP_MS = 3_000;

/**
 * Open loop at 10,000 records/s: each record is due at a time fixed beforehand, and its latency runs from that time,
 * sent late or not, until its row is queryable. So a stall counts for every record it delays (no coordinated
 * omission).
 */
export async function runLatencyBench({ quick }: { quick: boolean }): Promise<BenchFigure[]> {
  const seconds = quick ? 4 : 30;
  const directory = await mkdtemp(join(tmpdir(), 'counterfoil-latency-'));
  const nats = await startNatsServer({ dataDir: directory });
  const log = await connectLog({ url: nats.url });
  try {
    const config = workloadConfig(PARTITIONS);
    await log.open(PARTITIONS);
    await firstRules(log, config);
    const engine = spawnEngine({ natsUrl: nats.url, dataDir: join(directory, 'engine'), config });
    await engine.until(({ type }) => type === 'ready', 60_000);
    const waiting: Waiting[][] = Array.from({ length: PARTITIONS }, () => []);
    const histogram = build({
      lowestDiscernibleValue: 1,
      highestTrackableValue: 600_000,
      numberOfSignificantValueDigits: 3,
    });
    const start = Date.now() + 200;
    const settled = engine.until(
      (line) => {
        if (line.type === 'stored') {
          const queue = waiting[line.partition];
          while (queue?.[0] !== undefined && queue[0].sequence <= line.sequence) {
            const { due, records } = queue.shift()!;
            if (due >= start + WARM_UP_MS)
              histogram.recordValueWithCount(Math.max(1, line.at - due), records);
          }
        }
        return false;
      },
      seconds * 1000 + 60_000,
    );
    settled.catch(() => undefined);
    const sent = await sendOnTime(log, start, seconds, waiting);
    const deadline = Date.now() + 30_000;
    while (waiting.some((queue) => queue.length > 0) && Date.now() < deadline) await pause(20);
    await engine.stop();
    const lost = waiting.flat().reduce((sum, { records }) => sum + records, 0);
    if (lost > 0)
      throw new Error(`${lost} of ${sent} records were not queryable 30 s after the last was sent`);
    return [
      ...[50, 99, 99.9].map((p) => ({
        name: `latency at 10,000 records/s: p${p}`,
        value: histogram.getValueAtPercentile(p),
        unit: 'ms',
      })),
      { name: 'latency at 10,000 records/s: max', value: histogram.maxValue, unit: 'ms' },
      { name: 'latency: records measured', value: histogram.totalCount, unit: 'records' },
    ];
  } finally {
    await log.close();
    await nats.stop();
    await rm(directory, { recursive: true, force: true });
  }
}

/** A message under way: its place, when its records were due, and how many they are. */
interface Waiting {
  readonly sequence: number;
  readonly due: number;
  readonly records: number;
}

async function sendOnTime(log: Log, start: number, seconds: number, waiting: Waiting[][]): Promise<number> {
  const perStep = (RATE * STEP_MS) / 1000;
  const steps = (seconds * 1000) / STEP_MS;
  const total = perStep * steps;
  const day = syntheticDay({ records: total, accounts: 64, start, spanMs: seconds * 1000, disorderMs: 100 });
  const builders = Array.from({ length: PARTITIONS }, () => new RecordFrameBuilder());
  const underWay = new Set<Promise<void>>();
  for (let step = 0; step < steps; step++) {
    const due = start + step * STEP_MS;
    const early = due - Date.now();
    if (early > 0) await pause(early);
    for (let i = 0; i < perStep; i++) {
      const record = day.next().value as MoneyRecord | undefined;
      if (record !== undefined) builders[partitionOf(record, ['account'], PARTITIONS)]!.add(record);
    }
    for (const [partition, builder] of builders.entries()) {
      if (builder.count === 0) continue;
      const records = builder.count;
      const payload = encodeFrame(builder.build());
      builder.reset();
      const sent = log.append(partition, payload).then(({ sequence }) => {
        waiting[partition]!.push({ sequence, due, records });
      });
      underWay.add(sent);
      void sent.finally(() => underWay.delete(sent));
    }
  }
  await Promise.all(underWay);
  return total;
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
