import type { RecordPointer } from '../../../domain/index.ts';
import type { Partition } from '../partition.ts';
import type { ReferenceReconciliation } from '../reconciliation.ts';
import type { Place } from '../state.ts';

/** E1: the open records that pointers name, of one account and currency; or why they are not. */
export function openRecords(
  partition: Partition,
  reconciliation: ReferenceReconciliation,
  pointers: readonly RecordPointer[],
): Place[] | string {
  const places: Place[] = [];
  for (const pointer of pointers) {
    const place = findOpen(partition, reconciliation, pointer);
    if (place === undefined) return `${pointer.source} ${pointer.id} is not open in "${reconciliation.name}"`;
    if (places.includes(place)) return `${pointer.source} ${pointer.id} is listed twice`;
    if (place.item.partly !== undefined) return `${pointer.source} ${pointer.id} is matched in part`;
    places.push(place);
  }
  const { account, currency } = places[0]!.item.record;
  if (places.some((x) => x.item.record.account !== account)) return 'the accounts differ';
  if (places.some((x) => x.item.record.currency !== currency)) return 'the currencies differ';
  return places;
}

/** Where a record that a pointer names is open in a reconciliation, if it is. */
export function findOpen(
  partition: Partition,
  reconciliation: ReferenceReconciliation,
  pointer: RecordPointer,
): Place | undefined {
  return partition
    .itemsAt(pointer.sequence, pointer.ordinal)
    .filter((item) => item.record.source === pointer.source && item.record.id === pointer.id)
    .flatMap((item) => item.places)
    .find((place) => place.reconciliation === reconciliation && place.kept);
}
