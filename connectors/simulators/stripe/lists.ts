/** Lists as Stripe's API gives them: newest first, in pages that begin after an id. */

export interface Listed {
  readonly id: string;
  readonly created: number;
}

export interface Page<T> {
  readonly object: 'list';
  readonly data: readonly T[];
  readonly has_more: boolean;
  readonly url: string;
}

/** What is wrong with a parameter, in Stripe's terms. */
export class ParameterError extends Error {
  readonly parameter: string;
  readonly code: string;

  constructor(parameter: string, code: string, message: string) {
    super(message);
    this.parameter = parameter;
    this.code = code;
  }
}

/**
 * @param inOrder oldest first
 * @param isWanted filters of the list itself, besides `created`
 */
export function pageOf<T extends Listed>(
  inOrder: readonly T[],
  query: URLSearchParams,
  url: string,
  isWanted: (thing: T) => boolean,
): Page<T> {
  const limit = Number(query.get('limit') ?? 10);
  if (!Number.isInteger(limit) || limit < 1 || limit > 100) {
    throw new ParameterError('limit', 'parameter_invalid_integer', 'This value must be from 1 to 100.');
  }
  const [after, before] = [query.get('starting_after'), query.get('ending_before')];
  const isInRange = createdFilter(query);
  const fits = (thing: T): boolean => isInRange(thing.created) && isWanted(thing);
  const data: T[] = [];
  let hasMore = false;
  /** @returns whether to go on */
  const take = (thing: T): boolean => {
    if (!fits(thing)) return true;
    if (data.length === limit) {
      hasMore = true;
      return false;
    }
    data.push(thing);
    return true;
  };
  if (before === null) {
    let from = after === null ? newestPlace(inOrder, query) : placeOf(inOrder, after, 'starting_after') - 1;
    const least = lowerBound(query);
    while (from >= 0 && inOrder[from]!.created >= least && take(inOrder[from]!)) from--;
  } else {
    let from = placeOf(inOrder, before, 'ending_before') + 1;
    while (from < inOrder.length && take(inOrder[from]!)) from++;
    data.reverse();
  }
  return { object: 'list', data, has_more: hasMore, url };
}

/** The elements of a repeated parameter: `types[]=a&types[]=b` or `types[0]=a&types[1]=b`. */
export function listParameter(query: URLSearchParams, name: string): string[] {
  return [...query]
    .filter(([key]) => key.startsWith(`${name}[`) && key.endsWith(']'))
    .map(([, value]) => value);
}

function placeOf(inOrder: readonly Listed[], id: string, parameter: string): number {
  const place = placesOf(inOrder).get(id);
  if (place !== undefined) return place;
  throw new ParameterError(parameter, 'resource_missing', `No such object: '${id}'`);
}

/** Of each list: where each id stands, for the elements that were there when it was last asked. Lists only grow. */
const places = new WeakMap<readonly Listed[], Map<string, number>>();

function placesOf(inOrder: readonly Listed[]): ReadonlyMap<string, number> {
  const known = places.get(inOrder) ?? new Map<string, number>();
  for (let at = known.size; at < inOrder.length; at++) known.set(inOrder[at]!.id, at);
  places.set(inOrder, known);
  return known;
}

/** The place of the newest element that is made before an upper limit, where the query has one. */
function newestPlace(inOrder: readonly Listed[], query: URLSearchParams): number {
  const [below, most] = [query.get('created[lt]'), query.get('created[lte]')];
  const limit = Math.min(
    below === null ? Infinity : Number(below),
    most === null ? Infinity : Number(most) + 1,
  );
  let [low, high] = [0, inOrder.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (inOrder[middle]!.created < limit) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

function lowerBound(query: URLSearchParams): number {
  const [from, after] = [query.get('created[gte]'), query.get('created[gt]')];
  return Math.max(from === null ? 0 : Number(from), after === null ? 0 : Number(after) + 1);
}

function createdFilter(query: URLSearchParams): (created: number) => boolean {
  const value = (name: string): number | undefined => {
    const text = query.get(name);
    return text === null ? undefined : Number(text);
  };
  const exactly = value('created');
  const least = lowerBound(query);
  const [below, most] = [value('created[lt]') ?? Infinity, value('created[lte]') ?? Infinity];
  return (created) =>
    created >= least && created < below && created <= most && (exactly === undefined || created === exactly);
}
