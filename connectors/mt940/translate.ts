import { isUtf8 } from 'node:buffer';
import { CounterfoilError, exponentOf, formatDay, formatMinor } from '../../engine/domain/index.ts';
import type { LocalDay, MoneyRecord, Origin, RecordTime, Translated } from '../../engine/domain/index.ts';
import { MAX_ID, deadLetter, keepTexts } from '../contract/index.ts';
import type { FileContext } from '../contract/index.ts';
import type { Balance, StatementLine } from './grammar.ts';
import { readBalance, readStatementLine } from './grammar.ts';
import { readNarrative } from './narrative.ts';
import type { Mt940Settings } from './settings.ts';
import type { RawEntry, RawStatement, StatementLimits } from './statement.ts';

/** What a statement's balances and header come to. */
interface Head {
  readonly account: string;
  readonly opening: Balance | undefined;
  readonly closing: Balance;
  /** Account, statement number and closing date: what makes the ids of the statement's lines its own. */
  readonly name: string;
}

/** Makes records of the statements of one file, in their order. */
export class StatementTranslator {
  readonly #context: FileContext;
  readonly #settings: Mt940Settings;
  readonly #limits: StatementLimits;
  /** The page before, where it said that another follows. */
  #page: { readonly account: string; readonly number: string; readonly entries: number } | undefined;
  /** The statement before, where it could not be read. */
  #refused: RawStatement | undefined;
  /** Last day that a final balance closes, by account identifier. */
  readonly #closed = new Map<string, LocalDay>();
  #incomplete = false;
  #day: LocalDay | undefined;
  #dayStart: RecordTime | undefined;
  #statements = 0;

  /** @param limits to which the statements were put together */
  constructor(context: FileContext, settings: Mt940Settings, limits: StatementLimits) {
    this.#context = context;
    this.#settings = settings;
    this.#limits = limits;
  }

