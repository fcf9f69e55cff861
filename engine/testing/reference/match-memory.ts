import { DAY_MS } from '../../domain/index.ts';
import { isRemembered } from './groups.ts';
import type { Partition } from './partition.ts';
import type { Item, MadeMatch, Place, Position } from './state.ts';

/** How long a 1:1 match, or a record that may be replaced, is remembered in event time. */
export const REPLACEABLE_FOR: number = 366 * DAY_MS;

/** The matches that a command may undo, and whose legs may be replaced (F3). */
export class MatchMemory {
  readonly #partition: Partition;
  /** By place of the leg in the log and pool. */
  readonly #matches = new Map<string, MadeMatch>();

  constructor(partition: Partition) {
    this.#partition = partition;
  }

  remember(made: MadeMatch): void {
    for (const { item } of made.legs) this.#matches.set(keyOf(item), made);
  }

  /** F3: the match that took an item, with its leg, if that may still be replaced; nothing of what is matched in parts is. */
  find(item: Pick<Item, 'sequence' | 'ordinal' | 'pool'>): { made: MadeMatch; leg: Place } | undefined {
    const made = this.#matches.get(keyOf(item));
    const leg = made?.legs.find((each) => keyOf(each.item) === keyOf(item));
    if (made === undefined || leg === undefined || made.allocated !== undefined) return undefined;
    const isKept =
      made.group === undefined
        ? this.#partition.watermark <= leg.item.record.time + REPLACEABLE_FOR
        : isRemembered(this.#partition, made.group);
    return isKept ? { made, leg } : undefined;
  }

  /** E3: a match that was undone, or whose definition has changed, is nothing to replace a leg of. */
  forget(isMeant: (made: MadeMatch) => boolean): void {
    for (const [key, made] of this.#matches) if (isMeant(made)) this.#matches.delete(key);
  }
}

export function isMatchAt(position: Position): (made: MadeMatch) => boolean {
  return (made) => made.sequence === position.sequence && made.n === position.n;
}

function keyOf(item: Pick<Item, 'sequence' | 'ordinal' | 'pool'>): string {
  return JSON.stringify([item.sequence, item.ordinal, item.pool]);
}
