import { formatPosition, notUnmatched, poolOf } from '../../engine/domain/index.ts';
import type {
  CommandView,
  Reconciliation,
  RecordPointer,
  ResultQueries,
  RuleSet,
  Side,
} from '../../engine/domain/index.ts';
import { durationText } from '../../engine/rules/index.ts';
import type { AddressedCommand } from './address.ts';

/** More results than one record is in, whatever was undone and reopened. */
const MOST_RESULTS = 50;

/**
 * Why a command was refused where a record of it is not unmatched: the kernel has forgotten what became of such a record,
 * and the store has not.
 * @param rules in force: they say which reconciliations share the record
 * @returns one line; undefined where the refusal has other reasons, or the store knows nothing of it
 */
export async function whatBecame(
  { epoch, partition, command }: AddressedCommand,
  { reason, logTime }: CommandView,
  queries: Pick<ResultQueries, 'matches' | 'breaks'>,
  rules: RuleSet,
): Promise<string | undefined> {
  if (!('reconciliation' in command)) return undefined;
  const record = pointersOf(command).find((pointer) => reason.startsWith(notUnmatched(pointer)));
  const definition = rules.reconciliations.find(({ name }) => name === command.reconciliation);
  if (record === undefined || definition === undefined) return undefined;
  const place = formatPosition(epoch, partition, record.sequence, record.ordinal);
  const isShared = sharing(rules, definition);
  const isHere = (reconciliation: string, parts: readonly Part[]): boolean =>
    parts.some((part) => part.record === place && isShared(reconciliation, part.side));
  const say = (what: string): string =>
    `${notUnmatched(record)} in reconciliation "${command.reconciliation}": ${what}`;

  const about = { recordIds: [record.id], limit: MOST_RESULTS };
  const matches = (await queries.matches({ ...about, whole: true })).items;
  const match = matches.find(
    ({ state, reconciliation, legs }) => state === 'matched' && isHere(reconciliation, legs),
  );
  if (match !== undefined) return say(`match ${match.matchId} has it`);
  const breaks = (await queries.breaks(about)).items.filter(({ reconciliation, members }) =>
    isHere(reconciliation, members),
  );
  const open = breaks.find(({ state }) => state === 'open');
  if (open !== undefined) {
    const until = Date.parse(open.dueTime) + definition.retain;
    const since =
      until < Date.parse(logTime)
        ? `it was due ${open.dueTime} and is past retain (${durationText(definition.retain)}) since ${new Date(until).toISOString()}`
        : 'it has left memory';
    return say(`${since}; its break ${open.breakId} stays open, and nothing can match it any more`);
  }
  const off = breaks.find(({ state }) => state === 'writtenOff');
  return off === undefined ? undefined : say(`it was written off, in break ${off.breakId}`);
}

interface Part {
  readonly side: Side;
  readonly record: string;
}

function pointersOf(command: AddressedCommand['command']): readonly RecordPointer[] {
  switch (command.kind) {
    case 'match':
    case 'adjust':
    case 'writeOff':
      return command.records;
    case 'assignReason':
      return [command.record];
    default:
      return [];
  }
}

/** Whether a side of a reconciliation has a pool in common with this one. */
function sharing(
  { reconciliations }: RuleSet,
  definition: Reconciliation,
): (reconciliation: string, side: Side) => boolean {
  const own = [poolOf(definition, 'left'), poolOf(definition, 'right')];
  return (reconciliation, side) => {
    const other = reconciliations.find(({ name }) => name === reconciliation);
    return own.includes(other === undefined ? `${reconciliation}.${side}` : poolOf(other, side));
  };
}
