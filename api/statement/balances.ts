import { exponentOf, formatMinor, isKnownCurrency } from '../../engine/domain/index.ts';
import type { SourceBalance, StatementBalance } from '../../engine/domain/index.ts';

/** What a source's balances say of one account and currency, as the API shows it. */
export interface BalanceView {
  readonly source: string;
  readonly account: string;
  readonly currency: string;
  /** Bank statements, or whatever the source states balances with. */
  readonly statements: number;
  /** What the first of them opens with and the last closes with; absent where none says. */
  readonly opening?: string;
  readonly closing?: string;
  readonly records: number;
  /** Σ of the booked records. */
  readonly amount: string;
  /** Statements that do not add up, or that do not begin where the one before them ended. */
  readonly off: number;
  /** Opening + Σ records − closing. */
  readonly residual: string;
  /** The first five things wrong, one line each. */
  readonly messages: readonly string[];
}

const MOST_MESSAGES = 5;

/** Whether opening + Σ records = closing, and where it is not so. */
export function balanceView(balance: SourceBalance): BalanceView {
  const { source, account, currency, records, amount, statements } = balance;
  const money = (minor: bigint): string =>
    formatMinor(minor, isKnownCurrency(currency) ? exponentOf(currency) : 0);
  const opening = statements[0]?.opening;
  const closing = statements.at(-1)?.closing;
  const problems = statements.flatMap((each, i) => problemsOf(each, statements[i - 1], currency, money));
  const known = opening !== undefined && closing !== undefined;
  return {
    ...{ source, account, currency },
    statements: statements.length,
    ...(opening === undefined ? {} : { opening: money(opening) }),
    ...(closing === undefined ? {} : { closing: money(closing) }),
    records,
    amount: money(amount),
    off: statements.length === 0 ? balance.off : problems.length,
    // What was read before balances were kept is known by its findings alone.
    residual: money(known ? opening + amount - closing : balance.offBy),
    messages: [...problems, ...balance.messages].slice(0, MOST_MESSAGES),
  };
}

/** What is wrong with a statement: by itself, and after the one before it. */
function problemsOf(
  { name, opening, closing, records, amount }: StatementBalance,
  before: StatementBalance | undefined,
  currency: string,
  money: (minor: bigint) => string,
): string[] {
  if (opening === undefined) return [];
  const problems: string[] = [];
  const between = before === undefined ? 0n : opening - before.closing;
  if (between !== 0n)
    problems.push(
      `statement ${name} opens with ${money(opening)} ${currency}, ${before!.name} before it closed with ${money(before!.closing)}: ${money(between)} between them; is a statement missing?`,
    );
  const off = opening + amount - closing;
  if (off !== 0n)
    problems.push(
      `statement ${name}: opening ${money(opening)} + ${records} records ${money(amount)} is not closing ${money(closing)} ${currency}: ${money(off)} over; see the source's dead letters and findings`,
    );
  return problems;
}
