import type { LogMessage } from '../domain/index.ts';
import { createKernel, type Kernel } from '../matching/index.ts';
import type { ExpiryBudget, KernelOptions } from '../matching/kernel-types.ts';
import { attempt, kernelResults, messagesOf, restoring, type Disagreement } from './agreement.ts';
import { CollectingSink } from './collect.ts';
import { Random } from './random.ts';
import { withoutWording, type Result } from './results.ts';
import { recut, type Trace } from './trace.ts';
import { unordered } from './unordered-results.ts';

/** Ticks until a kernel must have caught up; each handles an event at least. */
const MOST_TICKS = 100_000;
/** Ticks between which it may be restored. */
const MOST_RESTORED = 20;

/**
 * Where what a kernel says that handles little of what is due at once, its order and places apart, differs from what one
 * says that handles all, or depends on cuts into frames, or on being restored now and then. Only for traces without
 * commands: those point at places.
 */
export function budgetDisagreement(
  trace: Trace,
  seed: number,
  options: KernelOptions,
): Disagreement | undefined {
  const given = messagesOf(trace, options);
  const again = seed % 2 === 0 ? given : messagesOf(recut(trace, seed), options);
  if (given === undefined || again === undefined) return undefined;
  const bounded = { ...options, expiry: randomBudget(seed) };
  return attempt('the kernel', () => {
    const kept = restoring(bounded, { first: seed % 10, every: 5 + (seed % 40) });
    const { messages, results } = drained(again, bounded, kept.between);
    return (
      kept.difference() ??
      unlike(
        unordered(messages, withoutWording(results)),
        unordered(given, withoutWording(kernelResults(given, options))),
      )
    );
  });
}

/** What only one of two sorted lists has. */
function unlike(actual: readonly string[], expected: readonly string[]): Disagreement | undefined {
  const [more, less] = [without(actual, expected), without(expected, actual)];
  if (more.length + less.length === 0) return undefined;
  return { what: 'the results depend on the budget', actual: more[0], expected: less[0] };
}

/** What the first of two lists has more often than the second. */
function without(texts: readonly string[], others: readonly string[]): string[] {
  const counts = new Map<string, number>();
  for (const text of others) counts.set(text, (counts.get(text) ?? 0) + 1);
  return texts.filter((text) => {
    const count = counts.get(text) ?? 0;
    counts.set(text, count - 1);
    return count <= 0;
  });
}

/** Less than one event for each row, or some, or all. */
function randomBudget(seed: number): ExpiryBudget {
  const random = new Random(seed ^ 0xb0d6e7);
  return {
    perRecord: random.pick([0, 0.01, 0.05, 0.3, 1, 8, Number.POSITIVE_INFINITY]),
    perMessage: random.pick([0, 0.1, 1, 5, 50, Number.POSITIVE_INFINITY]),
  };
}

/** A kernel's results, ticks being added at the end until nothing is left to handle. */
function drained(
  messages: readonly LogMessage[],
  options: KernelOptions,
  between: (kernel: Kernel, message: number) => Kernel,
): { readonly messages: readonly LogMessage[]; readonly results: readonly Result[] } {
  const sink = new CollectingSink();
  let kernel = createKernel(options);
  const all: LogMessage[] = [];
  const apply = (message: LogMessage): void => {
    all.push(message);
    kernel.apply(message, sink);
    if (all.length <= messages.length + MOST_RESTORED) kernel = between(kernel, all.length - 1);
  };
  for (const message of messages) apply(message);
  if (options.watermark === 'records') {
    kernel.finish(sink);
    return { messages: all, results: sink.take() };
  }
  const last = messages.at(-1)!;
  for (let tick = 1; kernel.isBehind; tick++) {
    if (tick > MOST_TICKS) throw new Error('the kernel never catches up');
    apply({ sequence: last.sequence + tick, logTime: last.logTime, frame: { kind: 'tick' } });
  }
  return { messages: all, results: sink.take() };
}
