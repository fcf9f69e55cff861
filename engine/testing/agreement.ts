import type { LogMessage } from '../domain/index.ts';
import { createKernel, restoreKernel, type Kernel, type SeenSegment } from '../matching/index.ts';
import type { KernelOptions } from '../matching/kernel-types.ts';
import { CollectingSink } from './collect.ts';
import { withoutPositions, withoutWording, type Result } from './results.ts';
import { shrinkTrace } from './shrink-trace.ts';
import { traceText } from './trace-text.ts';
import type { ReferenceRun } from './trace-run.ts';
import { messagesFor, recut, referenceRun, type Trace } from './trace.ts';

/** Where two matchers differ, or which of them gave up. */
export interface Disagreement {
  readonly what: string;
  /** Number of the result, from 0. */
  readonly at?: number;
  readonly actual?: unknown;
  readonly expected?: unknown;
}

/**
 * @param between what happens to the kernel after each message
 * @throws what the kernel throws
 */
export function kernelResults(
  messages: readonly LogMessage[],
  options: KernelOptions,
  between: (kernel: Kernel, message: number) => Kernel = (kernel) => kernel,
): Result[] {
  const sink = new CollectingSink();
  let kernel = createKernel(options);
  for (const [i, message] of messages.entries()) {
    kernel.apply(message, sink);
    kernel = between(kernel, i);
  }
  if (options.watermark === 'records') kernel.finish(sink);
  return sink.take();
}

/** Where the kernel and the reference matcher differ about a trace; undefined where they agree. */
export function disagreement(trace: Trace, options: KernelOptions): Disagreement | undefined {
  const run = reference(trace, options);
  if ('what' in run) return run;
  return (
    attempt('the kernel', () => {
      const found = withoutWording(kernelResults(run.messages, options));
      return firstDifference('kernel and reference differ', found, withoutWording(run.results));
    }) ?? undefined
  );
}

/** Where the kernel's results, places apart, depend on how a trace is cut into frames. */
export function cutDisagreement(trace: Trace, cut: number, options: KernelOptions): Disagreement | undefined {
  const messages = messagesOf(trace, options);
  const again = messagesOf(recut(trace, cut), options);
  if (messages === undefined || again === undefined) return undefined;
  return attempt('the kernel', () =>
    firstDifference(
      'the results depend on the cut',
      withoutPositions(again, withoutWording(kernelResults(again, options))),
      withoutPositions(messages, withoutWording(kernelResults(messages, options))),
    ),
  );
}

/** Where a kernel that is restored from a snapshot now and then differs from one that never is. */
export function restoreDisagreement(
  trace: Trace,
  { first, every }: { readonly first: number; readonly every: number },
  options: KernelOptions,
): Disagreement | undefined {
  const messages = messagesOf(trace, options);
  if (messages === undefined) return undefined;
  return attempt('the kernel', () => {
    const kept = restoring(options, { first, every });
    const found = kernelResults(messages, options, kept.between);
    return (
      kept.difference() ??
      firstDifference('restoring changes the results', found, kernelResults(messages, options))
    );
  });
}

/** What replaces a kernel now and then by one that is restored from its snapshot. */
export function restoring(
  options: KernelOptions,
  { first, every }: { readonly first: number; readonly every: number },
): {
  readonly between: (kernel: Kernel, message: number) => Kernel;
  /** Where a restored kernel's summary differed. */
  readonly difference: () => Disagreement | undefined;
} {
  const files = new Map<number, Uint8Array[]>();
  let difference: Disagreement | undefined;
  const between = (kernel: Kernel, i: number): Kernel => {
    if (i < first || (i - first) % every !== 0) return kernel;
    for (const segment of kernel.pendingSeen()) keep(files, segment);
    const snapshot = kernel.snapshot();
    kernel.seenWritten();
    const segments = [...files].flatMap(([bucket, parts]) => parts.map((bytes) => ({ bucket, bytes })));
    // Blocks are views of the kernel's arrays; a checkpoint copies them as it writes.
    const copied = { ...snapshot, blocks: snapshot.blocks.map((block) => block.slice()) };
    const restored = restoreKernel(options, copied, segments);
    difference ??= firstDifference(
      `the summary after restoring at message ${i + 1}`,
      [restored.summary()],
      [kernel.summary()],
    );
    return restored;
  };
  return { between, difference: () => difference };
}

