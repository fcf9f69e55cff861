import { isUtf8 } from 'node:buffer';
import { CounterfoilError } from '../../engine/domain/index.ts';
import type { LocalDay, MoneyRecord, Origin, RecordTime, Translated } from '../../engine/domain/index.ts';
import { MAX_ID, deadLetter, keepText } from '../contract/index.ts';
import type { FileContext } from '../contract/index.ts';
import type { StatementLine } from './grammar.ts';
import { readStatementLine } from './grammar.ts';
import { readNarrative } from './narrative.ts';
import type { Mt940Settings } from './settings.ts';
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

  /** @param line as read, or why it cannot be */
  item(
    statement: RawStatement,
    head: LinesHead,
    entry: RawEntry,
    line: StatementLine | CounterfoilError,
    ordinal: number,
  ): Translated {
    const origin = this.origin(entry);
    try {
      if (line instanceof CounterfoilError) throw line;
      return { type: 'record', record: this.#record(statement, head, entry, line, ordinal), origin };
    } catch (error) {
      return deadLetter(this.#context.source, error, origin, decode(entry.raw));
    }
  }

  /** No record can be made of a statement without what all of its lines need: they are kept, each with the reason. */
  *refuse(statement: RawStatement, problem: unknown): Generator<Translated> {
    for (const entry of statement.entries) {
      const payload = decode([...statement.lines, entry.raw].join('\n'));
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
    const references: { [name: string]: string } = {};
    const attributes: { [name: string]: string } = { type: line.type };
    addTexts(statement, entry, line, references, attributes);
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

/** Owner's references that are none; the last three say that one stands in the information field. */
const NONE = new Set(['', 'NONREF', 'EREF', 'MARF', 'PREF']);

interface Texts {
  [name: string]: string;
}

function addTexts(
  statement: RawStatement,
  entry: RawEntry,
  line: StatementLine,
  references: Texts,
  attributes: Texts,
): void {
  const { ownerReference } = line;
  const read = statement.isAscii ? asItIs : decode;
  let { bankReference } = line;
  let supplement = supplementOf(entry, line);
  // A line break before the bank's reference leaves it at the start of the next line.
  if (bankReference === '' && supplement?.[0]?.startsWith('//') === true) {
    bankReference = supplement[0].slice(2).trim();
    supplement = supplement.slice(1);
  }
  if (!NONE.has(ownerReference)) {
    references['reference'] = keepText('references', 'reference', read(ownerReference));
  }
  if (!NONE.has(bankReference)) {
    references['bankReference'] = keepText('references', 'bankReference', read(bankReference));
  }
  if (statement.number !== '') {
    attributes['statement'] = keepText('attributes', 'statement', read(statement.number));
  }
  if (statement.reference !== '') {
    attributes['statementReference'] = keepText(
      'attributes',
      'statementReference',
      read(statement.reference),
    );
  }
  const supplementText = supplement?.join('\n') ?? '';
  if (supplementText !== '') {
    attributes['supplement'] = keepText('attributes', 'supplement', read(supplementText));
  }
  if (line.mark.length > 1) attributes['mark'] = line.mark;
  if (entry.narrative === undefined) return;
  let { narrative, joined } = entry;
  if (!statement.isAscii) {
    narrative = decodeLines(narrative);
    joined = narrative.replaceAll('\n', '');
  }
  readNarrative(joined, { references, attributes });
  if (narrative !== '') attributes['narrative'] = keepText('attributes', 'narrative', narrative);
}

function supplementOf({ supplement }: RawEntry, { remainder }: StatementLine): readonly string[] | undefined {
  return remainder === '' ? supplement : [remainder, ...(supplement ?? [])];
}

function asItIs(text: string): string {
  return text;
}

/** Each line by itself: a bank's system may put lines of several encodings together. */
function decodeLines(text: string): string {
  return text.split('\n').map(decode).join('\n');
}

/** Bytes as text: UTF-8 where they are, else Latin-1, which older bank files are written in. */
export function decode(bytes: string): string {
  if (!/[\x80-\xff]/.test(bytes)) return bytes;
  const buffer = Buffer.from(bytes, 'latin1');
  return isUtf8(buffer) ? buffer.toString('utf8') : bytes;
}

export function malformed(what: string): CounterfoilError {
  return new CounterfoilError('malformedStatement', what);
}
