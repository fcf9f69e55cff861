import { formatMinor, exponentOf } from '../../engine/domain/index.ts';
import { isCredit, readAmount } from './amounts.ts';
import type { Amount } from './amounts.ts';
import { checkOnce } from './raw-message.ts';
import type { RawEntry, RawTransaction } from './raw-message.ts';

/** A transaction of a batch with the part of the entry's amount that is its own. */
export interface BatchPart {
  readonly transaction: RawTransaction;
  /** Minor units, signed as the balance changes. */
  readonly amount: bigint;
}

/** Where a transaction states its amount, the most exact first. */
const AMOUNT_FIELDS = ['amount', 'moved', 'instructed'];

/**
 * Opens an entry that books several transactions at once. That is done only where their amounts come to the entry's,
 * because then nothing is made up and nothing is lost.
 * @param booked the entry's amount, signed, minor units
 * @returns the parts, or why the entry has to stay one, with what the transactions have too much
 */
export function openBatch(
  entry: RawEntry,
  { currency }: Pick<Amount, 'currency'>,
  booked: bigint,
): readonly BatchPart[] | { readonly why: string; readonly residual: bigint } {
  const { transactions, transactionCount: count } = entry;
  if (entry.isOversized) {
    return { why: `its ${count} transactions are more than can be held at once`, residual: 0n };
  }
  const unsigned: bigint[] = [];
  for (const { fields } of transactions) {
    checkOnce(fields);
    const field = AMOUNT_FIELDS.find((name) => fields[`${name}Currency`] === currency);
    if (field === undefined) {
      return { why: `not each of its ${count} transactions has an amount in ${currency}`, residual: 0n };
    }
    unsigned.push(readAmount(fields[field], currency).minor);
  }
  const isCredited = booked >= 0n;
  const own = transactions.map(({ fields }, i) => {
    const indicator = fields['indicator'];
    const credited = indicator === undefined ? isCredited : isCredit(indicator);
    return credited ? unsigned[i]! : -unsigned[i]!;
  });
  // Some banks state the other side's view of each transaction: as the entry went, they then come to it.
  const asBooked = unsigned.map((minor) => (isCredited ? minor : -minor));
  for (const amounts of [own, asBooked]) {
    if (sum(amounts) !== booked) continue;
    return transactions.map((transaction, i) => ({ transaction, amount: amounts[i]! }));
  }
  const [total, wanted] = [sum(own), booked].map((minor) => formatMinor(minor, exponentOf(currency)));
  return {
    why: `its ${count} transactions come to ${total!} ${currency}, not to ${wanted!}`,
    residual: sum(own) - booked,
  };
}

function sum(amounts: readonly bigint[]): bigint {
  return amounts.reduce((total, amount) => total + amount, 0n);
}
