import type {
  Break,
  CommandAnswer,
  Finding,
  FindingKind,
  LogMessage,
  Match,
  RecordRef,
} from '../domain/index.ts';

/** One thing a ResultSink was told, as a plain object that can be kept and compared. */
export type Result =
  | ({ readonly type: 'accepted' } & RowRef)
  | ({ readonly type: 'duplicate' } & RowRef)
  | ({
      readonly type: 'refused';
      readonly n: number;
      readonly code: 'idConflict' | 'unknownSource';
      readonly reason: string;
    } & RowRef)
  | ({ readonly type: 'match' } & Match)
  | ({ readonly type: 'break' } & Break)
  | ({ readonly type: 'finding' } & Finding)
  | ({ readonly type: 'answer' } & CommandAnswer);

/** A row of the frame at hand. */
interface RowRef {
  readonly source: string;
  readonly id: string;
  readonly row: number;
}

/** The results of one type, in order. */
export function ofType<T extends Result['type']>(
  results: readonly Result[],
  type: T,
): Extract<Result, { type: T }>[] {
  return results.filter((result): result is Extract<Result, { type: T }> => result.type === type);
}

/** Findings that the matcher makes itself; others are a connector's, word for word. */
const OWN_FINDINGS: readonly FindingKind[] = [
  'idReused',
  'rulesRefused',
  'commandInvalid',
  'fee',
  'tax',
  'sourceOverdue',
];

/**
 * Results without their wording: the reason of a refusal or an answer, and the message of a finding that the matcher
 * makes itself. Two implementations may word them differently.
 */
export function withoutWording(results: readonly Result[]): Result[] {
  return results.map((result) => {
    if (result.type === 'refused' || result.type === 'answer') return { ...result, reason: '' };
    const own = result.type === 'finding' && OWN_FINDINGS.includes(result.kind);
    return own ? { ...result, message: '' } : result;
  });
}

/**
 * Results without their places in the log, for comparing two cuts of the same records into frames. A record is
 * named by its number in the whole log, a match or break by the order of its first version.
 * @param messages the messages that caused the results, all of them
 */
export function withoutPositions(messages: readonly LogMessage[], results: readonly Result[]): object[] {
  const firstRow = new Map<number, number>();
  let rows = 0;
  for (const message of messages) {
    firstRow.set(message.sequence, rows);
    if (message.frame.kind === 'records') rows += message.frame.count;
  }
  const matches = new Map<string, number>();
  const breaks = new Map<string, number>();
  const record = (ref: RecordRef): object => ({
    ...ref,
    sequence: 0,
    ordinal: firstRow.get(ref.sequence)! + ref.ordinal,
  });
  return results.map((result) => {
    switch (result.type) {
      case 'accepted':
      case 'duplicate':
        return { ...result, row: 0 };
      case 'refused':
        return { ...result, row: 0, n: 0 };
      case 'finding':
      case 'answer':
        return { ...result, sequence: 0, n: 0 };
      case 'match':
        return {
          ...result,
          sequence: 0,
          n: 0,
          matchSequence: 0,
          matchN: number(matches, result.matchSequence, result.matchN),
          legs: result.legs.map(record),
        };
      case 'break':
        return {
          ...result,
          sequence: 0,
          n: 0,
          breakSequence: 0,
          breakN: number(breaks, result.breakSequence, result.breakN),
          members: result.members.map(record),
          why: {
            ...result.why,
            ...(result.why.records === undefined ? {} : { records: result.why.records.map(record) }),
            ...(result.why.match === undefined
              ? {}
              : { match: number(matches, result.why.match.sequence, result.why.match.n) }),
          },
          ...(result.resolvedBy === undefined
            ? {}
            : { resolvedBy: number(matches, result.resolvedBy.sequence, result.resolvedBy.n) }),
        };
    }
  });
}

/** The number of an identifier, given out in the order in which they are first seen. */
function number(numbers: Map<string, number>, sequence: number, n: number): number {
  const key = `${sequence}-${n}`;
  const known = numbers.get(key) ?? numbers.size;
  numbers.set(key, known);
  return known;
}
