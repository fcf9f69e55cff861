import { parsePosition } from '../../engine/domain/index.ts';
import type {
  CarriedRecord,
  Command,
  Position,
  RecordPointer,
  RecordView,
  ResultQueries,
  Side,
} from '../../engine/domain/index.ts';
import { ProblemError } from '../problem.ts';
import type { CommandInput, RecordPointerInput } from '../schema/commands.ts';

/** A command and the partition whose stream it belongs into. */
export interface AddressedCommand {
  readonly epoch: number;
  readonly partition: number;
  readonly command: Command;
}

type Lookup = Pick<ResultQueries, 'records' | 'recordsAt' | 'carriedAt' | 'match' | 'break' | 'breaks'>;

/** More records with one id than anyone could choose among. */
const MOST_NAMESAKES = 20;

/**
 * Turns a posted command, of any kind but `rules`, into the kernel's: records and results become places in the log,
 * and records that have left memory come along whole. What is looked up may be a moment old; the kernel judges.
 * @param id the command's id
 * @throws ProblemError `notFound` for what is not stored, `commandRefused` for what cannot be meant
 */
export async function addressCommand(
  input: Exclude<CommandInput, { kind: 'rules' }>,
  id: string,
  queries: Lookup,
): Promise<AddressedCommand> {
  const common = { id, by: input.by, why: input.why };
  switch (input.kind) {
    case 'match':
    case 'adjust':
    case 'writeOff': {
      const { kind, reconciliation } = input;
      const places = await placesOf(input.records, queries);
      return at(places, { ...common, kind, reconciliation, records: places.map(({ pointer }) => pointer) });
    }
    case 'unmatch': {
      const match = await matchOf(input.match, queries);
      if (match.state === 'unmatched')
        throw new ProblemError('commandRefused', `match ${input.match} is undone already`);
      const { version, rule, reconciliation } = match;
      const records = await carriedOf(match.legs, queries, `match ${input.match}`);
      return at([match], {
        ...common,
        kind: 'unmatch',
        reconciliation,
        ...own(match),
        version,
        rule,
        records,
      });
    }
    case 'reopen':
      return reopen(input, common, queries);
    case 'assignReason': {
      const found = await breakOf(input.break, queries);
      const { reconciliation, state } = found;
      if (state !== 'open') {
        const is = state === 'writtenOff' ? 'written off' : state;
        throw new ProblemError(
          'commandRefused',
          `break ${input.break} is ${is}; a reason is given to an open break`,
        );
      }
      const { sequence, n } = found.position;
      const record =
        input.record === undefined
          ? memberPointer(found.members)
          : (await placesOf([input.record], queries))[0]!.pointer;
      const { kind, reason } = input;
      return at([found], { ...common, kind, break: { sequence, n }, record, reconciliation, reason });
    }
  }
}

async function reopen(
  input: Extract<CommandInput, { kind: 'reopen' }>,
  common: { readonly id: string; readonly by: string; readonly why: string },
  queries: Lookup,
): Promise<AddressedCommand> {
  if ((input.match === undefined) === (input.break === undefined)) {
    throw new ProblemError(
      'invalidField',
      'reopen wants either match (an undone match whose records may match again) or break (a written-off break)',
    );
  }
  if (input.match !== undefined) {
    const match = await matchOf(input.match, queries);
    const { reconciliation } = match;
    return at([match], { ...common, kind: 'reopen', reconciliation, ...own(match) });
  }
  const found = await breakOf(input.break!, queries);
  if (found.state !== 'writtenOff') {
    throw new ProblemError('commandRefused', `break ${input.break!} is ${found.state}, not written off`);
  }
  const { reconciliation } = found;
  const records = await carriedOf(found.members, queries, `break ${input.break!}`);
  return at([found], { ...common, kind: 'reopen', reconciliation, records });
}

