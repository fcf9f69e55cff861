import { notUnmatched, type RecordPointer } from '../../domain/index.ts';
import { durationText } from '../../rules/index.ts';
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
    const { source, id } = pointers[place]!;
    const record = entry === NO_ENTRY ? undefined : core.left.to(entry);
    if (record?.text('id') !== id || record.text('source') !== source) {
      return forgotten(pointers[place]!, state);
    }
  }
  return entries;
}

/**
 * What became of a record that is not unmatched in memory is for the store to say: the kernel has forgotten most of what
 * was matched, all that was written off, and what broke so long ago that nothing can match it any more.
 */
function forgotten(record: RecordPointer, { definition }: ReconciliationState): string {
  const { name, left, right, retain } = definition;
  const says = `${notUnmatched(record)} in reconciliation "${name}"`;
  if (![...left.sources, ...right.sources].includes(record.source))
    return `${says}, which does not take its source`;
  return (
    `${says}: it was matched or written off, is selected by neither side, ` +
    `or its break is past retain, ${durationText(retain)} after it was due`
  );
}

/** The first place whose number stands earlier in the list too, or −1. */
export function firstRepeated(numbers: readonly number[]): number {
  const seen = new Set<number>();
  return numbers.findIndex((number) => seen.size === seen.add(number).size);
}
