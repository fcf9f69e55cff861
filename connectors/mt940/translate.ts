import { CounterfoilError, formatDay } from '../../engine/domain/index.ts';
import type { Translated } from '../../engine/domain/index.ts';
import type { FileContext } from '../contract/index.ts';
import { ClosedDays, Continuity, checkStatement } from '../statements/index.ts';
import type { BalanceSubject } from '../statements/index.ts';
import { SeenStatements } from './conflicts.ts';
import type { Balance, StatementLine } from './grammar.ts';
import { readBalance } from './grammar.ts';
import { decode } from './line-texts.ts';
import { LineRecords, isExpected, malformed, readLine } from './records.ts';
import type { LinesHead } from './records.ts';
import type { Mt940Settings } from './settings.ts';
import type { RawStatement, StatementLimits } from './raw-statement.ts';

/** What a statement's balances and header come to. */
interface Head extends LinesHead {
  /** As the bank writes it. */
  readonly identifier: string;
  readonly opening: Balance | undefined;
  readonly closing: Balance;
}

/** Makes records of the statements of one file, in their order. */
export class StatementTranslator {
  readonly #context: FileContext;
  readonly #limits: StatementLimits;
  readonly #records: LineRecords;
  readonly #seen = new SeenStatements();
  readonly #continuity = new Continuity();
  readonly #closed: ClosedDays;
  /** The page before, where it said that another follows. */
  #page: { readonly account: string; readonly number: string; readonly entries: number } | undefined;
  /** The statement before, where it could not be read. */
  #refused: RawStatement | undefined;
  #incomplete = false;
  #statements = 0;

  /** @param limits to which the statements were put together */
  constructor(context: FileContext, settings: Mt940Settings, limits: StatementLimits) {
    this.#context = context;
    this.#limits = limits;
    this.#records = new LineRecords(context, settings);
    this.#closed = new ClosedDays(context);
  }

  /** What a statement comes to. Take all of it: records are made as they are taken, because there may be many. */
  *translate(statement: RawStatement): Generator<Translated> {
    this.#statements++;
    const firstOrdinal = this.#firstOrdinal(statement);
    const lines: (StatementLine | CounterfoilError)[] = [];
    let head: Head;
    let isAgain: boolean;
    try {
      this.#checkWhole(statement);
      head = readHead(statement, this.#context);
      for (const entry of statement.entries) lines.push(readLine(entry, head.currency));
      isAgain = this.#seen.check(statement, `${head.name}/${firstOrdinal}`, lines);
    } catch (error) {
      this.#incomplete = true;
      this.#page = undefined;
      this.#refused = statement;
      yield* this.#records.refuse(statement, error);
      return;
    }
    this.#refused = undefined;
    let sum = 0n;
    let unreadable = 0;
    for (const line of lines) {
      if (line instanceof CounterfoilError) unreadable++;
      else if (!isExpected(line)) sum += line.amount;
    }
    yield* this.#checkBalance(statement, head, sum, unreadable);
    if (!isAgain) yield* this.#checkContinuity(statement, head);
    yield* this.#balance(head, firstOrdinal);
    for (let i = 0; i < lines.length; i++) {
      yield this.#records.item(statement, head, i, lines[i]!, firstOrdinal + i);
    }
    this.#remember(statement, head, firstOrdinal);
  }

  /** @param firstLine of the file, where it has one */
  *end(firstLine: string | undefined): Generator<Translated> {
    if (this.#statements === 0 && firstLine !== undefined) {
      const what = 'the file has no statement in it (no :20:, :25:, :60F: or :61:); is it MT940?';
      yield* this.#records.refuseFile(firstLine, what);
      return;
    }
    if (this.#incomplete || this.#page !== undefined) return;
    const through = this.#closed.completeThrough();
    if (through !== undefined) yield { type: 'progress', time: through };
  }

  /** @throws CounterfoilError `malformedStatement` where part of the statement is missing, so that ids would be wrong */
  #checkWhole(statement: RawStatement): void {
    checkSize(statement, this.#limits);
    const before = this.#refused;
    if (
      before !== undefined &&
      statement.opening?.tag === '60M' &&
      before.account === statement.account &&
      before.number === statement.number
    ) {
      throw malformed(
        `the page before it (line ${before.line}) could not be read, and this page's lines count on from there; correct that one`,
      );
    }
  }

  /** Lines count through the pages of a statement, because pages may have the same number and date. */
  #firstOrdinal(statement: RawStatement): number {
    const page = this.#page;
    const continues =
      statement.opening?.tag === '60M' &&
      page?.account === statement.account &&
      page.number === statement.number;
    return continues ? page.entries + 1 : 1;
  }

  #remember(statement: RawStatement, head: Head, firstOrdinal: number): void {
    if (statement.closing!.tag === '62M') {
      const entries = firstOrdinal - 1 + statement.entries.length;
      this.#page = { account: statement.account, number: statement.number, entries };
      return;
    }
    this.#page = undefined;
    this.#closed.close(head.identifier, head.closing.day);
  }