/** Appends a segment as a checkpoint does: at the place that `from` says. */
function keep(files: Map<number, Uint8Array[]>, segment: SeenSegment): void {
  const parts = files.get(segment.bucket) ?? [];
  const entries = parts.reduce((sum, part) => sum + part.length, 0) / 20;
  if (segment.from !== entries) throw new Error(`segment from ${segment.from} follows ${entries} entries`);
  files.set(segment.bucket, [...parts, segment.bytes]);
}

/** What the reference matcher makes of a trace, or how it gave up. */
export function reference(trace: Trace, options: KernelOptions): ReferenceRun | Disagreement {
  let run: ReferenceRun | undefined;
  return (
    attempt('the reference', () => {
      run = referenceRun(trace, options);
      return undefined;
    }) ?? run!
  );
}

/** The messages of a trace, to compare a kernel with itself; undefined where the reference gave up making commands. */
export function messagesOf(trace: Trace, options: KernelOptions): readonly LogMessage[] | undefined {
  try {
    return messagesFor(trace, options);
  } catch {
    return undefined;
  }
}

/** What is found wrong, an error that is thrown too. */
export function attempt(who: string, act: () => Disagreement | undefined): Disagreement | undefined {
  try {
    return act();
  } catch (error) {
    return { what: `${who} threw`, actual: error instanceof Error ? error.stack : String(error) };
  }
}

/**
 * What to print of a trace about which something is found wrong: the smallest that still shows it, by its messages.
 * @param find what is wrong with a trace
 */
export function report(trace: Trace, find: (trace: Trace) => Disagreement | undefined): string | undefined {
  const first = find(trace);
  if (first === undefined) return undefined;
  // It must stay the same kind of wrong: a trace can be cut down to one that fails for another reason.
  const small = shrinkTrace(trace, (candidate) => {
    const found = find(candidate);
    return found?.what === first.what && typeOf(found) === typeOf(first);
  });
  const { what, at, actual, expected } = find(small) ?? first;
  const found = [
    `actual   ${json(actual)}`,
    ...(expected === undefined ? [] : [`expected ${json(expected)}`]),
  ];
  return [
    `${what}${at === undefined ? '' : `, first in result ${at}`}:`,
    ...found,
    traceText(small.steps),
  ].join('\n');
}

/** The types of the results that differ, as far as there are any. */
function typeOf({ actual, expected }: Disagreement): string {
  return [actual, expected]
    .map((each) => (typeof each === 'object' && each !== null && 'type' in each ? String(each.type) : ''))
    .join();
}

function json(value: unknown): string {
  if (value === undefined) return 'nothing';
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** The first place where two lists differ. */
export function firstDifference(
  what: string,
  actual: readonly unknown[],
  expected: readonly unknown[],
): Disagreement | undefined {
  for (let i = 0; i < Math.max(actual.length, expected.length); i++) {
    if (!isSame(actual[i], expected[i])) return { what, at: i, actual: actual[i], expected: expected[i] };
  }
  return undefined;
}

/** Whether two values are the same as JSON: a member that is undefined is a member that is not there. */
function isSame(a: unknown, b: unknown): boolean {
  if (a === b || Object.is(a, b)) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (Array.isArray(a) || Array.isArray(b)) {
    return (
      Array.isArray(a) &&
      Array.isArray(b) &&
      a.length === b.length &&
      a.every((each, i) => isSame(each, b[i]))
    );
  }
  const [first, second] = [a as Members, b as Members];
  return (
    Object.keys(first).every((name) => isSame(first[name], second[name])) &&
    Object.keys(second).every((name) => second[name] === undefined || Object.hasOwn(first, name))
  );
}

interface Members {
  readonly [name: string]: unknown;
}
