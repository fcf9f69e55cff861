/**
 * The last sequence in `first..last` whose message is older than `olderThanMs`, or first − 1 where none is. Times
 * ascend with the sequence, so a binary search asks for about log2 of the range.
 * @param timeOf log time of one message, epoch milliseconds; undefined when it is gone, which is as good as old
 */
export async function lastOlderThan(
  first: number,
  last: number,
  olderThanMs: number,
  timeOf: (sequence: number) => Promise<number | undefined>,
): Promise<number> {
  let low = first;
  let high = last + 1;
  // Invariant: everything below `low` is older, everything from `high` on is not (or is outside the range).
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    const time = await timeOf(middle);
    if (time === undefined || time < olderThanMs) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}
