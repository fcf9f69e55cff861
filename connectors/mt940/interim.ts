import { CounterfoilError, exponentOf, formatDay, formatMinor } from '../../engine/domain/index.ts';
import type { Translated } from '../../engine/domain/index.ts';
import { readMinor } from '../contract/index.ts';
import type { FileContext } from '../contract/index.ts';
import { balanceFinding } from '../statements/index.ts';
import { SeenStatements } from './conflicts.ts';
import { readStatementDate } from './dates.ts';
import type { StatementLine } from './grammar.ts';
import { decode } from './line-texts.ts';
import { LineRecords, isExpected, malformed, readLine } from './records.ts';
import type { LinesHead } from './records.ts';
import type { Mt940Settings } from './settings.ts';
import type { RawField, RawStatement, StatementLimits } from './raw-statement.ts';
import { checkSize } from './translate.ts';

type Direction = 'C' | 'D';

/** Number and sum of debits (`:90D:`) or credits (`:90C:`). */
interface StatedSum {
  readonly direction: Direction;
  readonly count: number;
  /** Minor units. */
  readonly amount: bigint;
}

interface Head extends LinesHead {
  /** Entries below these amounts are left out of the report; minor units. */
  readonly floors: { readonly [direction in Direction]: bigint };
  readonly sums: readonly StatedSum[];
}

/** What the lines of one direction come to. */
interface Counted {
  count: number;
  amount: bigint;
}

/**
 * Makes records of the interim reports (MT942) of one file, in their order. A report has no balances: its currency
 * comes from the floor limit or the sums, and its ids from the date and time at which it was made.
 */
export class InterimTranslator {
  readonly #context: FileContext;
  readonly #limits: StatementLimits;
  readonly #records: LineRecords;
  readonly #seen = new SeenStatements();
  #reports = 0;

  /** @param limits to which the reports were put together */
  constructor(context: FileContext, settings: Mt940Settings, limits: StatementLimits) {
    this.#context = context;
    this.#limits = limits;
    this.#records = new LineRecords(context, settings);
  }

