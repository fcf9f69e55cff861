import type { LogMessage, MoneyRecord, RuleSet, SourceFinding } from '../domain/index.ts';
import { progressMessage, recordsMessage, rulesMessage, tickMessage } from './frames.ts';
import { Random } from './random.ts';

/** One message of a log before it is cut and numbered. */
export type TraceStep =
  | { readonly kind: 'records'; readonly logTime: number; readonly records: readonly MoneyRecord[] }
  | { readonly kind: 'rules'; readonly logTime: number; readonly rules: RuleSet }
  | {
      readonly kind: 'progress';
      readonly logTime: number;
      readonly source: string;
      readonly time: number;
    }
  | { readonly kind: 'finding'; readonly logTime: number; readonly finding: SourceFinding }
  | { readonly kind: 'tick' | 'command'; readonly logTime: number };

/** A log to be applied to a matcher, with the steps it was made from. */
export interface Trace {
  /** The seed that makes it again. */
  readonly seed: number;
  readonly steps: readonly TraceStep[];
  /** Numbered from 1, without a gap. */
  readonly messages: readonly LogMessage[];
}

/** The trace of these steps, each step of records one frame. */
export function traceOf(seed: number, steps: readonly TraceStep[]): Trace {
  let sequence = 0;
  const messages = steps.map((step): LogMessage => messageOf(step, (sequence += 1)));
  return { seed, steps, messages };
}

function messageOf(step: TraceStep, sequence: number): LogMessage {
  const { logTime } = step;
  switch (step.kind) {
    case 'records':
      return recordsMessage(sequence, logTime, step.records);
    case 'rules':
      return rulesMessage(sequence, logTime, step.rules);
    case 'progress':
      return progressMessage(sequence, logTime, step.source, step.time);
    case 'finding':
      return { sequence, logTime, frame: { kind: 'finding', json: JSON.stringify(step.finding) } };
    case 'command':
      return { sequence, logTime, frame: { kind: 'command', json: '{"command":"reopen"}' } };
    case 'tick':
      return tickMessage(sequence, logTime);
  }
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

/**
 * The smallest trace found, by leaving out steps and records, for which `fails` still holds: to read a disagreement by
 * eye. The first step, the rules, always stays.
 */
export function shrinkTrace(trace: Trace, fails: (trace: Trace) => boolean): Trace {
  let best = trace;
  const attempt = (steps: readonly TraceStep[]): boolean => {
    const candidate = traceOf(trace.seed, steps);
    if (!fails(candidate)) return false;
    best = candidate;
    return true;
  };
  for (let size = Math.ceil(best.steps.length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
    for (let from = 1; from < best.steps.length;) {
      if (!attempt(best.steps.toSpliced(from, size))) from += size;
    }
  }
  for (let i = 1; i < best.steps.length; i++) {
    for (let row = 0; ;) {
      const step = best.steps[i]!;
      if (step.kind !== 'records' || row >= step.records.length || step.records.length === 1) break;
      if (!attempt(best.steps.with(i, { ...step, records: step.records.toSpliced(row, 1) }))) row += 1;
    }
  }
  return best;
}
