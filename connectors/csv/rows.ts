import { CounterfoilError } from '../../engine/domain/index.ts';
import { detectDelimiter, parseQuoted, splitPlain, splitSimple } from './dialect.ts';
import type { Span } from './lines.ts';
import { Lines, MAX_ROW_BYTES, PieceText } from './lines.ts';

/** One row of a file. */
export interface Row {
  /** Undefined where the row is malformed; `problem` then says why. */
  readonly fields: string[] | undefined;
  readonly problem?: CounterfoilError;
  /** 1-based physical line on which it starts. */
  readonly line: number;
  /** Byte at which it starts. */
  readonly offset: number;
  /** As it stands in the file, without the line's end. */
  readonly text: string;
}

interface Pending extends Row {
  fields: string[] | undefined;
  problem?: CounterfoilError;
}

/** How the bytes of the file become rows. */
export interface RowOptions {
  readonly encoding: 'utf-8' | 'latin1';
  /** Detected from the first line where it is not set. */
  readonly delimiter?: string | undefined;
  /** Lines at the beginning that are none of its rows. */
  readonly skip?: number;
}

const NEWLINE = 10;
const RETURN = 13;

/**
 * Cuts the bytes of a CSV file into rows. Rows in which no quote needs interpretation, nearly all of most files, are
 * parted directly, five times as fast as by the parser; the others go through csv-parse, those of a piece in one call.
 * Which of the two reads a row depends on the row alone, never on where pieces of the file begin.
 *
 * A row whose quote is not closed, or that has a quote where none may be, is malformed: it ends with its first line,
 * and reading goes on with the next.
 */
export class RowReader {
  readonly #options: RowOptions;
  #delimiter: string | undefined;
  /** How many columns the first row has. */
  #columns: number | undefined;
  #rest: Buffer = Buffer.alloc(0);
  /** Byte at which `#rest` starts, and its line. */
  #offset = 0;
  #line = 1;
  #started = false;
  /** What ends a line: old files of the Macintosh have a lone carriage return. */
  #newline = NEWLINE;
  /** Bytes of an overlong line are being passed over. */
  #skipping = false;
  /** Lines that are still to be passed over. */
  #toSkip: number;

  constructor(options: RowOptions) {
    this.#options = options;
    this.#delimiter = options.delimiter;
    this.#toSkip = options.skip ?? 0;
  }

  /** Byte up to which rows have been given. */
  get offset(): number {
    return this.#offset;
  }

  /** The line that it begins with, 1-based. */
  get line(): number {
    return this.#line;
  }

  /** Goes on with the row that starts at `offset`: the next chunk starts there. */
  jump(offset: number, line: number): void {
    this.#rest = Buffer.alloc(0);
    this.#offset = offset;
    this.#line = line;
    this.#skipping = false;
  }

  /** The rows that are whole now that `chunk` has come. */
  push(chunk: Buffer): Row[] {
    const bytes = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    return this.#take(bytes, false);
  }

  /** The rows that the end of the file ends. */
  end(): Row[] {
    return this.#take(this.#rest, true);
  }

