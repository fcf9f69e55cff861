import { NO_ENTRY } from '../slab.ts';
import { FIRST, LAST } from './group-slab.ts';
import type { GroupStore } from './group-store.ts';
import type { StateGroups } from './state-groups.ts';

/** Members, keys and break of a group come to another. Only a partial rule may have matched them; the other's match is lost. */
export function uniteGroups(store: GroupStore, own: StateGroups, group: number, other: number): void {
  const { slab } = store;
  const rule = own.rules[slab.rule(group)]!;
  const lists = store.lists(rule.index);
  const { links } = lists;
  for (let side = 0; side < 2; side++) {
    let entry = slab.int(other, FIRST + side);
    while (entry !== NO_ENTRY) {
      const next = links.next(entry);
      links.setOwner(entry, group);
      // What a partial rule has allocated of it stays with the match that it loses.
      if (rule.partial) links.losePart(entry);
      lists.insert(group, FIRST + side, LAST + side, entry);
      entry = next;
    }
  }
  slab.addAll(group, other);
  if (slab.isMatched(other)) store.memory.freeLegs(other);
  for (const key of store.texts.get(other)!) store.addText(own, group, key);
  const exact = store.exact.get(other);
  if (exact !== undefined) {
    const sums = store.exactOf(group);
    for (const [i, sum] of exact.entries()) sums[i]! += sum;
  }
  store.onUnite(own, group, other);
  store.texts.delete(other);
  store.exact.delete(other);
  slab.free(other);
}
