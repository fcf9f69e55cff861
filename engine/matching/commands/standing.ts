import { UNMATCHED } from '../breaks.ts';
import type { KernelCore } from '../core.ts';
import { EXTENDED, pack, UNTRIED } from '../entries.ts';
import type { Matcher } from '../matcher.ts';
import type { ReconciliationState } from '../reconciliation-state.ts';
import { NO_ENTRY } from '../slab.ts';

/**
 * An entry comes to hold the row at hand as a lane wants it, before its rules are tried: it is counted as pending, in no
 * chain, and in no break. It can look for others by its keys, but nobody can find it yet.
 * @param first an entry of the row in an earlier lane of the same pool, or −1
 * @param isLate whether it is counted as one that comes after its own window
 */
export function standIn(
  matcher: Matcher,
  state: ReconciliationState,
  side: number,
  entry: number,
  first: number,
  isLate = false,
): void {
  const { core } = matcher;
  const { blobs, entries, items, reader, row } = core;
  const due = matcher.dueIn(state, side);
  state.slots.compute(reader, row, side);
  const address = blobs.write(reader, state.slots.layouts[side === 0 ? 0 : 1]);
  blobs.free(entries.blob(entry));
  entries.setBlob(entry, address);
  const isExtended = state.extended[side === 0 ? 0 : 1];
  const lane = pack((state.slot << 1) | side, reader.dayPrecise, reader.offsetMinutes);
  entries.setPacked(entry, lane | UNTRIED | (isExtended ? EXTENDED : 0));
  entries.setBreak(entry, NO_ENTRY);
  entries.setEvent(entry, due);
  if (isExtended) {
    items.add(entry, due);
    if (first !== NO_ENTRY) items.link(first, entry);
  }
  for (const [i, chains] of state.chains[side === 0 ? 0 : 1].entries()) {
    const rule = state.rules[i]!;
    // Its break may have to look for others before its turn comes.
    if (rule.kind === 'pair' && rule.look(reader, row, side)) chains.stand(entry, rule.hash);
  }
  state.totals(reader.currency).arrived(side, reader.amount, isLate);
  state.open++;
  core.open++;
}

/** An entry leaves its break without a word; a break without members is forgotten. */
export function leaveSilently({ breaks, groups }: KernelCore, entry: number, broken: number): void {
  if (broken < NO_ENTRY) {
    groups.leaveSilently(broken, entry);
    return;
  }
  if (breaks.joined(broken) === NO_ENTRY) {
    breaks.free(broken);
    return;
  }
  if (breaks.owner(broken) === entry) breaks.succeed(broken);
  else breaks.leave(broken);
  breaks.setKind(broken, UNMATCHED);
}
