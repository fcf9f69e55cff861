import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { LogMessage } from '../domain/index.ts';
import type { KernelOptions } from './kernel-types.ts';
import {
  CollectingSink,
  randomTrace,
  recut,
  ReferenceMatcher,
  shrinkTrace,
  withoutPositions,
  withoutWording,
  type Result,
  type Trace,
} from '../testing/index.ts';
import { createKernel, restoreKernel, type Kernel, type SeenSegment } from './index.ts';

const SOURCES: KernelOptions = { epoch: 1, partition: 0, watermark: 'sources' };
const RECORDS: KernelOptions = { epoch: 0, partition: 0, watermark: 'records' };

/** The messages as each matcher takes them. By records, each record counts as a message: sequences leave room. */
function messagesOf(trace: Trace, options: KernelOptions): LogMessage[] {
  if (options.watermark === 'sources') return [...trace.messages];
  let next = 1;
  return trace.messages.map((message) => {
    const sequence = next;
    next += message.frame.kind === 'records' ? message.frame.count : 1;
    return { ...message, sequence };
  });
}

function runReference(trace: Trace, options: KernelOptions): Result[] {
  const matcher = new ReferenceMatcher(options);
  const results = messagesOf(trace, options).flatMap((message) => matcher.apply(message));
  return options.watermark === 'records' ? [...results, ...matcher.finish()] : results;
}

/** @param between what happens to the kernel after each message */
function runKernel(
  trace: Trace,
  options: KernelOptions,
  between: (kernel: Kernel, message: number) => Kernel = (kernel) => kernel,
): Result[] {
  const sink = new CollectingSink();
  let kernel = createKernel(options);
  for (const [i, message] of messagesOf(trace, options).entries()) {
    kernel.apply(message, sink);
    kernel = between(kernel, i);
  }
  if (options.watermark === 'records') kernel.finish(sink);
  return sink.take();
}

/** The first place where two lists differ, to be read in a report. */
function firstDifference(actual: readonly unknown[], expected: readonly unknown[]): object | undefined {
  for (let i = 0; i < Math.max(actual.length, expected.length); i++) {
    const [a, b] = [JSON.stringify(actual[i]), JSON.stringify(expected[i])];
    if (a !== b) return { at: i, actual: actual[i], expected: expected[i] };
  }
  return undefined;
}

function disagreement(trace: Trace, options: KernelOptions): object | undefined {
  const kernel = withoutWording(runKernel(trace, options)).map(sorted);
  const reference = withoutWording(runReference(trace, options)).map(sorted);
  return firstDifference(kernel, reference);
}

/** Members in one order, so that texts can be compared. */
function sorted(value: unknown): unknown {
  if (value === null || typeof value !== 'object') return value;
  if (Array.isArray(value)) return value.map(sorted);
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, part]) => [name, sorted(part)]),
  );
}

/** Fails with the seed and the smallest trace that disagrees. */
function expectAgreement(trace: Trace, options: KernelOptions): void {
  const difference = disagreement(trace, options);
  if (difference === undefined) return;
  const small = shrinkTrace(trace, (candidate) => disagreement(candidate, options) !== undefined);
  const text = JSON.stringify(
    { seed: trace.seed, difference: disagreement(small, options), steps: small.steps },
    (_, value: unknown) => (typeof value === 'bigint' ? `${value}n` : value),
    1,
  );
  expect.fail(`the kernel and the reference disagree: ${text}`);
}

/** More on request: COUNTERFOIL_RUNS=2000 npx vitest run engine/matching/agreement */
const RUNS = Number(process.env['COUNTERFOIL_RUNS'] ?? 60);

const seeds = fc.integer({ min: 0, max: 2 ** 31 - 1 });
const frames = fc.integer({ min: 1, max: 12 });

describe('the kernel and the reference matcher agree', () => {
  test.each([SOURCES, RECORDS])('on random traces, watermark by $watermark', (options) => {
    fc.assert(
      fc.property(seeds, fc.integer({ min: 1, max: 120 }), frames, (seed, steps, recordsPerFrame) => {
        expectAgreement(randomTrace(seed, { steps, recordsPerFrame }), options);
      }),
      { numRuns: RUNS },
    );
  });
});

describe('the kernel', () => {
  test('gives the same results, places apart, wherever frames are cut', () => {
    fc.assert(
      fc.property(seeds, fc.integer(), (seed, cut) => {
        const trace = randomTrace(seed, { steps: 60 });
        const other = recut(trace, cut);
        expect(withoutPositions(other.messages, runKernel(other, SOURCES))).toEqual(
          withoutPositions(trace.messages, runKernel(trace, SOURCES)),
        );
      }),
      { numRuns: RUNS / 2 },
    );
  });

  test('goes on after a snapshot as if there had been none', () => {
    fc.assert(
      fc.property(
        seeds,
        fc.integer({ min: 1, max: 40 }),
        fc.integer({ min: 1, max: 7 }),
        (seed, first, every) => {
          const trace = randomTrace(seed, { steps: 60 });
          const files = new Map<number, Uint8Array[]>();
          const restoring = (kernel: Kernel, i: number): Kernel => {
            if (i < first || i % every !== 0) return kernel;
            for (const segment of kernel.pendingSeen()) keep(files, segment);
            const snapshot = kernel.snapshot();
            kernel.seenWritten();
            const segments = [...files].flatMap(([bucket, parts]) =>
              parts.map((bytes) => ({ bucket, bytes })),
            );
            const restored = restoreKernel(SOURCES, snapshot, segments);
            expect(restored.summary()).toEqual(kernel.summary());
            return restored;
          };
          expect(runKernel(trace, SOURCES, restoring)).toEqual(runKernel(trace, SOURCES));
        },
      ),
      { numRuns: RUNS / 2 },
    );
  });
});

/** Appends a segment as a checkpoint does: at the place that `from` says. */
function keep(files: Map<number, Uint8Array[]>, segment: SeenSegment): void {
  const parts = files.get(segment.bucket) ?? [];
  const entries = parts.reduce((sum, part) => sum + part.length, 0) / 20;
  expect(segment.from).toBe(entries);
  files.set(segment.bucket, [...parts, segment.bytes]);
}
