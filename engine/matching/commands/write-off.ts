import type { Command } from '../../domain/index.ts';
import type { Released } from '../consuming.ts';
import { CONSUMED, EXTENDED } from '../entries.ts';
import type { Matcher } from '../matcher.ts';
import type { ReconciliationState } from '../reconciliation-state.ts';
import { NO_ENTRY } from '../slab.ts';
import { pointedRecords } from './pointed-records.ts';

/** What a `writeOff` command would close; or why it may not, in one line. */
export function planWriteOff(
  { core }: Matcher,
  state: ReconciliationState,
  command: Extract<Command, { kind: 'writeOff' }>,
): readonly number[] | string {
  const records = pointedRecords(core, state, command.records);
  if (typeof records === 'string') return records;
  const { blobs, entries } = core;
  for (const entry of records) {
    if (blobs.account(entries.blob(entry)) !== blobs.account(entries.blob(records[0]!)))
      return 'the records are of different accounts';
    if (core.currency(entry) !== core.currency(records[0]!)) return 'the records are of different currencies';
    if (core.groups.hasAllocation(entry)) return 'part of a record is matched already';
  }
  return records;
}

/**
 * Records leave memory without a counterpart. Each shows in a break of state `writtenOff`: the one it was in, where that
 * ends with it, else one of its own.
 */
export function writeOff(matcher: Matcher, state: ReconciliationState, records: readonly number[]): void {
  const { core, counting, consuming } = matcher;
  const dues = records.map((entry) => dueOf(matcher, entry));
  for (const entry of records) {
    core.flagItem(entry, CONSUMED);
    counting.writtenOff(entry);
  }
  for (const entry of records) consuming.leaveLanes(entry);
  const released: Released[] = [];
  const ended = new Map<number, boolean>();
  for (const [i, entry] of records.entries()) {
    const broken = core.entries.break(entry);
    if (broken !== NO_ENTRY && !ended.has(broken)) ended.set(broken, leaveBreak(matcher, broken, released));
    if (ended.get(broken) !== true) breakOfItsOwn(matcher, state, entry, dues[i]!);
  }
  for (const entry of records) consuming.letGo(entry);
  consuming.settle(released);
}

/** When a record is or was due: what is said of it is kept by its break once it has expired. */
function dueOf({ core }: Matcher, entry: number): number {
  const broken = core.entries.break(entry);
  if (broken < 0 || (core.entries.packed(entry) & EXTENDED) !== 0) return core.due(entry);
  return core.breaks.joined(broken) === entry ? core.breaks.joinedDue(broken) : core.breaks.ownerDue(broken);
}

/** The flagged members of a break leave it. @returns whether it ended with them, written off */
function leaveBreak({ core, counting, breaking }: Matcher, broken: number, released: Released[]): boolean {
  if (broken < NO_ENTRY) return core.groups.writeOff(broken);
  const { breaks, entries, emitter } = core;
  const owner = breaks.owner(broken);
  const joined = breaks.joined(broken);
  const state = core.stateOf(owner);
  if ((entries.packed(owner) & CONSUMED) === 0) {
    breaking.withoutJoined(state, broken);
    return false;
  }
  counting.breakChanged(state, broken, -1);
  breaks.nextVersion(broken);
  emitter.ended(state, broken, 'writtenOff');
  const due = breaks.joinedDue(broken);
  breaks.free(broken);
  if (joined !== NO_ENTRY && (entries.packed(joined) & CONSUMED) === 0) {
    counting.released(joined);
    released.push({ entry: joined, due });
  }
  return true;
}

function breakOfItsOwn({ core }: Matcher, state: ReconciliationState, entry: number, dueTime: number): void {
  const { blobs, entries, emitter, reader } = core;
  const blob = entries.blob(entry);
  emitter.breakVersion(state, {
    breakSequence: emitter.sequence,
    breakN: emitter.n,
    version: 1,
    state: 'writtenOff',
    kind: 'unmatched',
    account: reader.accounts.text(blobs.account(blob)),
    currency: reader.currencies.text(blobs.currency(blob)),
    members: emitter.recordsOf([entry]),
    amount: entries.amount(entry),
    dueTime,
    why: { rule: state.rules[0]!.name, condition: 'noCounterpart' },
    reason: '',
  });
}