/** Everything that a command is about must lie in one partition of one life of the log. */
function at(places: readonly { readonly position: Position }[], command: Command): AddressedCommand {
  const { epoch, partition } = places[0]!.position;
  const other = places.find(({ position }) => position.epoch !== epoch || position.partition !== partition);
  if (other !== undefined) {
    throw new ProblemError(
      'commandRefused',
      `the records lie in different partitions (${partition} and ${other.position.partition}) and never meet; name records of one account`,
    );
  }
  return { epoch, partition, command };
}

interface PlacedPointer {
  readonly position: Position;
  readonly pointer: RecordPointer;
}

async function placesOf(
  inputs: readonly RecordPointerInput[],
  queries: Lookup,
): Promise<readonly PlacedPointer[]> {
  const places: PlacedPointer[] = [];
  const byPosition = inputs.flatMap(({ position }) => (position === undefined ? [] : [placeOf(position)]));
  const found = new Map<string, RecordView>();
  for (const record of byPosition.length === 0 ? [] : await queries.recordsAt(byPosition))
    found.set(record.position, record);
  for (const input of inputs) {
    const record =
      'id' in input && input.position === undefined
        ? await named(input, queries)
        : found.get(input.position!);
    if (record === undefined || ('id' in input && (record.id !== input.id || record.source !== input.source)))
      throw new ProblemError('notFound', `there is no record ${nameOf(input)}`);
    places.push({ position: placeOf(record.position), pointer: pointerTo(record) });
  }
  return places;
}

/** The record of that id: its latest version; where the id was used again, which one must be said. */
async function named(
  { source, id }: { readonly source: string; readonly id: string },
  queries: Lookup,
): Promise<RecordView | undefined> {
  const { items } = await queries.records({ source, id, limit: MOST_NAMESAKES });
  const latest = items.reduce((best, each) => Math.max(best, each.version ?? 0), 0);
  const candidates = items.filter((each) => (each.version ?? 0) === latest);
  if (candidates.length > 1) {
    const positions = candidates.map(({ position }) => position).join(', ');
    throw new ProblemError(
      'commandRefused',
      `id ${id} of ${source} was used for ${candidates.length} records; say which by position: ${positions}`,
    );
  }
  return candidates[0];
}

function nameOf(input: RecordPointerInput): string {
  const position = input.position === undefined ? '' : ` at ${input.position}`;
  return 'id' in input ? `${input.id} of ${input.source}${position}` : position.trim();
}

function pointerTo(record: Pick<RecordView, 'source' | 'id' | 'position'>): RecordPointer {
  const { sequence, n } = placeOf(record.position);
  return { source: record.source, id: record.id, sequence, ordinal: n };
}

function memberPointer(
  members: readonly { readonly source: string; readonly id: string; readonly record: string }[],
): RecordPointer {
  const { source, id, record } = members[0]!;
  return pointerTo({ source, id, position: record });
}

async function matchOf(id: string, queries: Lookup) {
  const found = await queries.match(id);
  if (found === undefined) throw new ProblemError('notFound', `there is no match ${id}`);
  return { ...found.match, position: placeOf(id) };
}

async function breakOf(id: string, queries: Lookup) {
  const found = await queries.break(id);
  if (found === undefined) throw new ProblemError('notFound', `there is no break ${id}`);
  return { ...found.break, position: placeOf(id) };
}

function own({ position: { sequence, n } }: { readonly position: Position }): {
  readonly match: { readonly sequence: number; readonly n: number };
} {
  return { match: { sequence, n } };
}

/** The records of a result whole, in its order. */
async function carriedOf(
  parts: readonly { readonly side: Side; readonly record: string }[],
  queries: Lookup,
  what: string,
): Promise<{ side: Side; record: CarriedRecord }[]> {
  const records = await queries.carriedAt(parts.map(({ record }) => placeOf(record)));
  if (records.length !== parts.length) {
    throw new ProblemError(
      'commandRefused',
      `${what} has ${parts.length} records and only ${records.length} of them are stored still; retention may have dropped the others`,
    );
  }
  return records.map((record, i) => ({ side: parts[i]!.side, record }));
}

function placeOf(position: string): Position {
  const place = parsePosition(position);
  if (place === undefined) throw new ProblemError('invalidField', `"${position}" is no position`);
  return place;
}
