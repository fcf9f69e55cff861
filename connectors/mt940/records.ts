import { CounterfoilError } from '../../engine/domain/index.ts';
import type { LocalDay, MoneyRecord, Origin, RecordTime, Translated } from '../../engine/domain/index.ts';
import { MAX_ID, deadLetter } from '../contract/index.ts';
import type { FileContext } from '../contract/index.ts';
import type { StatementLine } from './grammar.ts';
import { readStatementLine } from './grammar.ts';
import type { Mt940Settings } from './settings.ts';
import { decode, factsOf } from './line-texts.ts';
import { rawOf } from './raw-statement.ts';
import type { RawEntry, RawStatement } from './raw-statement.ts';

/** What the lines of a statement have in common. */
export interface LinesHead {
  readonly account: string;
  readonly currency: string;
  /** What makes the ids of the statement's lines its own. */
  readonly name: string;
}

/** Makes records and dead letters of statement lines. */
export class LineRecords {
  readonly #context: FileContext;
  readonly #settings: Mt940Settings;
  #day: LocalDay | undefined;
  #dayStart: RecordTime = { time: 0, precision: 'day', offsetMinutes: 0 };

  constructor(context: FileContext, settings: Mt940Settings) {
    this.#context = context;
    this.#settings = settings;
  }

  /**
   * @param index of the entry in its statement
   * @param line as read, or why it cannot be
   */
  item(
    statement: RawStatement,
    head: LinesHead,
    index: number,
    line: StatementLine | CounterfoilError,
    ordinal: number,
  ): Translated {
    const entry = statement.entries[index]!;
    const origin = this.origin(entry);
    try {
      if (line instanceof CounterfoilError) throw line;
      return { type: 'record', record: this.#record(statement, head, entry, line, ordinal), origin };
    } catch (error) {
      return deadLetter(this.#context.source, error, origin, decode(rawOf(statement, index)));
    }
  }

  /** No record can be made of a statement without what all of its lines need: they are kept, each with the reason. */
  *refuse(statement: RawStatement, problem: unknown): Generator<Translated> {
    for (const [index, entry] of statement.entries.entries()) {
      const payload = decode([...statement.lines, rawOf(statement, index)].join('\n'));
      yield deadLetter(this.#context.source, problem, this.origin(entry), payload);
    }
    if (statement.entries.length > 0) return;
    const payload = decode(statement.lines.join('\n'));
    yield deadLetter(this.#context.source, problem, this.origin(statement), payload);
  }

  /** Where no statement was found in the file at all. */
  *refuseFile(firstLine: string, what: string): Generator<Translated> {
    const origin: Origin = { file: this.#context.file, line: 1, offset: 0, ordinal: 0 };
    yield deadLetter(this.#context.source, malformed(what), origin, decode(firstLine));
  }

  origin(place: { readonly line: number; readonly offset: number }): Origin {
    return { file: this.#context.file, line: place.line, offset: place.offset, ordinal: 0 };
  }

  #record(
    statement: RawStatement,
    head: LinesHead,
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
    const { time, precision, offsetMinutes } = this.#startOf(
      this.#settings.time === 'bookingDate' ? bookingDate : line.valueDate,
    );
    const { references, attributes } = factsOf(statement, entry, line);
    return {
      source: this.#context.source,
      id,
      account: head.account,
      kind: 'bank',
      status: isExpected(line) ? 'pending' : 'booked',
      currency: head.currency,
      amount: line.amount,
      fee: 0n,
      tax: 0n,
      time,
      precision,
      offsetMinutes,
      bookingDate,
      valueDate: line.valueDate,
      references,
      attributes,
    };
  }

  /** Lines of one day stand together, so that the last answer is mostly the next. */
  #startOf(day: LocalDay): RecordTime {
    if (this.#day !== day) {
      this.#dayStart = this.#context.zone.startOfDay(day);
      this.#day = day;
    }
    return this.#dayStart;
  }
}

/** Whether a line is expected (EC, ED) and no part of a balance yet. */
export function isExpected(line: StatementLine): boolean {
  return line.mark.startsWith('E');
}

/** The line, or why it cannot be read. */
export function readLine(entry: RawEntry, currency: string): StatementLine | CounterfoilError {
  try {
    return readStatementLine(entry.head, currency);
  } catch (error) {
    return CounterfoilError.from(error);
  }
}

export function malformed(what: string): CounterfoilError {
  return new CounterfoilError('malformedStatement', what);
}
