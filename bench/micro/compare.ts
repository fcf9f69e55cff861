import type { RecordFrame, RuleSet } from '../../engine/domain/index.ts';
import { createKernel } from '../../engine/matching/index.ts';
import { MapGroups } from '../peers/map-groups.ts';
import { MapMatcher } from '../peers/map-matcher.ts';
import { DigestSink, expectSame } from './digest-sink.ts';

/** Untimed: while code is compiled, a rate is not yet what it will be. */
const WARM_UP_ROUNDS = 2;
const ROUNDS = 5;

/** A matcher's results, and how long it took. */
interface Run {
  readonly sink: DigestSink;
  readonly ms: number;
}

/** The kernel over a trace, from its rules to the end of the input. */
function runKernel(rules: RuleSet, frames: readonly RecordFrame[]): Run {
  const sink = new DigestSink();
  const started = performance.now();
  const kernel = createKernel({ epoch: 0, partition: 0, watermark: 'records' });
  const json = JSON.stringify(rules);
  kernel.apply({ sequence: 0, logTime: 0, frame: { kind: 'rules', json, hash: 'trace' } }, sink);
  let sequence = 1;
  for (const frame of frames) {
    kernel.apply({ sequence, logTime: 0, frame }, sink);
    sequence += frame.count;
  }
  kernel.finish(sink);
  return { sink, ms: performance.now() - started };
}

/** A matcher of Maps and objects over a trace. */
function runPeer(rules: RuleSet, frames: readonly RecordFrame[]): Run {
  const sink = new DigestSink();
  const started = performance.now();
  const isPairs = rules.reconciliations[0]!.rules.every(
    ({ cardinality }) => (cardinality ?? '1:1') === '1:1',
  );
  const peer = isPairs ? new MapMatcher(rules) : new MapGroups(rules);
  let sequence = 1;
  for (const frame of frames) {
    peer.apply(frame, sequence, sink);
    sequence += frame.count;
  }
  peer.finish(sink);
  return { sink, ms: performance.now() - started };
}

/** Records a second of each, the middle of some rounds after some to warm up. */
export interface Compared {
  readonly kernelRate: number;
  readonly peerRate: number;
}

/**
 * The kernel and a matcher of Maps and objects over the same frames, in turns in one run.
 * @throws Error when the two do not give the same results
 */
export function compareWithPeer(what: string, rules: RuleSet, frames: readonly RecordFrame[]): Compared {
  const kernelMs: number[] = [];
  const peerMs: number[] = [];
  for (let round = -WARM_UP_ROUNDS; round < ROUNDS; round++) {
    const kernel = runKernel(rules, frames);
    const peer = runPeer(rules, frames);
    expectSame(what, kernel.sink, peer.sink);
    if (round < 0) continue;
    kernelMs.push(kernel.ms);
    peerMs.push(peer.ms);
  }
  const records = frames.reduce((sum, { count }) => sum + count, 0);
  return { kernelRate: (records * 1000) / median(kernelMs), peerRate: (records * 1000) / median(peerMs) };
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!;
}
