import { decode } from '@msgpack/msgpack';
import type { RuleSet } from '../domain/index.ts';
import { CounterfoilError } from '../domain/index.ts';
import { Calendars } from '../rules/index.ts';
import { Arena } from './arena.ts';
import { Blobs } from './blobs.ts';
import { laneOf, LEG } from './entries.ts';
import { PartitionKernel } from './kernel.ts';
import type { Kernel, KernelOptions, KernelSnapshot } from './kernel-types.ts';
import type { KernelCore } from './core.ts';
import type { ReconciliationState } from './reconciliation-state.ts';
import { RowReader } from './row-reader.ts';
import { RulesInForce } from './rules-in-force.ts';
import { SeenSet } from './seen-set.ts';
import { NO_ENTRY } from './slab.ts';
import { SNAPSHOT_VERSION, type SnapshotHeader, type StateHeader } from './take-snapshot.ts';

/**
 * A kernel as it was when `snapshot` was taken; the blocks are copied.
 * @param seen the bytes of every seen bucket that the snapshot counts, each bucket's in order
 * @throws CounterfoilError `checkpointUnreadable` when the version or a size does not fit
 */
export function restoreKernel(
  options: KernelOptions,
  snapshot: KernelSnapshot,
  seen: Iterable<{ readonly bucket: number; readonly bytes: Uint8Array }>,
): Kernel {
  if (snapshot.version !== SNAPSHOT_VERSION) {
    throw unreadable(
      `it has layout ${snapshot.version} and this version reads layout ${SNAPSHOT_VERSION}; start the version that wrote it`,
    );
  }
  const [first, ...blocks] = snapshot.blocks;
  const header = readHeader(first);
  const source = new BlockTaker(blocks);
  const [pages, heads] = source.take(2).map(wordsOf) as [Int32Array, Int32Array];
  const heap = source.take(header.blocks.heap).map(wordsOf);
  const entries = source.take(header.blocks.entries);
  const breaks = source.take(header.blocks.breaks);
  const noLarge = new Set(header.arenaNoLarge);
  const arena = Arena.restore({
    chunks: source.take(header.blocks.arena).map((block) => block.slice()),
    large: source.take(header.blocks.large).map((block, i) => (noLarge.has(i) ? null : block.slice())),
    pages,
    pageCount: header.arenaPages,
    freePages: header.arenaFreePages,
  });
  const links = header.blocks.links.map((count) => source.take(count));
  const items = source.take(header.blocks.items);

  const reader = new RowReader();
  for (const text of header.sourceNames) reader.sources.internText(text);
  for (const text of header.accounts) reader.accounts.internText(text);
  for (const text of header.currencies) reader.currencies.internText(text);
  for (const text of header.names) reader.names.internText(text);
  const kernel = new PartitionKernel(options, reader, new Blobs(arena));
  const { core } = kernel;
  core.entries.restore(header.entries, entries);
  core.breaks.restore(header.breaks, breaks);
  for (const [i, each] of links.entries()) {
    if (!core.furtherLinksOf(i + 1).restore(each)) throw unreadable('a block of links has a wrong size');
  }
  if (!core.items.restore(items)) throw unreadable('a block of items has a wrong size');
  if (!core.groups.restore(header.groups, (count) => source.take(count)))
    throw unreadable('a block of groups has a wrong size');
  if (source.left > 0) throw unreadable('it has more blocks than its header counts');
  for (const [broken, note] of header.breakNotes) core.breaks.notes.set(broken, note);
  for (const [entry, twin] of header.twins) core.twins.set(entry, twin);
  if (!core.wheel.restore({ now: header.wheelNow, heads, heap })) {
    throw unreadable('its timing wheel has a wrong size');
  }
  core.watermark = header.watermark;
  kernel.matcher.due.restore(header.due);
  core.emitter.findings = header.findings;
  core.emitter.refusals = header.refusals;
  Object.assign(kernel.counters, header.counters);
  kernel.commander.restore(header.commands);
  if (header.rules !== null) restoreRules(kernel, header, header.rules);
  kernel.sources.restore(header.watermark, header.logTime, header.sources);
  if (!kernel.replacing.restore(header.replacing))
    throw unreadable('its memory of versions has a wrong size');
  kernel.intake.seen = SeenSet.restore(header.seenBucket, snapshot.seen, seen);
  return kernel;
}

