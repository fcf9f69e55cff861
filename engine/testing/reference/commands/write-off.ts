import { leaveBreak, openBreak } from '../breaks.ts';
import { aloneBody } from '../members.ts';
import type { Partition } from '../partition.ts';
import type { ReferenceReconciliation } from '../reconciliation.ts';
import type { Item, OpenBreak, Place } from '../state.ts';
import { openRecords } from './open-records.ts';
import type { CommandOf, Verdict } from './verdict.ts';

/** E2: the records leave memory, and each shows in a break that is written off. */
export function judgeWriteOff(
  partition: Partition,
  reconciliation: ReferenceReconciliation,
  command: CommandOf<'writeOff'>,
): Verdict {
  const places = openRecords(partition, reconciliation, command.records);
  if (typeof places === 'string') return { refused: places };
  const carryOut = (): void => {
    const items = new Set(places.map((place) => place.item));
    const were = new Map<Item, OpenBreak | undefined>();
    for (const item of items) {
      were.set(item, item.broken);
      partition.forget(item);
    }
    const leaving = { items, end: { state: 'writtenOff' } as const, released: [] as Item[] };
    for (const place of places) {
      const { item } = place;
      const was = were.get(item);
      if (was !== undefined && !was.ended) leaveBreak(partition, was, leaving);
      item.broken = undefined;
      if (was?.ended !== true) writeOffAlone(partition, place);
    }
    for (const item of leaving.released) partition.release(item);
  };
  return { done: `${places.length} records written off`, carryOut };
}

function writeOffAlone(partition: Partition, place: Place): void {
  const { reconciliation } = place;
  const rule = reconciliation.rules[0]!;
  const given = {
    reconciliation,
    dueTime: place.item.due,
    style: 'pair',
    members: [place.item],
    rule,
    body: {
      ...aloneBody(place),
      kind: 'unmatched',
      why: { rule: rule.rule.name, condition: 'noCounterpart' },
    },
  } as const;
  openBreak(partition, { ...given, members: [...given.members] }, 'writtenOff');
}
