import type { RecordPointer } from '../../domain/index.ts';
import type { KernelCore } from '../core.ts';
import { LEG, ORDINALS } from '../entries.ts';
import type { ReconciliationState } from '../reconciliation-state.ts';
import { NO_ENTRY } from '../slab.ts';
import { findEntries } from './find-entries.ts';

/** Place of a record in the log as one number. */
export function arrivalOf(record: { readonly sequence: number; readonly ordinal: number }): number {
  return record.sequence * ORDINALS + record.ordinal;
}

/** Whether an entry is an unmatched record in memory: neither remembered as a leg, nor for a break alone. */
export function isUnmatched(core: KernelCore, entry: number): boolean {
  return (core.entries.packed(entry) & LEG) === 0;
}

/**
 * The unmatched records of a reconciliation that a command points at, in its order; or why one of them is none, in one
 * line.
 */
export function pointedRecords(
  core: KernelCore,
  state: ReconciliationState,
  pointers: readonly RecordPointer[],
): readonly number[] | string {
  const arrivals = pointers.map((pointer) => arrivalOf(pointer));
  const entries = new Array<number>(pointers.length).fill(NO_ENTRY);
  const twice = firstRepeated(arrivals);
  if (twice >= 0) return `record "${pointers[twice]!.id}" is listed twice`;
  findEntries(core.entries, arrivals, (place, entry) => {
    if (isUnmatched(core, entry) && core.stateOf(entry) === state) entries[place] = entry;
  });
  for (const [place, entry] of entries.entries()) {
    const { source, id, sequence, ordinal } = pointers[place]!;
    const record = entry === NO_ENTRY ? undefined : core.left.to(entry);
    if (record?.text('id') !== id || record.text('source') !== source) {
      return `record "${id}" of source "${source}" at ${sequence}-${ordinal} is not unmatched in reconciliation "${state.definition.name}"`;
    }
  }
  return entries;
}

/** The first place whose number stands earlier in the list too, or −1. */
export function firstRepeated(numbers: readonly number[]): number {
  const seen = new Set<number>();
  return numbers.findIndex((number) => seen.size === seen.add(number).size);
}