  *#balance(head: Head, page: number): Generator<Translated> {
    const { account, name, opening, closing } = head;
    if (![opening?.amount ?? 0n, closing.amount].every(isExact)) return;
    yield {
      type: 'balance',
      balance: {
        source: this.#context.source,
        ...{ account, name, page },
        currency: closing.currency,
        day: closing.day,
        ...(opening === undefined ? {} : { opening: Number(opening.amount) }),
        closing: Number(closing.amount),
      },
    };
  }

  *#checkBalance(
    statement: RawStatement,
    head: Head,
    sum: bigint,
    unreadable: number,
  ): Generator<Translated> {
    const { opening, closing } = head;
    if (opening === undefined) return;
    const balances = { opening: opening.amount, sum, closing: closing.amount };
    yield* checkStatement(this.#subject(statement, head), balances, unreadable);
  }

  #checkContinuity(statement: RawStatement, head: Head): Generator<Translated> {
    return this.#continuity.check(head.identifier, this.#subject(statement, head), {
      name: head.name,
      opening: head.opening?.amount,
      closing: head.closing.amount,
      day: head.closing.day,
      isContinued: statement.opening?.tag === '60M',
    });
  }

  #subject(statement: RawStatement, { account, currency, name }: Head): BalanceSubject {
    const place = `${this.#context.file}:${statement.line}: statement ${name}`;
    return { source: this.#context.source, account, currency, place };
  }
}

/** @throws CounterfoilError `malformedStatement` for a statement of which the entries were left out */
export function checkSize(statement: RawStatement, { bytes, lines }: StatementLimits): void {
  if (!statement.oversized) return;
  throw malformed(
    `the statement is larger than ${bytes} bytes or ${lines} lines, and none of it is taken; have the bank send statements of shorter periods, or of several pages`,
  );
}

/** @throws CounterfoilError `malformedStatement`, `unknownAccount`, `unknownCurrency`, `invalidTime` */
function readHead(statement: RawStatement, context: FileContext): Head {
  if (statement.closing === undefined) {
    throw malformed(
      statement.opening === undefined && statement.interim.some(({ tag }) => tag !== '90C' && tag !== '90D')
        ? 'it is an interim report (MT942), not a statement; read it by a source of the connector mt942'
        : 'the statement has no closing balance (:62F: or :62M:); is the file cut off?',
    );
  }
  const closing = readBalance(statement.closing.tag, statement.closing.text);
  const opening =
    statement.opening === undefined ? undefined : readBalance(statement.opening.tag, statement.opening.text);
  if (opening !== undefined && opening.currency !== closing.currency) {
    throw malformed(`the statement opens in ${opening.currency} and closes in ${closing.currency}`);
  }
  const identifier = decode(statement.account);
  return {
    identifier,
    account: context.accounts.ofIdentifier(identifier),
    currency: closing.currency,
    opening,
    closing,
    name: `${identifier}/${decode(statement.number)}/${formatDay(closing.day)}`,
  };
}

/** Whether a number of minor units is one that the log can carry. */
function isExact(minor: bigint): boolean {
  return Number.isSafeInteger(Number(minor));
}
