import { formatPosition, parsePosition } from '../../engine/domain/index.ts';
import type { LogEnd, ResultQueries } from '../../engine/domain/index.ts';
import { ProblemError } from '../problem.ts';

/** Ends of the log that a message names; there is one for each partition of each life. */
const MOST_NAMED = 8;

/**
 * A statement through a position that is not stored would say something else tomorrow, or be of nothing.
 * @param asOf a position, or what else a statement may be of, which is not looked at
 * @throws ProblemError `notFound` for a position that the log does not have, or of which nothing is stored yet
 */
export async function requirePosition(
  asOf: string | undefined,
  queries: Pick<ResultQueries, 'logEnds'>,
): Promise<void> {
  const position = asOf === undefined ? undefined : parsePosition(asOf);
  if (position === undefined) return;
  const { epoch, partition, sequence } = position;
  const ends = await queries.logEnds();
  const own = ends.find((each) => each.epoch === epoch && each.partition === partition);
  if (own !== undefined && sequence >= 1 && sequence <= own.sequence) return;
  throw new ProblemError(
    'notFound',
    `the log has no position ${asOf!}; ${reach(own === undefined ? ends : [own])}`,
  );
}

function reach(ends: readonly LogEnd[]): string {
  if (ends.length === 0) return 'nothing of it is stored yet';
  const named = ends
    .slice(-MOST_NAMED)
    .map(({ epoch, partition, sequence }) => formatPosition(epoch, partition, sequence, 0));
  const more = ends.length > MOST_NAMED ? `, and ${ends.length - MOST_NAMED} others before` : '';
  return `its positions go from sequence 1 through ${named.join(', ')}${more}`;
}
