import { CounterfoilError, formatDay } from '../../engine/domain/index.ts';
import type { LocalDay } from '../../engine/domain/index.ts';
import type { SourceContext } from '../contract/index.ts';
import { isCredit, readAmount } from './amounts.ts';
import type { CamtDates } from './dates.ts';
import { checkOnce } from './raw-message.ts';
import type { Fields, RawStatement } from './raw-message.ts';

/** A balance of a statement. */
export interface CamtBalance {
  /** Minor units; a debit balance is negative. */
  readonly amount: bigint;
  readonly currency: string;
  readonly day: LocalDay;
}

/** What a statement's header and balances come to. */
export interface StatementHead {
  /** As the bank writes it. */
  readonly identifier: string;
  readonly account: string;
  /** Account, statement and closing day, if it has one: what makes the ids of its entries its own. */
  readonly name: string;
  /** Several pages have one name. */
  readonly page: number;
  readonly opening: CamtBalance | undefined;
  readonly closing: CamtBalance | undefined;
  /** Whether the closing balance is the day's final one. */
  readonly isFinal: boolean;
}

const MAX_NAME = 400;

/**
 * Reads what stands before a statement's entries.
 * @throws CounterfoilError `malformedStatement`, `unknownAccount`, and what amounts and dates throw
 */
export function readHead(
  statement: RawStatement,
  context: SourceContext,
  dates: CamtDates,
  decode: (text: string) => string,
): StatementHead {
  const { fields, balances } = statement;
  checkOnce(fields);
  const identifier = decode(fields['account'] ?? '');
  if (identifier === '') throw malformed('the statement names no account (Acct/Id)');
  const id = decode(fields['id'] ?? '');
  if (id === '') throw malformed('the statement has no identification (Id)');
  const page = /^\d{1,5}$/.test(fields['page'] ?? '') ? Number(fields['page']) : 1;
  const { opening, closing, isFinal } = readBalances(balances, dates);
  const day = isFinal && closing !== undefined ? `/${formatDay(closing.day)}` : '';
  const name = `${identifier}/${id}${day}`;
  if (name.length > MAX_NAME)
    throw malformed(`its account and identification have over ${MAX_NAME} characters`);
  return {
    identifier,
    account: context.accounts.ofIdentifier(identifier),
    name,
    page,
    opening,
    closing,
    isFinal,
  };
}

/**
 * The balances that entries lead from and to: of the booked ones the opening (`OPBD`, or the closing balance before it,
 * `PRCD`) and the closing (`CLBD`); where a page or a report has interim ones (`ITBD`) instead, the first opens and the
 * last closes. Available and forward balances say nothing about entries.
 */
function readBalances(
  balances: readonly Fields[],
  dates: CamtDates,
): Pick<StatementHead, 'opening' | 'closing' | 'isFinal'> {
  const booked = (type: string): Fields[] => balances.filter((balance) => balance['type'] === type);
  const interim = booked('ITBD');
  const [opens] = [...booked('OPBD'), ...booked('PRCD'), ...interim];
  const final = booked('CLBD').at(-1);
  const closes = final ?? interim.at(-1);
  return {
    opening: opens === undefined || opens === closes ? undefined : readBalance(opens, dates),
    closing: closes === undefined ? undefined : readBalance(closes, dates),
    isFinal: final !== undefined && final['subType'] !== 'INTM',
  };
}

function readBalance(fields: Fields, dates: CamtDates): CamtBalance {
  checkOnce(fields);
  const { minor, currency } = readAmount(fields['amount'], fields['amountCurrency']);
  const amount = isCredit(fields['indicator']) ? minor : -minor;
  const date = fields['date'];
  if (date === undefined) throw malformed('a balance has no date (Dt)');
  return { amount, currency, day: dates.read(date).day };
}

export function malformed(what: string): CounterfoilError {
  return new CounterfoilError('malformedStatement', what);
}
