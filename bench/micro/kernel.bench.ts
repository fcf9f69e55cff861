import type { Break, Match, RecordFrame } from '../../engine/domain/index.ts';
import { createKernel, type ResultSink } from '../../engine/matching/index.ts';
import type { BenchFigure } from '../figures.ts';
import { MapMatcher } from '../peers/map-matcher.ts';
import { TRACE_RULES, traceFrames } from './kernel-trace.ts';
import { measureOpenRecords } from './open-records.bench.ts';

/** Reads of a result what a writer of rows would, and sums it up. */
class DigestSink implements ResultSink {
  matches = 0;
  breaks = 0;
  /** Differs when any result differs, or their order does. */
  digest = 0;

  accepted(): void {
    // Counted by the matchers themselves.
  }

  duplicate(): void {
    // Likewise.
  }

  refused(): void {
    throw new Error('the trace has no record to refuse');
  }

  finding(): void {
    throw new Error('the trace has no id that is used again');
  }

  match({ matchSequence, matchN, legs, difference, lagMs }: Match): void {
    this.matches++;
    this.#add(matchSequence + matchN + difference + lagMs);
    for (const leg of legs) {
      this.#add(leg.sequence + leg.allocated);
      this.#addText(leg.id);
    }
  }

  break({ breakSequence, breakN, version, state, kind, members, amount, dueTime, why }: Break): void {
    this.breaks++;
    this.#add(breakSequence + breakN + version + amount + dueTime + (why.tolerance ?? 0));
    this.#addText(state);
    this.#addText(kind);
    for (const member of members) {
      this.#add(member.sequence + member.amount);
      this.#addText(member.id);
    }
  }

  #add(value: number): void {
    this.digest = (Math.imul(this.digest, 31) + value) | 0;
  }

  #addText(text: string): void {
    this.#add(text.length + text.charCodeAt(text.length - 1));
  }
}

interface Run {
  readonly sink: DigestSink;
  readonly ms: number;
}

function runKernel(frames: readonly RecordFrame[]): Run {
  const sink = new DigestSink();
  const started = performance.now();
  const kernel = createKernel({ epoch: 0, partition: 0, watermark: 'records' });
  const json = JSON.stringify(TRACE_RULES);
  kernel.apply({ sequence: 0, logTime: 0, frame: { kind: 'rules', json, hash: 'trace' } }, sink);
  let sequence = 1;
  for (const frame of frames) {
    kernel.apply({ sequence, logTime: 0, frame }, sink);
    sequence += frame.count;
  }
  kernel.finish(sink);
  return { sink, ms: performance.now() - started };
}

function runPeer(frames: readonly RecordFrame[]): Run {
  const sink = new DigestSink();
  const started = performance.now();
  const peer = new MapMatcher(TRACE_RULES);
  let sequence = 1;
  for (const frame of frames) {
    peer.apply(frame, sequence, sink);
    sequence += frame.count;
  }
  peer.finish(sink);
  return { sink, ms: performance.now() - started };
}

/**
 * The kernel against a matcher of Maps and objects, on the same frames in one run, in turns; and what an open record
 * costs in a process of its own.
 * @throws Error when the two do not give the same results
 */
export async function runKernelBench(options: { quick: boolean }): Promise<BenchFigure[]> {
  const records = options.quick ? 60_000 : 1_000_000;
  const rounds = 3;
  const frames = traceFrames(records, 1);
  const kernelMs: number[] = [];
  const peerMs: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const kernel = runKernel(frames);
    const peer = runPeer(frames);
    const same = kernel.sink.digest === peer.sink.digest && kernel.sink.matches === peer.sink.matches;
    if (!same || kernel.sink.breaks !== peer.sink.breaks) {
      throw new Error(
        `the kernel gives ${kernel.sink.matches} matches and ${kernel.sink.breaks} break versions, the Map matcher ` +
          `${peer.sink.matches} and ${peer.sink.breaks}, or they differ in content`,
      );
    }
    kernelMs.push(kernel.ms);
    peerMs.push(peer.ms);
  }
  const kernelRate = (records * 1000) / median(kernelMs);
  const peerRate = (records * 1000) / median(peerMs);
  return [
    { name: 'kernel: matching', value: Math.round(kernelRate), unit: 'records/s' },
    { name: 'kernel: Map matcher, same results', value: Math.round(peerRate), unit: 'records/s' },
    {
      name: 'kernel: times the Map matcher',
      value: Math.round((kernelRate / peerRate) * 100) / 100,
      unit: '×',
    },
    ...(await measureOpenRecords(options.quick ? 300_000 : 5_000_000)),
  ];
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!;
}
