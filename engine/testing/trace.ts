import type { LogMessage } from '../domain/index.ts';
import type { KernelOptions } from '../matching/kernel-types.ts';
import { Random } from './random.ts';
import { BY_SOURCES, hasCommands, plainMessages, runSteps, type ReferenceRun } from './trace-run.ts';
import type { TraceStep } from './trace-step.ts';

/** A log to be applied to a matcher, with the steps it was made from. */
export interface Trace {
  /** The seed that makes it again. */
  readonly seed: number;
  readonly steps: readonly TraceStep[];
  /** Numbered from 1, without a gap. A reference matcher says what commands point at. */
  readonly messages: readonly LogMessage[];
}

/** The trace of these steps, each step of records one frame. */
export function traceOf(seed: number, steps: readonly TraceStep[]): Trace {
  return new StepsTrace(seed, steps);
}

/** Makes its messages when they are first asked for: most smaller versions of a trace are looked at once. */
class StepsTrace implements Trace {
  readonly seed: number;
  readonly steps: readonly TraceStep[];
  #messages: readonly LogMessage[] | undefined;

  constructor(seed: number, steps: readonly TraceStep[]) {
    this.seed = seed;
    this.steps = steps;
  }

  get messages(): readonly LogMessage[] {
    this.#messages ??= hasCommands(this.steps)
      ? referenceRun(this, BY_SOURCES).messages
      : plainMessages(this.steps, BY_SOURCES);
    return this.#messages;
  }
}

const runs = new WeakMap<Trace, Map<KernelOptions['watermark'], ReferenceRun>>();

/** What the reference matcher makes of a trace, as messages and results. Kept, because making commands needs it too. */
export function referenceRun(trace: Trace, options: KernelOptions): ReferenceRun {
  const known = runs.get(trace)?.get(options.watermark);
  if (known !== undefined) return known;
  const run = runSteps(trace.steps, options);
  keepRun(trace, options, run);
  return run;
}

/** The messages of a trace for a kernel with these options. Only commands need a reference matcher to be made. */
export function messagesFor(trace: Trace, options: KernelOptions): readonly LogMessage[] {
  return hasCommands(trace.steps)
    ? referenceRun(trace, options).messages
    : plainMessages(trace.steps, options);
}

/** Keeps what a reference matcher has made of a trace already. */
export function keepRun(trace: Trace, options: KernelOptions, run: ReferenceRun): void {
  const kept = runs.get(trace) ?? new Map<KernelOptions['watermark'], ReferenceRun>();
  runs.set(trace, kept.set(options.watermark, run));
}

/**
 * The same records at the same log times, cut into frames elsewhere: neighbours of equal log time are joined, then
 * frames are split at random rows. The results, their places apart, must not change.
 */
export function recut(trace: Trace, seed: number): Trace {
  const random = new Random(seed);
  const joined: TraceStep[] = [];
  for (const step of trace.steps) {
    const last = joined.at(-1);
    if (step.kind === 'records' && last?.kind === 'records' && last.logTime === step.logTime) {
      joined[joined.length - 1] = { ...last, records: [...last.records, ...step.records] };
    } else {
      joined.push(step);
    }
  }
  const steps = joined.flatMap((step): TraceStep[] => {
    if (step.kind !== 'records') return [step];
    const pieces: TraceStep[] = [];
    for (let from = 0; from < step.records.length;) {
      const to = Math.min(step.records.length, from + random.integer(1, 8));
      pieces.push({ ...step, records: step.records.slice(from, to) });
      from = to;
    }
    return pieces;
  });
  return traceOf(trace.seed, steps);
}
