import type { Why } from '../../domain/index.ts';
import type { BreakBody } from '../breaks.ts';
import type { GroupBreakNote } from './break-sayings.ts';
import type { GroupBreaking } from './group-breaking.ts';
import type { ReconciliationState } from '../reconciliation-state.ts';
import { DETACHED, HASH } from './group-slab.ts';
import type { GroupStore } from './group-store.ts';

interface SlabState {
  readonly count: number;
  readonly firstFree: number;
  readonly free: number;
}

/** What a snapshot's header keeps of groups; the rest lies in blocks. */
export interface GroupsHeader {
  readonly groups: SlabState;
  readonly breaks: SlabState;
  /** Blocks of each kind, in their order. */
  readonly blocks: {
    readonly groups: number;
    readonly breaks: number;
    /** Per rule. */
    readonly links: readonly number[];
    readonly breakLinks: number;
  };
  /** Per group that is found by texts: its keys. */
  readonly texts: readonly (readonly [number, readonly string[]])[];
  readonly rates: readonly (readonly [number, string])[];
  /** Exact fees, as decimal texts. */
  readonly exact: readonly (readonly [number, readonly string[]])[];
  readonly notes: readonly (readonly [number, NoteHeader])[];
  /** Per group a leg of whose match was replaced: the entry that keeps its key. */
  readonly keys: readonly (readonly [number, number])[];
}

/** A note as it is decoded: null where there is nothing. */
interface NoteHeader {
  readonly reason: string;
  readonly unbound: {
    readonly why: Why;
    readonly currency: string;
    readonly leftCurrency: string | null;
    readonly isResidual: boolean;
  } | null;
  readonly told: BreakBody | null;
}

/** The state of groups and their breaks: a header, and views of the memory itself. */
export function takeGroups(
  store: GroupStore,
  breaking: GroupBreaking,
): { readonly header: GroupsHeader; readonly blocks: readonly Uint8Array[] } {
  const groups = store.slab.blocks();
  const breaks = breaking.breaks.blocks();
  const links = store.allLists.map((lists) => lists.links.blocks());
  const breakLinks = breaking.members.lists.links.blocks();
  const header: GroupsHeader = {
    groups: store.slab.state(),
    breaks: breaking.breaks.state(),
    blocks: {
      groups: groups.length,
      breaks: breaks.length,
      links: links.map((blocks) => blocks.length),
      breakLinks: breakLinks.length,
    },
    texts: [...store.texts],
    rates: store.rates.all(),
    exact: [...store.exact].map(([group, sums]) => [group, sums.map((sum) => String(sum))]),
    notes: [...breaking.notes].map(([number, note]) => [number, noteHeader(note)]),
    keys: [...store.memory.keys],
  };
  return { header, blocks: [...groups, ...breaks, ...links.flat(), ...breakLinks] };
}

/**
 * Fills empty groups with what {@link takeGroups} gave; they can be found once the rules are in force again.
 * @param take gives the next blocks
 * @returns false when a block has a wrong size
 */
export function restoreGroups(
  store: GroupStore,
  breaking: GroupBreaking,
  header: GroupsHeader,
  take: (count: number) => readonly Uint8Array[],
): boolean {
  store.slab.restore(header.groups, take(header.blocks.groups));
  breaking.breaks.restore(header.breaks, take(header.blocks.breaks));
  for (const [rule, count] of header.blocks.links.entries()) {
    if (!store.lists(rule).links.restore(take(count))) return false;
  }
  if (!breaking.members.lists.links.restore(take(header.blocks.breakLinks))) return false;
  for (const [group, texts] of header.texts) store.texts.set(group, [...texts]);
  for (const [group, rate] of header.rates) store.rates.set(group, rate);
  for (const [group, sums] of header.exact) {
    const [left, right, leftLegs, rightLegs] = sums.map((sum) => BigInt(sum));
    store.exact.set(group, [left!, right!, leftLegs!, rightLegs!]);
  }
  for (const [group, entry] of header.keys) store.memory.keys.set(group, entry);
  for (const [number, { reason, unbound, told }] of header.notes) {
    breaking.notes.set(number, {
      reason,
      unbound: unbound === null ? undefined : { ...unbound, leftCurrency: unbound.leftCurrency ?? undefined },
      told: told === null ? undefined : { ...told, leftCurrency: told.leftCurrency ?? undefined },
    });
  }
  return true;
}

/** Makes the indexes, which no snapshot keeps, from the groups. @param states the reconciliations by slot */
export function reindexGroups(store: GroupStore, states: readonly (ReconciliationState | undefined)[]): void {
  const { slab } = store;
  for (let group = 0; group < slab.count; group++) {
    if (!slab.isUsed(group) || slab.int(group, DETACHED) === 1) continue;
    const own = store.of(states[slab.slot(group)]!);
    const rule = slab.rule(group);
    const texts = store.texts.get(group);
    if (texts === undefined) own.indexes[rule]!.insert(slab.int(group, HASH), group);
    else for (const key of texts) own.byText[rule]!.set(key, group);
  }
}

function noteHeader({ reason, unbound, told }: GroupBreakNote): NoteHeader {
  return {
    reason,
    unbound: unbound === undefined ? null : { ...unbound, leftCurrency: unbound.leftCurrency ?? null },
    told: told ?? null,
  };
}
