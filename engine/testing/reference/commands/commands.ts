import { commandSchema, type Command } from '../../../domain/index.ts';
import { repeatVersion } from '../breaks.ts';
import type { Partition } from '../partition.ts';
import type { ReferenceReconciliation } from '../reconciliation.ts';
import { judgeMatch } from './match-by-hand.ts';
import { findOpen } from './open-records.ts';
import { judgeReopen, judgeUnmatch } from './unmatch.ts';
import type { CommandOf, Verdict } from './verdict.ts';
import { judgeWriteOff } from './write-off.ts';

/** E0: a command as its JSON says it; undefined where that is none. */
export function readCommand(json: string): Command | undefined {
  try {
    const read = commandSchema.safeParse(JSON.parse(json));
    return read.success ? read.data : undefined;
  } catch {
    return undefined;
  }
}

/** E1 to E5: what a command about records does, checked against what is unmatched now. */
export function judge(
  partition: Partition,
  command: Exclude<Command, CommandOf<'rules' | 'rates'>>,
): Verdict {
  const reconciliation = partition.reconciliations.find((each) => each.name === command.reconciliation);
  if (reconciliation === undefined)
    return { refused: `there is no reconciliation "${command.reconciliation}"` };
  switch (command.kind) {
    case 'match':
    case 'adjust':
      return judgeMatch(partition, reconciliation, command);
    case 'writeOff':
      return judgeWriteOff(partition, reconciliation, command);
    case 'unmatch':
      return judgeUnmatch(partition, reconciliation, command);
    case 'reopen':
      return judgeReopen(partition, reconciliation, command);
    case 'assignReason':
      return judgeReason(partition, reconciliation, command);
  }
}

/** E5: the break says from now on why people think it broke. */
function judgeReason(
  partition: Partition,
  reconciliation: ReferenceReconciliation,
  command: CommandOf<'assignReason'>,
): Verdict {
  const broken = findOpen(partition, reconciliation, command.record)?.item.broken;
  if (broken?.sequence !== command.break.sequence || broken.n !== command.break.n)
    return { refused: 'the record is in no such break' };
  const carryOut = (): void => {
    broken.reason = command.reason;
    repeatVersion(partition, broken);
  };
  return { done: 'the reason is assigned', carryOut };
}
