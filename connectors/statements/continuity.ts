import { exponentOf, formatMinor } from '../../engine/domain/index.ts';
import type { LocalDay, Translated } from '../../engine/domain/index.ts';
import { balanceFinding } from './balance-check.ts';
import type { BalanceSubject } from './balance-check.ts';
import { ownText } from './own-text.ts';

/** The balances of a statement, minor units. */
export interface StatementBalances {
  readonly opening: bigint | undefined;
  readonly closing: bigint;
  /** The day that the closing balance closes. */
  readonly day: LocalDay;
  /** What the bank calls the statement. */
  readonly name: string;
  /** It is a further page of one statement, whose pages may have one name. */
  readonly isContinued: boolean;
}

/** The most accounts of a file whose last balances are remembered; beyond them the oldest are forgotten. */
const MAX_ACCOUNTS = 10_000;

/**
 * Tells where a statement does not open with what the one before it in the file closed with: one between them is
 * missing, or one of them is wrong. A `continuity` finding, because each may balance by itself. Statements that come again, or in another order than their days, are passed over.
 */
export class Continuity {
  /** By account identifier and currency. */
  readonly #last = new Map<string, StatementBalances>();

  *check(identifier: string, subject: BalanceSubject, now: StatementBalances): Generator<Translated> {
    const key = ownText(`${subject.currency} ${identifier}`);
    const last = this.#last.get(key);
    if (last !== undefined && (last.day > now.day || (last.name === now.name && !now.isContinued))) return;
    this.#last.delete(key);
    this.#last.set(key, { ...now, name: ownText(now.name) });
    if (this.#last.size > MAX_ACCOUNTS) this.#last.delete(this.#last.keys().next().value!);
    if (last === undefined || now.opening === undefined || last.closing === now.opening) return;
    const exponent = exponentOf(subject.currency);
    const [closed, opens] = [last.closing, now.opening].map((minor) => formatMinor(minor, exponent));
    const what = `opens with ${opens!} ${subject.currency}, but statement ${last.name} before it closed with ${closed!}; is one between them missing?`;
    yield balanceFinding('continuity', subject, now.opening - last.closing, what);
  }
}