  /** What a statement comes to. Take all of it: records are made as they are taken, because there may be many. */
  *translate(statement: RawStatement): Generator<Translated> {
    this.#statements++;
    let head: Head;
    try {
      this.#checkWhole(statement);
      head = readHead(statement, this.#context);
    } catch (error) {
      yield* this.#refuse(statement, error);
      return;
    }
    this.#refused = undefined;
    const firstOrdinal = this.#firstOrdinal(statement);
    const lines: (StatementLine | CounterfoilError)[] = [];
    let sum = 0n;
    for (const entry of statement.entries) {
      const line = readLine(entry, head.closing.currency);
      lines.push(line);
      if (!(line instanceof CounterfoilError) && !line.mark.startsWith('E')) sum += line.amount;
    }
    yield* this.#checkBalance(statement, head, sum, lines);
    yield* this.#balance(head, firstOrdinal);
    for (const [i, entry] of statement.entries.entries()) {
      yield this.#item(statement, head, entry, lines[i]!, firstOrdinal + i);
    }
    this.#remember(statement, head, firstOrdinal);
  }

  /** @param firstLine of the file, where it has one */
  *end(firstLine: string | undefined): Generator<Translated> {
    if (this.#statements === 0 && firstLine !== undefined) {
      const origin: Origin = { file: this.#context.file, line: 1, offset: 0, ordinal: 0 };
      const problem = malformed(
        'the file has no statement in it (no :20:, :25:, :60F: or :61:); is it MT940?',
      );
      yield deadLetter(this.#context.source, problem, origin, decode(firstLine));
      return;
    }
    const through = this.#completeThrough();
    if (through !== undefined) yield { type: 'progress', time: through };
  }

  /** @throws CounterfoilError `malformedStatement` where part of the statement is missing, so that ids would be wrong */
  #checkWhole(statement: RawStatement): void {
    const { bytes, lines } = this.#limits;
    if (statement.oversized) {
      throw malformed(
        `the statement is larger than ${bytes} bytes or ${lines} lines, and none of it is taken; have the bank send statements of shorter periods, or of several pages`,
      );
    }
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

  /**
   * The start of the last day that every account's statement is final for: no later than the time of a line of that
   * day, so that a second statement of the day does not come too late. Undefined where a statement could not be read,
   * a page is missing, or an account of the source's map has no statement here.
   */
  #completeThrough(): number | undefined {
    const known = this.#context.accounts.identifiers ?? [];
    if (this.#incomplete || this.#page !== undefined || this.#closed.size === 0) return undefined;
    if (known.some((identifier) => !this.#closed.has(identifier))) return undefined;
    return this.#context.zone.startOfDay(Math.min(...this.#closed.values())).time;
  }

  /** No record can be made of a statement without its balances: its lines are kept, each with the reason. */
  *#refuse(statement: RawStatement, problem: unknown): Generator<Translated> {
    this.#incomplete = true;
    this.#page = undefined;
    this.#refused = statement;
    for (const entry of statement.entries) {
      const payload = decode([...statement.lines, ...entry.lines].join('\n'));
      yield deadLetter(this.#context.source, problem, this.#origin(entry), payload);
    }
    if (statement.entries.length > 0) return;
    const payload = decode(statement.lines.join('\n'));
    yield deadLetter(this.#context.source, problem, this.#origin(statement), payload);
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
    const identifier = decode(statement.account);
    const day = this.#closed.get(identifier) ?? head.closing.day;
    this.#closed.set(identifier, Math.max(day, head.closing.day));
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
    read: readonly (StatementLine | CounterfoilError)[],
  ): Generator<Translated> {
    const { opening, closing } = head;
    if (opening === undefined) return;
    const residual = opening.amount + sum - closing.amount;
    if (residual === 0n) return;
    const exponent = exponentOf(closing.currency);
    const [from, lines, to, off] = [opening.amount, sum, closing.amount, residual].map((minor) =>
      formatMinor(minor, exponent),
    );
    const unreadable = read.filter((line) => line instanceof CounterfoilError).length;
    const damage = unreadable === 0 ? '' : `; ${unreadable} of its lines could not be read`;
    yield {
      type: 'finding',
      finding: {
        kind: 'balance',
        source: this.#context.source,
        recordId: '',
        account: head.account,
        currency: closing.currency,
        amount: Number(residual),
        message: `${this.#context.file}:${statement.line}: statement ${head.name}: opening ${from!} + lines ${lines!} is not closing ${to!} ${closing.currency}: ${off!} over${damage}`,
      },
    };
  }

  #item(
    statement: RawStatement,
    head: Head,
    entry: RawEntry,
    line: StatementLine | CounterfoilError,
    ordinal: number,
  ): Translated {
    const origin = this.#origin(entry);
    try {
      if (line instanceof CounterfoilError) throw line;
      return { type: 'record', record: this.#record(statement, head, entry, line, ordinal), origin };
    } catch (error) {
      return deadLetter(this.#context.source, error, origin, decode(entry.lines.join('\n')));
    }
  }

  #record(
    statement: RawStatement,
    head: Head,
    entry: RawEntry,
    line: StatementLine,
    ordinal: number,
  ): MoneyRecord {
    const id = `${head.name}/${ordinal}`;
    if (id.length > MAX_ID) {
      throw new CounterfoilError(
        'invalidField',
        `the statement's account and number have over ${MAX_ID} characters`,
      );
    }
    const bookingDate = line.entryDate ?? line.valueDate;
    const day = this.#settings.time === 'bookingDate' ? bookingDate : line.valueDate;
    return {
      source: this.#context.source,
      id,
      account: head.account,
      kind: 'bank',
      status: line.mark.startsWith('E') ? 'pending' : 'booked',
      currency: head.closing.currency,
      amount: line.amount,
      fee: 0n,
      tax: 0n,
      ...this.#startOf(day),
      bookingDate,
      valueDate: line.valueDate,
      ...texts(statement, entry, line),
    };
  }

  /** Lines of one day stand together, so that the last answer is mostly the next. */
  #startOf(day: LocalDay): RecordTime {
    if (this.#day !== day || this.#dayStart === undefined) {
      this.#dayStart = this.#context.zone.startOfDay(day);
      this.#day = day;
    }
    return this.#dayStart;
  }

  #origin(place: { readonly line: number; readonly offset: number }): Origin {
    return { file: this.#context.file, line: place.line, offset: place.offset, ordinal: 0 };
  }
}

/** @throws CounterfoilError `malformedStatement`, `unknownAccount`, `unknownCurrency`, `invalidTime` */
function readHead(statement: RawStatement, context: FileContext): Head {
  if (statement.closing === undefined) {
    throw malformed('the statement has no closing balance (:62F: or :62M:); is the file cut off?');
  }
  const closing = readBalance(statement.closing.tag, statement.closing.text);
  const opening =
    statement.opening === undefined ? undefined : readBalance(statement.opening.tag, statement.opening.text);
  if (opening !== undefined && opening.currency !== closing.currency) {
    throw malformed(`the statement opens in ${opening.currency} and closes in ${closing.currency}`);
  }
  const identifier = decode(statement.account);
  return {
    account: context.accounts.ofIdentifier(identifier),
    opening,
    closing,
    name: `${identifier}/${decode(statement.number)}/${formatDay(closing.day)}`,
  };
}

/** Whether a number of minor units is one that the log can carry. */
function isExact(minor: bigint): boolean {
  return Number.isSafeInteger(Number(minor));
}

/** The line, or why it cannot be read. */
function readLine(entry: RawEntry, currency: string): StatementLine | CounterfoilError {
  try {
    return readStatementLine(entry.head, currency);
  } catch (error) {
    return CounterfoilError.from(error);
  }
}

/** Owner's references that are none; the last three say that one stands in the information field. */
const NONE = new Set(['', 'NONREF', 'EREF', 'MARF', 'PREF']);

function texts(
  statement: RawStatement,
  entry: RawEntry,
  line: StatementLine,
): Pick<MoneyRecord, 'references' | 'attributes'> {
  const references: { [name: string]: string } = {};
  const attributes: { [name: string]: string } = { type: line.type };
  const add = (to: { [name: string]: string }, name: string, value: string): void => {
    if (value !== '') to[name] = decode(value);
  };
  const supplement = line.remainder === '' ? entry.supplement : [line.remainder, ...entry.supplement];
  // A line break before the bank's reference leaves it at the start of the next line.
  const broken = line.bankReference === '' && supplement[0]?.startsWith('//') === true;
  const bankReference = broken ? supplement[0]!.slice(2).trim() : line.bankReference;
  if (!NONE.has(line.ownerReference)) add(references, 'reference', line.ownerReference);
  if (!NONE.has(bankReference)) add(references, 'bankReference', bankReference);
  add(attributes, 'statement', statement.number);
  add(attributes, 'statementReference', statement.reference);
  add(attributes, 'supplement', (broken ? supplement.slice(1) : supplement).join('\n'));
  if (line.mark.length > 1) attributes['mark'] = line.mark;
  if (entry.narrative.length > 0) {
    const narrative = entry.narrative.map(decode);
    readNarrative(narrative, { references, attributes });
    const narrated = narrative.join('\n');
    if (narrated !== '') attributes['narrative'] = narrated;
  }
  return { references: keepTexts('references', references), attributes: keepTexts('attributes', attributes) };
}

/** Bytes as text: UTF-8 where they are, else Latin-1, which older bank files are written in. */
function decode(bytes: string): string {
  if (!/[\x80-\xff]/.test(bytes)) return bytes;
  const buffer = Buffer.from(bytes, 'latin1');
  return isUtf8(buffer) ? buffer.toString('utf8') : bytes;
}

function malformed(what: string): CounterfoilError {
  return new CounterfoilError('malformedStatement', what);
}
