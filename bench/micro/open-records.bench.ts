import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { RuleSet } from '../../engine/domain/index.ts';
import { createKernel, restoreKernel, type Kernel } from '../../engine/matching/index.ts';
import { SILENT_SINK } from '../../engine/testing/silent-sink.ts';
import type { BenchFigure } from '../figures.ts';
import { collectGarbage } from './collect-garbage.ts';
import { TRACE_RULES } from './kernel-trace.ts';
import { numberRows, numberedFrame } from './numbered-frames.ts';

interface Measured {
  /** Memory of the process that the open records take, the seen set left out. */
  readonly bytes: number;
  /** Snapshot and a copy of its blocks. */
  readonly snapshotMs: number;
  readonly restoreMs: number;
}

const FRAME_RECORDS = 512;
const START = Date.UTC(2026, 10, 20);
/** Identities are forgotten at once, so that the seen set takes nothing; the bank's silence holds every window open. */
const RULES: RuleSet = {
  ...TRACE_RULES,
  seenHorizon: 64_000,
  sources: TRACE_RULES.sources.map((source) => ({ ...source, idleTimeout: 366 * 86_400_000 })),
};

/** What an open record costs; run as a program of its own when compiled, so that nothing else is counted. */
export async function measureOpenRecords(records: number): Promise<BenchFigure[]> {
  const path = fileURLToPath(import.meta.url);
  let measured: Measured;
  if (path.endsWith('.js')) {
    const { stdout } = await promisify(execFile)(process.execPath, [path, String(records)], {
      timeout: 300_000,
    });
    measured = JSON.parse(stdout) as Measured;
  } else {
    measured = measureHere(records);
  }
  const millions = `${records / 1_000_000} million open`;
  return [
    { name: 'kernel: memory per open record', value: Math.round(measured.bytes / records), unit: 'bytes' },
    { name: `kernel: snapshot of ${millions}`, value: Math.round(measured.snapshotMs), unit: 'ms' },
    { name: `kernel: restore of ${millions}`, value: Math.round(measured.restoreMs), unit: 'ms' },
  ];
}

/** Measures in this process. */
function measureHere(records: number): Measured {
  // What the code itself takes, compiled, is not counted.
  fill(20_000);
  collectGarbage();
  const before = process.memoryUsage().rss;
  const kernel = fill(records);
  collectGarbage();
  collectGarbage();
  const bytes = process.memoryUsage().rss - before;
  if (kernel.summary().open !== records) throw new Error(`${kernel.summary().open} records are open`);
  const started = performance.now();
  const snapshot = kernel.snapshot();
  const blocks = snapshot.blocks.map((block) => block.slice());
  const snapshotMs = performance.now() - started;
  const segments = kernel.pendingSeen().map(({ bucket, bytes: segment }) => ({ bucket, bytes: segment }));
  const restoreStarted = performance.now();
  restoreKernel({ epoch: 1, partition: 0, watermark: 'sources' }, { ...snapshot, blocks }, segments);
  return { bytes, snapshotMs, restoreMs: performance.now() - restoreStarted };
}

/** A kernel that waits for a bank that says nothing. */
function fill(records: number): Kernel {
  const kernel = createKernel({ epoch: 1, partition: 0, watermark: 'sources' });
  const json = JSON.stringify(RULES);
  kernel.apply({ sequence: 1, logTime: START, frame: { kind: 'rules', json, hash: 'open' } }, SILENT_SINK);
  const frame = numberedFrame('gateway', FRAME_RECORDS, START);
  for (let made = 0, sequence = 2; made < records; made += FRAME_RECORDS, sequence++) {
    const count = Math.min(FRAME_RECORDS, records - made);
    numberRows(frame, made, (n) => START + n * 7);
    kernel.apply({ sequence, logTime: START + made * 10, frame: { ...frame, count } }, SILENT_SINK);
  }
  return kernel;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  console.log(JSON.stringify(measureHere(Number(process.argv[2]))));
}
