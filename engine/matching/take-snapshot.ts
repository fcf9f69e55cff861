import { encode } from '@msgpack/msgpack';
import type { KernelSnapshot } from './kernel-types.ts';
import type { BreakNote } from './breaks.ts';
import type { Commander, CommandsState } from './commands/commander.ts';
import type { KernelCore } from './core.ts';
import type { GroupsHeader } from './groups/group-snapshot.ts';
import type { DueState } from './due-events.ts';
import type { Matcher } from './matcher.ts';
import type { Replacing, ReplacingState } from './replacing/replacing.ts';
import type { RowReader } from './row-reader.ts';
import type { RulesInForce } from './rules-in-force.ts';
import type { SeenSet } from './seen-set.ts';
import type { SourceState, SourceWatermark } from './source-watermark.ts';
import type { Twin, TwinState } from './twins.ts';

/** Layout of snapshots. Another one cannot be read: increase it with every change of what lies in a block. */
export const SNAPSHOT_VERSION = 5;

/** Chunk, page and address numbers of a slab. */
interface SlabState {
  readonly count: number;
  readonly firstFree: number;
  readonly free: number;
}

/** The first block of a snapshot: everything that is no large array, and how the other blocks are to be read. */
export interface SnapshotHeader {
  readonly watermark: number;
  readonly logTime: number;
  readonly sources: readonly SourceState[];
  readonly rules: { readonly json: string; readonly hash: string } | null;
  readonly counters: { readonly [name: string]: number | string };
  readonly commands: CommandsState;
  readonly replacing: ReplacingState;
  readonly findings: number;
  readonly refusals: number;
  readonly seenBucket: number;
  /** Interned strings in order of their numbers. */
  readonly sourceNames: readonly string[];
  readonly accounts: readonly string[];
  readonly currencies: readonly string[];
  readonly names: readonly string[];
  /** What only some breaks, and some entries, have, by their numbers. */
  readonly breakNotes: readonly (readonly [number, BreakNote])[];
  readonly twins: readonly (readonly [number, Twin])[];
  readonly states: readonly StateHeader[];
  readonly entries: SlabState;
  readonly breaks: SlabState;
  readonly wheelNow: number;
  readonly due: DueState;
  readonly arenaPages: number;
  readonly arenaFreePages: readonly number[];
  /** Places of large blobs that are empty. */
  readonly arenaNoLarge: readonly number[];
  readonly groups: GroupsHeader;
  /** Blocks of each kind, in their order; those of groups come last and are counted by their own header. */
  readonly blocks: BlockCounts;
}

export interface StateHeader {
  readonly name: string;
  readonly slot: number;
  readonly open: number;
  readonly totals: readonly {
    readonly currency: number;
    readonly numbers: Uint8Array;
    readonly ageing: readonly number[];
  }[];
  /** By side: the earlier records that a later one may repeat. */
  readonly twins: readonly TwinState[];
}

interface BlockCounts {
  readonly entries: number;
  readonly breaks: number;
  readonly arena: number;
  readonly large: number;
  /** Per further rule. */
  readonly links: readonly number[];
  readonly items: number;
  readonly heap: number;
}

/** The parts of a kernel that a snapshot is taken of. */
export interface KernelParts {
  readonly reader: RowReader;
  readonly core: KernelCore;
  readonly matcher: Matcher;
  readonly sources: SourceWatermark;
  readonly counters: object;
  readonly commander: Commander;
  readonly replacing: Replacing;
  readonly seen: SeenSet;
  readonly rules: RulesInForce | undefined;
}

/**
 * The kernel's state as blocks. All but the first are views of the kernel's own memory: they must be written, or
 * copied, before the kernel takes its next message, and never transferred to another thread.
 */
export function takeSnapshot(kernel: KernelParts): KernelSnapshot {
  const { core, reader, sources, rules } = kernel;
  const entries = core.entries.blocks();
  const breaks = core.breaks.blocks();
  const arena = core.blobs.arena.state();
  const large = arena.large.map((block) => block ?? new Uint8Array(0));
  const links = core.furtherLinks.map((each) => each.blocks());
  const items = core.items.blocks();
  const groups = core.groups.snapshot();
  const wheel = core.wheel.state();
  const header: SnapshotHeader = {
    watermark: core.watermark,
    logTime: sources.logTime,
    sources: sources.state(),
    rules: rules === undefined ? null : { json: rules.json, hash: rules.hash },
    counters: { ...kernel.counters },
    commands: kernel.commander.state(),
    replacing: kernel.replacing.state(kernel.seen.bucket),
    findings: core.emitter.findings,
    refusals: core.emitter.refusals,
    seenBucket: kernel.seen.bucket,
    sourceNames: reader.sources.texts(),
    accounts: reader.accounts.texts(),
    currencies: reader.currencies.texts(),
    names: reader.names.texts(),
    breakNotes: [...core.breaks.notes],
    twins: [...core.twins],
    states: (rules?.reconciliations ?? []).map((state) => ({
      name: state.definition.name,
      slot: state.slot,
      open: state.open,
      totals: state.allTotals().map((each) => {
        const { currency, numbers, ageing } = each.state();
        return { currency, numbers: bytesOf(numbers), ageing };
      }),
      twins: state.twins.map((each) => each?.state() ?? []),
    })),
    entries: core.entries.state(),
    breaks: core.breaks.state(),
    wheelNow: wheel.now,
    due: kernel.matcher.due.state(),
    arenaPages: arena.pageCount,
    arenaFreePages: arena.freePages,
    arenaNoLarge: arena.large.flatMap((block, i) => (block === null ? [i] : [])),
    groups: groups.header,
    blocks: {
      entries: entries.length,
      breaks: breaks.length,
      arena: arena.chunks.length,
      large: large.length,
      links: links.map((blocks) => blocks.length),
      items: items.length,
      heap: wheel.heap.length,
    },
  };
  return {
    version: SNAPSHOT_VERSION,
    blocks: [
      encode(header),
      bytesOf(arena.pages),
      bytesOf(wheel.heads),
      ...wheel.heap.map(bytesOf),
      ...entries,
      ...breaks,
      ...arena.chunks,
      ...large,
      ...links.flat(),
      ...items,
      ...groups.blocks,
    ],
    seen: kernel.seen.buckets(),
  };
}

function bytesOf(array: Int32Array | Float64Array): Uint8Array {
  return new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
}
