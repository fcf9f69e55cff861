import { CounterfoilError, SHOWN_PARTS } from '../engine/domain/index.ts';
import type { BreakView, MatchView, Page, PageRequest } from '../engine/domain/index.ts';

/** The match with its first legs. */
export function shortMatch(match: MatchView): MatchView {
  const more = match.legs.length - SHOWN_PARTS;
  return more <= 0 ? match : { ...match, legs: match.legs.slice(0, SHOWN_PARTS), moreLegs: more };
}

/** The break with its first members. */
export function shortBreak(found: BreakView): BreakView {
  const more = found.members.length - SHOWN_PARTS;
  return more <= 0 ? found : { ...found, members: found.members.slice(0, SHOWN_PARTS), moreMembers: more };
}

/**
 * A page of the legs or members of one version of a result. The cursor names the version: a later one may have others.
 * @throws CounterfoilError `invalidField` for a cursor of another version, or of nothing
 */
export function partsPage<T>(parts: readonly T[], version: number, request: PageRequest): Page<T> {
  let offset = 0;
  if (request.cursor !== undefined) {
    const [of, at] = /^(\d{1,9})-(\d{1,9})$/.exec(request.cursor)?.slice(1).map(Number) ?? [];
    if (of !== version || at === undefined) {
      throw new CounterfoilError(
        'invalidField',
        `cursor "${request.cursor.slice(0, 40)}" is not of version ${version}, the latest; begin at the first page`,
      );
    }
    offset = at;
  }
  const end = offset + request.limit;
  const items = parts.slice(offset, end);
  return end < parts.length ? { items, next: `${version}-${end}` } : { items };
}