function restoreRules(
  kernel: PartitionKernel,
  header: SnapshotHeader,
  { json, hash }: { json: string; hash: string },
): void {
  const { core } = kernel;
  const set = JSON.parse(json) as RuleSet;
  const slots = new Map(header.states.map((state) => [state.name, state.slot]));
  const prepared = RulesInForce.prepare(set, json, hash, undefined, core, slots);
  if (typeof prepared === 'string') throw unreadable(`its rules are refused: ${prepared}`);
  const { rules } = prepared;
  prepared.enact();
  kernel.rules = rules;
  kernel.sources.setSources(set.sources, set.maxAhead, new Calendars(set.calendars));
  kernel.replacing.setSources(set.sources);
  for (const state of rules.reconciliations) {
    const saved = header.states.find((each) => each.slot === state.slot);
    if (saved === undefined) throw unreadable(`reconciliation "${state.definition.name}" is missing in it`);
    restoreState(core, state, saved);
  }
  restoreChains(core);
  core.groups.reindex();
}

function restoreState(core: KernelCore, state: ReconciliationState, saved: StateHeader): void {
  for (const [side, twins] of state.twins.entries()) twins?.restore(saved.twins[side] ?? []);
  state.open = saved.open;
  core.open += saved.open;
  for (const totals of saved.totals) {
    const numbers = new Float64Array(totals.numbers.slice().buffer);
    if (!state.totals(totals.currency).restore({ ...totals, numbers })) {
      throw unreadable(`the totals of reconciliation "${state.definition.name}" have a wrong size`);
    }
  }
}

/** The indexes are not in the snapshot: they are made from the chains. Entries that are in no chain have next −1. */
function restoreChains(core: KernelCore): void {
  const { entries } = core;
  for (let entry = 0; entry < entries.count; entry++) {
    const packed = entries.packed(entry);
    const state = core.states[laneOf(packed) >>> 1];
    if (state === undefined || (packed & LEG) !== 0) continue;
    const chains = state.chains[(packed & 1) === 0 ? 0 : 1];
    if (chains.length === 1 && entries.chainNext(entry) === NO_ENTRY) continue;
    for (const each of chains) each.restore(entry);
  }
}

function readHeader(block: Uint8Array | undefined): SnapshotHeader {
  try {
    return decode(block ?? new Uint8Array(0)) as SnapshotHeader;
  } catch (cause) {
    throw unreadable(`its header cannot be decoded (${(cause as Error).message})`);
  }
}

/** Hands out blocks in order. */
class BlockTaker {
  readonly #blocks: readonly Uint8Array[];
  #at = 0;

  constructor(blocks: readonly Uint8Array[]) {
    this.#blocks = blocks;
  }

  get left(): number {
    return this.#blocks.length - this.#at;
  }

  take(count: number): readonly Uint8Array[] {
    if (count > this.left) throw unreadable('it has fewer blocks than its header counts');
    this.#at += count;
    return this.#blocks.slice(this.#at - count, this.#at);
  }
}

function wordsOf(block: Uint8Array): Int32Array {
  if (block.length % 4 !== 0) throw unreadable('a block has a wrong size');
  return new Int32Array(block.slice().buffer);
}

function unreadable(why: string): CounterfoilError {
  return new CounterfoilError(
    'checkpointUnreadable',
    `the checkpoint cannot be restored: ${why}, or remove the checkpoint to replay the log`,
  );
}
