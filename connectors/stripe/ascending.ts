import type { CreatedRange, StripeApi } from './client.ts';
import { secondsAt } from './fields.ts';

/** Transactions that are held at a time, so that they can be turned round. */
const MAX_HELD = 2000;

/** Some transactions, oldest first. */
export interface Part {
  readonly transactions: readonly unknown[];
  /** Everything up to here is known with this part, Unix seconds of Stripe's clock; undefined where there was nothing. */
  readonly through: number | undefined;
  /** False for a part of a second that has too many transactions to be held. */
  readonly isEnd: boolean;
}

/**
 * The transactions from a moment on, oldest first: as they happened, so that what reads them sees time go forward. Stripe
 * lists the newest first. A range with more of them than can be held is cut in two at the middle of its time, and the
 * earlier half read before the later; nothing that becomes new meanwhile moves what is being read, because pages begin
 * after an id.
 * @param from Unix seconds
 */
export async function* ascending(
  api: Pick<StripeApi, 'transactions'>,
  from: number,
  signal: AbortSignal,
): AsyncGenerator<Part> {
  const ranges: CreatedRange[] = [{ from }];
  for (let range = ranges.pop(); range !== undefined; range = ranges.pop()) {
    const { held, isAll } = await hold(api, range, signal);
    const newest = secondsAt(held[0], 'created');
    if (isAll) {
      // Our own clock says nothing about how far Stripe's list reaches: only what is in it does.
      const through = range.to === undefined ? newest : range.to - 1;
      yield { transactions: held.reverse(), through, isEnd: true };
      continue;
    }
    const last = range.to === undefined ? (newest ?? range.from) : range.to - 1;
    if (last > range.from) {
      const middle = Math.ceil((range.from + last) / 2);
      ranges.push({ from: middle, to: range.to }, { from: range.from, to: middle });
      continue;
    }
    yield* inPieces(api, { from: range.from, to: range.from + 1 }, signal);
    if (range.to === undefined) ranges.push({ from: range.from + 1 });
  }
}

async function hold(
  api: Pick<StripeApi, 'transactions'>,
  range: CreatedRange,
  signal: AbortSignal,
): Promise<{ held: unknown[]; isAll: boolean }> {
  const held: unknown[] = [];
  for await (const transaction of api.transactions(range)) {
    signal.throwIfAborted();
    if (held.length === MAX_HELD) return { held, isAll: false };
    held.push(transaction);
  }
  return { held, isAll: true };
}

/** A second that cannot be cut: in the order of the list, which within a second is as good as any. */
async function* inPieces(
  api: Pick<StripeApi, 'transactions'>,
  range: CreatedRange,
  signal: AbortSignal,
): AsyncGenerator<Part> {
  let transactions: unknown[] = [];
  for await (const transaction of api.transactions(range)) {
    signal.throwIfAborted();
    transactions.push(transaction);
    if (transactions.length < MAX_HELD) continue;
    yield { transactions, through: undefined, isEnd: false };
    transactions = [];
  }
  yield { transactions, through: range.from, isEnd: true };
}
