import type { Item, Place } from './state.ts';

/**
 * F4: the earliest arrived record of x's lane with the same texts, whose memory has not ended; x itself is remembered
 * for those that come after it. Matched or not makes no difference.
 */
export function findTwin(x: Place, watermark: number): Item | undefined {
  const { definition, twins } = x.reconciliation;
  const given = definition[x.side].duplicates;
  if (given === undefined) return undefined;
  const { record, fields } = x.item;
  const texts = given.map((field) => fields.text(field));
  if (texts.includes('')) return undefined;
  const key = JSON.stringify([x.side, record.account, record.currency, ...texts]);
  const earlier = twins.get(key) ?? [];
  twins.set(key, [...earlier, x.item]);
  return earlier.find(
    (other) =>
      other.record.time >= record.time - definition.retain &&
      watermark <= other.record.time + definition.retain,
  );
}

/** F3: a record that was replaced is no twin of any other. */
export function forgetTwin(twins: Map<string, Item[]>, sequence: number, ordinal: number): void {
  for (const [key, items] of twins) {
    const rest = items.filter((item) => item.sequence !== sequence || item.ordinal !== ordinal);
    if (rest.length < items.length) twins.set(key, rest);
  }
}
