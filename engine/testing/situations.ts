import type { Result } from './results.ts';
import type { ReferenceRun } from './trace-run.ts';

/**
 * How often each situation occurs in what a matcher said about a trace, by a name to be read: `why sum`,
 * `answer unmatch accepted`, `match of 3 or more`. For making sure that random traces reach what they are for.
 */
export function situationsOf({ results }: ReferenceRun): Map<string, number> {
  const counts = new Map<string, number>();
  for (const result of results) {
    for (const name of situations(result)) counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  return counts;
}

function situations(result: Result): string[] {
  switch (result.type) {
    case 'match': {
      const { legs, version, state, causes, rate, rule } = result;
      const sides = new Set(legs.map((leg) => leg.side)).size;
      return [
        state === 'unmatched' ? 'match undone' : version > 1 ? 'match, later version' : 'match',
        ...(state === 'matched' && legs.length > 2 ? ['match of 3 or more'] : []),
        ...(state === 'matched' && sides === 1 ? ['match of one side'] : []),
        ...Object.keys(causes).map((cause) => `cause ${cause}`),
        ...(rate === undefined ? [] : ['match with a rate']),
        ...(rule === 'match' || rule === 'adjust' ? [`match by ${rule}`] : []),
      ];
    }
    case 'break':
      return [
        `break ${result.kind} ${result.state}`,
        `why ${result.why.condition}`,
        ...(result.version > 1 ? [`break ${result.kind}, later version`] : []),
        ...(result.reason === '' ? [] : ['break with a reason']),
      ];
    case 'finding':
      return [`finding ${result.kind}`];
    case 'answer':
      return [`answer ${result.kind} ${result.accepted ? 'accepted' : 'refused'}`];
    case 'refused':
      return [`refused ${result.code}`];
    default:
      return [result.type];
  }
}
