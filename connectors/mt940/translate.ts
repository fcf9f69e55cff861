import { isUtf8 } from 'node:buffer';
import { CounterfoilError, exponentOf, formatDay, formatMinor } from '../../engine/domain/index.ts';
import type { LocalDay, MoneyRecord, Origin, Translated } from '../../engine/domain/index.ts';
import { MAX_ID, deadLetter, keepTexts } from '../contract/index.ts';
import type { Batches, FileContext } from '../contract/index.ts';
import type { Balance, StatementLine } from './grammar.ts';
import { readBalance, readStatementLine } from './grammar.ts';
import { readNarrative } from './narrative.ts';
import type { Mt940Settings } from './settings.ts';
import type { RawEntry, RawStatement } from './statement.ts';

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
  readonly #batches: Batches;
  /** The page before, where it said that another follows. */
  #page: { readonly account: string; readonly number: string; readonly entries: number } | undefined;
  /** Last day that a final balance closes, by account identifier. */
  readonly #closed = new Map<string, LocalDay>();
  #incomplete = false;
  #statements = 0;

  constructor(context: FileContext, settings: Mt940Settings, batches: Batches) {
    this.#context = context;
    this.#settings = settings;
    this.#batches = batches;
  }

  add(statement: RawStatement): void {
    this.#statements++;
    let head: Head;
    try {
      head = readHead(statement, this.#context);
    } catch (error) {
      this.#refuse(statement, error);
      return;
    }
    const firstOrdinal = this.#firstOrdinal(statement);
    const items: Translated[] = [];
    let sum = 0n;
    let unreadable = 0;
    for (const [i, entry] of statement.entries.entries()) {
      const origin = this.#origin(entry);
      try {
        const line = readStatementLine(entry.head, head.closing.currency);
        const record = this.#record(statement, head, entry, line, firstOrdinal + i);
        items.push({ type: 'record', record, origin });
        if (!line.mark.startsWith('E')) sum += line.amount;
      } catch (error) {
        unreadable++;
        items.push(deadLetter(this.#context.source, error, origin, decode(entry.lines.join('\n'))));
      }
    }
    this.#checkBalance(statement, head, sum, unreadable);
    for (const item of items) this.#batches.add(item);
    this.#remember(statement, head, firstOrdinal);
  }

  /** @param firstLine of the file, where it has one */
  end(firstLine: string | undefined): void {
    if (this.#statements === 0 && firstLine !== undefined) {
      const origin: Origin = { file: this.#context.file, line: 1, offset: 0, ordinal: 0 };
      const problem = malformed(
        'the file has no statement in it (no :20:, :25:, :60F: or :61:); is it MT940?',
      );
      this.#batches.add(deadLetter(this.#context.source, problem, origin, decode(firstLine)));
      return;
    }
    const through = this.#completeThrough();
    if (through !== undefined) this.#batches.add({ type: 'progress', time: through });
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
  #refuse(statement: RawStatement, problem: unknown): void {
    this.#incomplete = true;
    this.#page = undefined;
    for (const entry of statement.entries) {
      const payload = decode([...statement.lines, ...entry.lines].join('\n'));
      this.#batches.add(deadLetter(this.#context.source, problem, this.#origin(entry), payload));
    }
    if (statement.entries.length > 0) return;
    const payload = decode(statement.lines.join('\n'));
    this.#batches.add(deadLetter(this.#context.source, problem, this.#origin(statement), payload));
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

  #checkBalance(statement: RawStatement, head: Head, sum: bigint, unreadable: number): void {
    const { opening, closing } = head;
    if (opening === undefined) return;
    const residual = opening.amount + sum - closing.amount;
    if (residual === 0n) return;
    const exponent = exponentOf(closing.currency);
    const [from, lines, to, off] = [opening.amount, sum, closing.amount, residual].map((minor) =>
      formatMinor(minor, exponent),
    );
    const damage = unreadable === 0 ? '' : `; ${unreadable} of its lines could not be read`;
    this.#batches.add({
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
    });
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
      ...this.#context.zone.startOfDay(day),
      bookingDate,
      valueDate: line.valueDate,
      ...texts(statement, entry, line),
    };
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
