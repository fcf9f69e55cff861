import { LRUCache } from 'lru-cache';
import type { ResultQueries } from '../engine/domain/index.ts';

type MatchDetail = NonNullable<Awaited<ReturnType<ResultQueries['match']>>>;
type BreakDetail = NonNullable<Awaited<ReturnType<ResultQueries['break']>>>;

/** A match or break may get a new version at any time, so an answer is shared for this long only. Milliseconds. */
const SHARED_FOR_MS = 1000;
const MOST_KEPT = 200;

/** Matches and breaks by identifier. */
export interface Lookups {
  match(id: string): Promise<MatchDetail | undefined>;
  break(id: string): Promise<BreakDetail | undefined>;
}

/**
 * Lets any number of viewers of one match or break cost one query a second: those who ask while a query is under way
 * share it, and its answer for a second. What does not exist (yet) is not remembered.
 */
export function createLookups(queries: Pick<ResultQueries, 'match' | 'break'>): Lookups {
  const matches = new LRUCache<string, MatchDetail>({
    max: MOST_KEPT,
    ttl: SHARED_FOR_MS,
    fetchMethod: (id) => queries.match(id),
  });
  const breaks = new LRUCache<string, BreakDetail>({
    max: MOST_KEPT,
    ttl: SHARED_FOR_MS,
    fetchMethod: (id) => queries.break(id),
  });
  return { match: (id) => matches.fetch(id), break: (id) => breaks.fetch(id) };
}
