import type { MoneyRecord, Side } from '../../domain/index.ts';
import { anchorOf, fieldsOf } from '../../rules/index.ts';
import type { ReferenceReconciliation } from './reconciliation.ts';
import type { Item, Place } from './state.ts';
import { windowEnd } from './windows.ts';

/** A record in a pool, without a place in any lane. */
export function newItem(record: MoneyRecord, sequence: number, ordinal: number, pool: string): Item {
  return {
    record,
    fields: fieldsOf(record),
    sequence,
    ordinal,
    pool,
    places: [],
    due: -Infinity,
    inMemory: false,
    consumed: false,
    event: undefined,
    holds: new Set(),
    broken: undefined,
    refusedBy: new Set(),
    partly: undefined,
  };
}

/** Gives an item a place in a lane, in which it does not yet stand. B3: the item is due when the last of its lanes is. */
export function addPlace(
  item: Item,
  reconciliation: ReferenceReconciliation,
  side: Side,
  watermark: number,
): Place {
  const { definition, rules } = reconciliation;
  const { record, fields } = item;
  const anchor = anchorOf(fields, definition[side].at);
  const end = windowEnd(anchor, fields, side, definition.window);
  const place: Place = {
    item,
    reconciliation,
    side,
    anchor,
    windowEnd: end,
    // §3.8: one that comes after its own window waits until the watermark of its arrival, plus grace.
    due: Math.max(end, watermark) + definition.window.grace,
    keys: rules.map((rule) => rule.keysOf(record, fields, side)),
    kept: false,
    chains: new Set(),
    groups: new Map(),
    held: new Map(),
    rest: undefined,
    twin: undefined,
  };
  item.places.push(place);
  item.due = Math.max(item.due, place.due);
  return place;
}
