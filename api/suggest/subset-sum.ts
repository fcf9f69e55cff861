/** What was found of a sum. */
export interface SubsetSum {
  /** Indexes of the members of the first subset found, ascending; undefined where none was. */
  readonly members: readonly number[] | undefined;
  /** target − sum of the members. */
  readonly difference: number;
  /** There is no other subset; never said when the search was not finished. */
  readonly unique: boolean;
  /** The budget ended the search. */
  readonly exhausted: boolean;
  readonly steps: number;
}

/** Most values that are searched. */
export const MOST_CANDIDATES = 40;

/** Steps of a search: some hundredths of a second. */
const STEPS = 400_000;

/**
 * Looks for values whose sum is within `limit` of `target`: at least two, at most {@link MOST_CANDIDATES} looked at.
 * Depth first over the values by size, leaving out whatever the values that are left cannot reach; it stops at the
 * second subset, which makes the first not unique, or when `budget` steps are spent. Fixed order, so the same question
 * has the same answer.
 * @param values integers (minor units), the likeliest first: those beyond the most are not looked at
 * @param limit how far the sum may be from `target`, ≥ 0
 */
export function subsetSum(
  values: readonly number[],
  target: number,
  limit: number,
  budget: number = STEPS,
): SubsetSum {
  const order = values
    .slice(0, MOST_CANDIDATES)
    .map((value, index) => ({ value, index }))
    .filter(({ value }) => value !== 0)
    .sort((a, b) => Math.abs(b.value) - Math.abs(a.value) || a.index - b.index);
  // What the values from i on can add at most, and take away at most.
  const most = new Array<number>(order.length + 1).fill(0);
  const least = new Array<number>(order.length + 1).fill(0);
  for (let i = order.length - 1; i >= 0; i--) {
    const { value } = order[i]!;
    most[i] = most[i + 1]! + Math.max(0, value);
    least[i] = least[i + 1]! + Math.min(0, value);
  }
  const chosen: number[] = [];
  const found: number[][] = [];
  let steps = 0;
  const search = (i: number, rest: number): void => {
    if (++steps > budget || found.length > 1) return;
    if (Math.abs(rest) <= limit && chosen.length >= 2) {
      found.push([...chosen]);
      if (found.length > 1) return;
    }
    for (let next = i; next < order.length; next++) {
      if (steps > budget || found.length > 1) return;
      if (rest - most[next]! > limit || rest - least[next]! < -limit) return;
      chosen.push(next);
      search(next + 1, rest - order[next]!.value);
      chosen.pop();
    }
  };
  search(0, target);
  const first = found[0];
  const exhausted = steps > budget;
  return {
    members: first?.map((at) => order[at]!.index).sort((a, b) => a - b),
    difference: first === undefined ? 0 : target - first.reduce((sum, at) => sum + order[at]!.value, 0),
    unique: found.length === 1 && !exhausted,
    exhausted,
    steps,
  };
}
