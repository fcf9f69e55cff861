import { exponentOf, formatMinor } from '../../engine/domain/index.ts';
import type { SourceFinding, Translated } from '../../engine/domain/index.ts';

/** What a finding about balances is about. */
export interface BalanceSubject {
  readonly source: string;
  readonly account: string;
  readonly currency: string;
  /** `file:line`, and what the bank calls the statement. */
  readonly place: string;
}

/** A finding about balances. @param amount minor units */
export function balanceFinding(
  kind: 'balance' | 'continuity',
  { source, account, currency, place }: BalanceSubject,
  amount: bigint,
  what: string,
  recordId = '',
): Translated {
  const finding: SourceFinding = {
    kind,
    source,
    recordId,
    account,
    currency,
    // What is beyond a double's integers is a finding all the same, and its text has the amount.
    amount: Number.isSafeInteger(Number(amount)) ? Number(amount) : 0,
    message: `${place}: ${what}`,
  };
  return { type: 'finding', finding };
}

/**
 * A `balance` finding where a statement's opening balance and lines do not come to its closing balance.
 * @param sum of its booked lines, minor units
 * @param unreadable how many of its lines could not be read
 */
export function* checkStatement(
  subject: BalanceSubject,
  { opening, sum, closing }: { readonly opening: bigint; readonly sum: bigint; readonly closing: bigint },
  unreadable: number,
): Generator<Translated> {
  const residual = opening + sum - closing;
  if (residual === 0n) return;
  const exponent = exponentOf(subject.currency);
  const [from, lines, to, off] = [opening, sum, closing, residual].map((minor) =>
    formatMinor(minor, exponent),
  );
  const damage = unreadable === 0 ? '' : `; ${unreadable} of its lines could not be read`;
  const what = `opening ${from!} + lines ${lines!} is not closing ${to!} ${subject.currency}: ${off!} over${damage}`;
  yield balanceFinding('balance', subject, residual, what);
}
