import type { RecordFrame } from '../../../engine/domain/index.ts';

/** Rows of several frames in a new order: entry i is row `rowOf[i]` of frame `frameOf[i]`. */
export interface RowOrder {
  readonly count: number;
  readonly frameOf: Uint32Array;
  readonly rowOf: Uint32Array;
}

/**
 * Puts the rows of all frames in order of time; rows of equal time stay in the order of the frames.
 *
 * A merge of the runs that are already in order, because files usually are: two sorted files cost one pass.
 */
export function orderByTime(frames: readonly RecordFrame[]): RowOrder {
  const count = frames.reduce((sum, frame) => sum + frame.count, 0);
  const times = new Float64Array(count);
  const frameOf = new Uint32Array(count);
  const rowOf = new Uint32Array(count);
  let at = 0;
  for (const [f, frame] of frames.entries()) {
    times.set(frame.time.subarray(0, frame.count), at);
    for (let row = 0; row < frame.count; row++, at++) {
      frameOf[at] = f;
      rowOf[at] = row;
    }
  }
  const order = sortedIndices(times);
  return order === undefined
    ? { count, frameOf, rowOf }
    : { count, frameOf: order.map((i) => frameOf[i]!), rowOf: order.map((i) => rowOf[i]!) };
}

/** Indices of `times` in ascending order, equal ones as they stand; undefined where they are in order already. */
function sortedIndices(times: Float64Array): Uint32Array | undefined {
  const count = times.length;
  // Where each ascending run starts, and the end of the last one.
  let runs: number[] = [0];
  for (let i = 1; i < count; i++) if (times[i]! < times[i - 1]!) runs.push(i);
  if (runs.length === 1) return undefined;
  runs.push(count);
  let from = new Uint32Array(count);
  for (let i = 0; i < count; i++) from[i] = i;
  let to = new Uint32Array(count);
  while (runs.length > 2) {
    const merged: number[] = [0];
    for (let r = 0; r + 1 < runs.length; r += 2) {
      const end = runs[r + 2] ?? runs[r + 1]!;
      mergeRuns(times, from, to, runs[r]!, runs[r + 1]!, end);
      merged.push(end);
    }
    runs = merged;
    [from, to] = [to, from];
  }
  return from;
}

/** Merges `from[left..middle)` and `from[middle..end)` into `to[left..end)`; on equal times the left one goes first. */
function mergeRuns(
  times: Float64Array,
  from: Uint32Array,
  to: Uint32Array,
  left: number,
  middle: number,
  end: number,
): void {
  let i = left;
  let j = middle;
  let out = left;
  while (i < middle && j < end) {
    if (times[from[j]!]! < times[from[i]!]!) to[out++] = from[j++]!;
    else to[out++] = from[i++]!;
  }
  while (i < middle) to[out++] = from[i++]!;
  while (j < end) to[out++] = from[j++]!;
}
