import { difference, sumOfAmounts } from '../amounts.ts';
import { forgetMatch } from '../groups.ts';
import { settleAmended } from '../matches.ts';
import { isMatchAt } from '../match-memory.ts';
import type { Partition } from '../partition.ts';
import type { ReferenceReconciliation } from '../reconciliation.ts';
import { bySideAndArrival, type Position } from '../state.ts';
import { emitByHand } from './match-by-hand.ts';
import { comeBack, returning } from './returning.ts';
import type { CommandOf, Verdict } from './verdict.ts';

/** E3: a version of a match is undone, its records are open again, and no rule may tie them again. */
export function judgeUnmatch(
  partition: Partition,
  reconciliation: ReferenceReconciliation,
  command: CommandOf<'unmatch'>,
): Verdict {
  if (partition.bars.wasUndone(command.match, command.version)) return { refused: 'it was undone before' };
  const records = returning(partition, reconciliation, command.records);
  if (typeof records === 'string') return { refused: records };
  const carryOut = (): void => {
    forgetMatchAt(partition, reconciliation, command.match);
    const legs = records.map(({ place }) => place).sort(bySideAndArrival);
    const apart = difference(
      sumOfAmounts(legs.filter((x) => x.side === 'left')),
      sumOfAmounts(legs.filter((x) => x.side === 'right')),
    );
    emitByHand(partition, reconciliation, legs, {
      ...partition.emitter.next(),
      state: 'unmatched',
      match: command.match,
      version: command.version + 1,
      rule: command.rule,
      difference: apart,
      causes: apart === 0 ? {} : { tolerance: apart },
    });
    // F3: what an amendment broke is no break any more: its record is open again.
    settleAmended(partition, reconciliation, command.match);
    const items = legs.map((leg) => leg.item);
    partition.bars.add(reconciliation.name, command.match, command.version, items);
    comeBack(partition, records);
  };
  return { done: `${records.length} records are open again`, carryOut };
}

function forgetMatchAt(partition: Partition, reconciliation: ReferenceReconciliation, match: Position): void {
  partition.matches.forget(isMatchAt(match));
  for (const group of new Set(reconciliation.groups.values())) {
    if (group.match !== undefined && isMatchAt(match)(group.match)) forgetMatch(group);
  }
}

/** E4: a bar is taken away, or records that were written off come back. */
export function judgeReopen(
  partition: Partition,
  reconciliation: ReferenceReconciliation,
  command: CommandOf<'reopen'>,
): Verdict {
  const { match } = command;
  if (match === undefined && command.records === undefined)
    return { refused: 'it names neither a match nor records' };
  if (match !== undefined && !partition.bars.names(reconciliation.name, match))
    return { refused: 'the legs of that match are not barred' };
  const records = returning(partition, reconciliation, command.records ?? []);
  if (typeof records === 'string') return { refused: records };
  const carryOut = (): void => {
    if (match !== undefined) partition.bars.remove(reconciliation.name, match);
    comeBack(partition, records);
  };
  return { done: 'reopened', carryOut };
}