  /** What a report comes to. Take all of it: records are made as they are taken, because there may be many. */
  *translate(report: RawStatement): Generator<Translated> {
    this.#reports++;
    let head: Head;
    let lines: (StatementLine | CounterfoilError)[];
    try {
      checkSize(report, this.#limits);
      head = readHead(report, this.#context);
      lines = report.entries.map((entry) => readLine(entry, head.currency));
      this.#seen.check(report, head.name, lines);
    } catch (error) {
      yield* this.#records.refuse(report, error);
      return;
    }
    yield* this.#checkSums(report, head, lines);
    for (let i = 0; i < lines.length; i++) {
      yield this.#records.item(report, head, i, lines[i]!, i + 1);
    }
  }

  /** @param firstLine of the file, where it has one */
  *end(firstLine: string | undefined): Generator<Translated> {
    if (this.#reports > 0 || firstLine === undefined) return;
    const what = 'the file has no report in it (no :20:, :25:, :34F: or :61:); is it MT942?';
    yield* this.#records.refuseFile(firstLine, what);
  }

  *#checkSums(
    report: RawStatement,
    head: Head,
    lines: readonly (StatementLine | CounterfoilError)[],
  ): Generator<Translated> {
    const read = lines.filter((line): line is StatementLine => !(line instanceof CounterfoilError));
    for (const stated of head.sums) {
      const own = read.filter((line) => line.amount < 0n === (stated.direction === 'D'));
      const all = count(own);
      const booked = count(own.filter((line) => !isExpected(line)));
      const floor = head.floors[stated.direction];
      // Banks count what is expected or do not.
      if ([all, booked].some((counted) => isExplained(stated, counted, floor))) continue;
      const exponent = exponentOf(head.currency);
      const [listed, wanted] = [all.amount, stated.amount].map((minor) => formatMinor(minor, exponent));
      const unreadable = lines.length - read.length;
      const damage = unreadable === 0 ? '' : `; ${unreadable} of its lines could not be read`;
      yield balanceFinding(
        'balance',
        {
          source: this.#context.source,
          account: head.account,
          currency: head.currency,
          place: `${this.#context.file}:${report.line}: report ${head.name}`,
        },
        all.amount - stated.amount,
        `its ${all.count} lines of ${stated.direction === 'D' ? 'debit' : 'credit'} come to ${listed!} ${head.currency}, but :90${stated.direction}: says ${stated.count} of ${wanted!}${damage}`,
      );
    }
  }
}

function count(lines: readonly StatementLine[]): Counted {
  const counted: Counted = { count: lines.length, amount: 0n };
  for (const { amount } of lines) counted.amount += amount < 0n ? -amount : amount;
  return counted;
}

/** Whether what a report states are its lines, or more of them that are each below the floor. */
function isExplained(stated: StatedSum, counted: Counted, floor: bigint): boolean {
  const entries = stated.count - counted.count;
  const amount = stated.amount - counted.amount;
  if (entries === 0) return amount === 0n;
  return entries > 0 && amount >= 0n && amount < floor * BigInt(entries);
}

const FLOOR = /^([A-Z]{3})([CD])?(\d{1,18}(?:,\d*)?)\s*$/;
const SUM = /^(\d{1,5})([A-Z]{3})(\d{1,18}(?:,\d*)?)\s*$/;
/** Date and time, and how far it is from UTC. Older reports have the time alone. */
const MADE_AT = /^(?:(\d{6}))?(\d{4})(?:[+-]\d{4})?\s*$/;

/** @throws CounterfoilError `malformedStatement`, `unknownAccount`, `unknownCurrency`, `invalidTime`, `invalidAmount` */
function readHead(report: RawStatement, context: FileContext): Head {
  if (report.opening !== undefined || report.closing !== undefined) {
    throw malformed(
      'it is a statement with balances (MT940), not an interim report; read it by a source of the connector mt940',
    );
  }
  const fields = (...tags: string[]): RawField[] => report.interim.filter(({ tag }) => tags.includes(tag));
  const floors = fields('34F').map((field) => matched(field, FLOOR, 'AEDD1000,00'));
  const sums = fields('90C', '90D').map((field) => ({
    direction: field.tag.slice(2) as Direction,
    parts: matched(field, SUM, '12AED1234,56'),
  }));
  const currencies = new Set([...floors.map((parts) => parts[1]!), ...sums.map(({ parts }) => parts[2]!)]);
  const [currency] = currencies;
  if (currency === undefined) {
    throw malformed('the report names no currency (:34F:, :90D: or :90C:); is it cut off?');
  }
  if (currencies.size > 1) throw malformed(`the report is in ${[...currencies].join(' and ')} at once`);
  const exponent = exponentOf(currency);
  const minor = (text: string): bigint => readMinor(text.replace(',', '.'), exponent);
  const floorOf = (direction: Direction): bigint => {
    const own =
      floors.find((parts) => parts[2] === direction) ?? floors.find((parts) => parts[2] === undefined);
    return own === undefined ? 0n : minor(own[3]!);
  };
  const identifier = decode(report.account);
  return {
    account: context.accounts.ofIdentifier(identifier),
    currency,
    name: `${identifier}/${decode(report.number)}/${madeAt(fields('13D', '13')[0])}`,
    floors: { C: floorOf('C'), D: floorOf('D') },
    sums: sums.map(({ direction, parts }) => ({
      direction,
      count: Number(parts[1]),
      amount: minor(parts[3]!),
    })),
  };
}

function madeAt(field: RawField | undefined): string {
  if (field === undefined) throw malformed('the report does not say when it was made (:13D:)');
  const parts = matched(field, MADE_AT, '2611221430+0400');
  const day = parts[1] === undefined ? '' : `${formatDay(readStatementDate(parts[1]))}T`;
  return `${day}${parts[2]!}`;
}

/** @throws CounterfoilError `malformedStatement` */
function matched({ tag, text }: RawField, form: RegExp, example: string): RegExpExecArray {
  const parts = form.exec(text);
  if (parts !== null) return parts;
  throw malformed(`:${tag}:${text.slice(0, 60)} is not of the form ${example}`);
}