  #take(input: Buffer, atEnd: boolean): Row[] {
    let bytes = input;
    if (!this.#started) {
      if (!atEnd && bytes.length <= MAX_ROW_BYTES && !bytes.includes(NEWLINE)) {
        this.#rest = bytes;
        return [];
      }
      bytes = this.#start(bytes);
    }
    if (this.#toSkip > 0) bytes = this.#skipLines(bytes);
    if (this.#skipping) bytes = this.#skip(bytes, atEnd);
    const whole = atEnd ? bytes.length : bytes.lastIndexOf(this.#newline) + 1;
    const rows: Pending[] = [];
    let used = this.#cut(bytes.subarray(0, whole), rows, atEnd);
    if (!atEnd && bytes.length - used > 2 * MAX_ROW_BYTES) {
      used += this.#cut(bytes.subarray(used, whole), rows, true);
    }
    this.#rest = bytes.subarray(used);
    if (!atEnd && used === whole && this.#rest.length > MAX_ROW_BYTES) this.#overlong(rows);
    return rows;
  }

  #start(bytes: Buffer): Buffer {
    this.#started = true;
    if (!bytes.includes(NEWLINE) && bytes.includes(RETURN)) this.#newline = RETURN;
    if (bytes[0] !== 0xef || bytes[1] !== 0xbb || bytes[2] !== 0xbf) return bytes;
    this.#offset = 3;
    return bytes.subarray(3);
  }

  /** Passes over the lines before the first row. */
  #skipLines(bytes: Buffer): Buffer {
    let from = 0;
    while (this.#toSkip > 0 && from < bytes.length) {
      const end = bytes.indexOf(this.#newline, from);
      from = end < 0 ? bytes.length : end + 1;
      if (end < 0) break;
      this.#line++;
      this.#toSkip--;
    }
    this.#offset += from;
    return bytes.subarray(from);
  }

  /** Passes over the rest of an overlong line. */
  #skip(bytes: Buffer, atEnd: boolean): Buffer {
    const end = bytes.indexOf(this.#newline);
    const passed = end < 0 ? bytes.length : end + 1;
    this.#offset += passed;
    if (end >= 0) this.#line++;
    this.#skipping = end < 0 && !atEnd;
    return bytes.subarray(passed);
  }

  #overlong(rows: Pending[]): void {
    rows.push({
      fields: undefined,
      problem: malformed(`the line is longer than ${MAX_ROW_BYTES} bytes; is this a CSV file?`),
      line: this.#line,
      offset: this.#offset,
      text: this.#rest.subarray(0, MAX_ROW_BYTES).toString('latin1'),
    });
    this.#offset += this.#rest.length;
    this.#rest = Buffer.alloc(0);
    this.#skipping = true;
  }

  /**
   * Cuts `bytes`, which end with a line's end or the file's.
   * @param force not to wait for more where a quote is still open
   * @returns how many of them are used up: all, or less when the last row waits for its closing quote
   */
  #cut(bytes: Buffer, rows: Pending[], force: boolean): number {
    const text = new PieceText(bytes, this.#options.encoding);
    const newline = String.fromCharCode(this.#newline);
    const lines = new Lines(text.text, newline);
    const quoted: Pending[] = [];
    let at = 0;
    while (at < text.text.length) {
      const hasQuote = lines.nextQuote(at) < lines.endOf(at);
      let span: Span | undefined = hasQuote ? lines.closing(at) : { end: lines.endOf(at), lines: 1 };
      if (span === undefined && !force && text.text.length - at <= MAX_ROW_BYTES) break;
      let row = this.#row(text, at, (span ?? lines.first(at)).end);
      if (span === undefined) {
        row.problem ??= malformed(
          'a quote is opened and never closed; close it, or double it where it is text',
        );
      } else if (hasQuote && span.lines === 1) {
        row.fields = splitSimple(row.text, this.#delimiterFor(row.text));
        if (row.fields === undefined && row.problem === undefined) quoted.push(row);
      } else if (hasQuote) {
        row.fields = parseQuoted([row.text], this.#delimiterFor(row.text))?.[0];
        if (row.fields === undefined || row.fields.length !== (this.#columns ?? row.fields.length)) {
          // Its own quotes are at fault, so that the lines it seemed to reach over are rows of their own.
          span = undefined;
          row = this.#row(text, at, lines.endOf(at));
          row.problem ??= misplacedQuote();
        }
      } else if (row.text !== '') {
        row.fields = splitPlain(row.text, this.#delimiterFor(row.text));
      }
      if (row.text !== '') rows.push(row);
      this.#columns ??= row.fields?.length;
      const { end, lines: count } = span ?? lines.first(at);
      const next = Math.min(end + 1, text.text.length);
      this.#offset += text.byteLength(at, next);
      this.#line += count;
      at = next;
    }
    this.#parseQuoted(quoted);
    return text.byteLength(0, at);
  }

  #row(text: PieceText, at: number, end: number): Pending {
    const to = end > at && text.text.charCodeAt(end - 1) === RETURN ? end - 1 : end;
    const row: Pending = {
      fields: undefined,
      line: this.#line,
      offset: this.#offset,
      text: text.read(at, to),
    };
    if (text.isUnreadable(at, to)) row.problem = notUtf8();
    return row;
  }

  #delimiterFor(row: string): string {
    this.#delimiter ??= detectDelimiter(row);
    return this.#delimiter;
  }

  /** Parses many rows by one call; where that fails, the halves, so that only the bad ones are parsed alone. */
  #parseQuoted(rows: readonly Pending[]): void {
    if (rows.length === 0) return;
    const parsed = parseQuoted(
      rows.map((row) => row.text),
      this.#delimiterFor(rows[0]!.text),
    );
    if (parsed !== undefined) {
      for (const [i, row] of rows.entries()) row.fields = parsed[i];
    } else if (rows.length === 1) {
      rows[0]!.problem = misplacedQuote();
    } else {
      const half = rows.length >> 1;
      this.#parseQuoted(rows.slice(0, half));
      this.#parseQuoted(rows.slice(half));
    }
  }
}

function malformed(what: string): CounterfoilError {
  return new CounterfoilError('malformedRow', what);
}

function misplacedQuote(): CounterfoilError {
  return malformed(
    'a quote stands inside a field or after its end; quote the whole field and double the quote',
  );
}

function notUtf8(): CounterfoilError {
  return malformed('the row is not UTF-8; set encoding: latin1, or save the file as UTF-8');
}
