import type { KernelCore } from '../core.ts';
import { laneOf, LEG } from '../entries.ts';
import type { ReconciliationState } from '../reconciliation-state.ts';

/** The unmatched entries of reconciliations in order of arrival, those of one record in the order of their lanes. */
export function unmatchedOf(core: KernelCore, states: readonly ReconciliationState[]): Int32Array {
  const { entries, order } = core;
  const slots = new Set(states.map(({ slot }) => slot));
  const found = new Int32Array(slots.size === 0 ? 0 : entries.used);
  let count = 0;
  let isSorted = true;
  let last = -1;
  for (let entry = 0; entry < entries.count && slots.size > 0; entry++) {
    const arrival = entries.arrival(entry);
    const packed = entries.packed(entry);
    if (arrival < 0 || (packed & LEG) !== 0 || !slots.has(laneOf(packed) >>> 1)) continue;
    isSorted &&= arrival > last;
    last = arrival;
    found[count++] = entry;
  }
  const result = found.slice(0, count);
  if (isSorted) return result;
  const placeOf = (entry: number): number => order[laneOf(entries.packed(entry))]!;
  return result.sort((a, b) => entries.arrival(a) - entries.arrival(b) || placeOf(a) - placeOf(b));
}
