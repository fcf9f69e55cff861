import type { RecordFrame, RuleSet } from '../../engine/domain/index.ts';
import {
  createKernel,
  type ExpiryBudget,
  type Kernel,
  type KernelOptions,
} from '../../engine/matching/index.ts';
import type { BenchFigure } from '../figures.ts';
import { DigestSink } from './digest-sink.ts';

/** A kernel with rules in force, and frames that come to it one after the other, each timed. */
export class TimedKernel {
  readonly kernel: Kernel;
  readonly #sink = new DigestSink();
  #sequence = 1;

  /** @param expiry absent: all that is due is handled at once */
  constructor(rules: RuleSet, expiry?: ExpiryBudget) {
    const options: KernelOptions = { epoch: 0, partition: 0, watermark: 'records' };
    this.kernel = createKernel(expiry === undefined ? options : { ...options, expiry });
    const json = JSON.stringify(rules);
    const frame = { kind: 'rules', json, hash: 'trace' } as const;
    this.kernel.apply({ sequence: 0, logTime: 0, frame }, this.#sink);
  }

  /** @returns milliseconds */
  apply(frame: RecordFrame): number {
    const started = performance.now();
    this.kernel.apply({ sequence: this.#sequence, logTime: 0, frame }, this.#sink);
    this.#sequence += frame.count;
    return performance.now() - started;
  }
}

/**
 * The times of frames that came in several rounds alike, in milliseconds: of each frame the middle one, ascending. What
 * other processes took away from one round is not the kernel's time.
 */
export function middleTimes(rounds: readonly (readonly number[])[]): number[] {
  const middle = Math.floor(rounds.length / 2);
  const ofFrame = (_: number, i: number): number =>
    rounds.map((times) => times[i]!).sort((a, b) => a - b)[middle]!;
  return rounds[0]!.map(ofFrame).sort((a, b) => a - b);
}

/** Quantiles of ascending times, in milliseconds, by name. */
export function timeFigures(what: string, sorted: readonly number[]): BenchFigure[] {
  const quantile = (share: number): number =>
    sorted[Math.min(sorted.length - 1, Math.ceil(sorted.length * share) - 1)]!;
  return [
    { name: `one frame, ${what}: p50`, value: quantile(0.5), unit: 'ms' },
    { name: `one frame, ${what}: p99`, value: quantile(0.99), unit: 'ms' },
    { name: `one frame, ${what}: p99.9`, value: quantile(0.999), unit: 'ms' },
    { name: `one frame, ${what}: max`, value: sorted.at(-1)!, unit: 'ms' },
  ];
}
