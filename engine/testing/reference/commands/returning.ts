import type { CarriedRecord, MoneyRecord, Side } from '../../../domain/index.ts';
import { fieldsOf } from '../../../rules/index.ts';
import { placeIn } from '../breaks.ts';
import type { Partition } from '../partition.ts';
import type { ReferenceReconciliation } from '../reconciliation.ts';
import type { Item, Place } from '../state.ts';

/** A record that a command brings back, in the lane that it says. */
export interface Returning {
  readonly item: Item;
  readonly place: Place;
}

/** E3, E4: the records that a command carries, ready to come back. */
export function returning(
  partition: Partition,
  reconciliation: ReferenceReconciliation,
  carried: readonly { readonly side: Side; readonly record: CarriedRecord }[],
): Returning[] | string {
  const found: Returning[] = [];
  const sorted = [...carried.filter((x) => x.side === 'left'), ...carried.filter((x) => x.side === 'right')];
  for (const { side, record } of sorted) {
    const { sequence, ordinal } = record;
    const name = `${record.source} ${record.id}`;
    const money = recordOf(record);
    if (reconciliation.sideOf(money, fieldsOf(money)) !== side)
      return `${name} is no ${side} record of "${reconciliation.name}"`;
    const pool = reconciliation.pool(side);
    if (partition.itemsAt(sequence, ordinal).some((item) => item.pool === pool))
      return `${name} is open already`;
    if (found.some(({ item }) => item.sequence === sequence && item.ordinal === ordinal))
      return `${name} is listed twice`;
    const item = partition.itemsOf(money, sequence, ordinal).find((each) => each.pool === pool)!;
    found.push({ item, place: placeIn(item, reconciliation)! });
  }
  return found;
}

/** The records are pending in all lanes of their items again; no rule is tried. */
export function comeBack(partition: Partition, records: readonly Returning[]): void {
  for (const { item } of records) {
    for (const place of item.places) partition.keep(place, place.reconciliation.rules);
  }
}

/** A record as it was before a command carried it. */
function recordOf(carried: CarriedRecord): MoneyRecord {
  const { amount, fee, tax, original, groupTotal, ...rest } = carried;
  const absent = ['sequence', 'ordinal'];
  const plain = Object.entries(rest).filter(([name, value]) => value !== undefined && !absent.includes(name));
  return {
    ...(Object.fromEntries(plain) as unknown as Omit<MoneyRecord, 'amount' | 'fee' | 'tax'>),
    amount: BigInt(amount),
    fee: BigInt(fee),
    tax: BigInt(tax),
    ...(original === undefined
      ? {}
      : { original: { amount: BigInt(original.amount), currency: original.currency } }),
    ...(groupTotal === undefined ? {} : { groupTotal: BigInt(groupTotal) }),
  };
}
