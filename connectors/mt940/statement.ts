import type { FileLine } from './file-lines.ts';
import { isBalance, isStatementLine } from './grammar.ts';

/** A statement line with what belongs to it, as it stands in the file; each character is one byte. */
export interface RawEntry {
  readonly line: number;
  readonly offset: number;
  /** Content of `:61:`; joined from several lines where the bank broke it. */
  head: string;
  /** Lines after it that are no tag: supplementary details. */
  readonly supplement: string[];
  /** Content of its information fields (`:86:`, `:NS:`), line by line. */
  readonly narrative: string[];
  /** All its lines, tags included. */
  readonly lines: string[];
}

interface RawBalance {
  /** 60F, 60M, 62F or 62M. */
  readonly tag: string;
  readonly text: string;
}

/** A statement, or one page of it, as it stands in the file. */
export interface RawStatement {
  readonly line: number;
  readonly offset: number;
  reference: string;
  account: string;
  number: string;
  opening: RawBalance | undefined;
  closing: RawBalance | undefined;
  /** It is larger than the limits: its entries are left out. */
  oversized: boolean;
  readonly entries: RawEntry[];
  /** Its lines outside entries. */
  readonly lines: string[];
}

/** The most of a file that one statement may take, because a statement is held in memory until its end is known. */
export interface StatementLimits {
  readonly bytes: number;
  readonly lines: number;
}

export const STATEMENT_LIMITS: StatementLimits = { bytes: 67_108_864, lines: 1_000_000 };

const TAG = /^:(\d\d[A-Z]?|NS):/;

/** Tags that open a statement where one lacks those before them. */
const HEADER_TAGS = new Set(['20', '21', '25', '25P', '28', '28C']);

type Place = 'outside' | 'header' | 'entries' | 'closed';

/**
 * Puts the lines of a file together to statements. What an information field may hold looks much like tags at times, so
 * that inside one a tag counts only where the grammar lets it stand and its content has the form that it should have.
 */
export class StatementAssembler {
  readonly #finish: (statement: RawStatement) => void;
  readonly #limits: StatementLimits;
  #statement: RawStatement | undefined;
  #place: Place = 'outside';
  /** What a line without tag continues. */
  #open: 'nothing' | 'head' | 'narrative' = 'nothing';
  /** A `:20:` inside an information field: the next line tells whether it opens a statement. */
  #doubtful: FileLine | undefined;

  /** @param finish takes each statement when its end is known */
  constructor(finish: (statement: RawStatement) => void, limits: StatementLimits) {
    this.#finish = finish;
    this.#limits = limits;
  }

  add(line: FileLine): void {
    const doubtful = this.#doubtful;
    if (doubtful !== undefined) {
      this.#doubtful = undefined;
      const next = TAG.exec(line.text)?.[1];
      if (next !== undefined && next !== '20' && HEADER_TAGS.has(next)) this.#start(doubtful);
      else this.#continue(doubtful);
    }
    this.#checkSize(line);
    const tag = line.text.startsWith(':') ? TAG.exec(line.text) : null;
    if (tag !== null) this.#tagged(tag[1]!, line.text.slice(tag[0].length), line);
    else if (/^\{[1-5]:/.test(line.text)) this.#envelope(line);
    else if (line.text === '-' || line.text.startsWith('-}')) this.#close();
    else this.#continue(line);
  }

  end(): void {
    if (this.#doubtful !== undefined) this.#continue(this.#doubtful);
    this.#doubtful = undefined;
    this.#close();
  }

  /** Without all of its entries a statement is good for nothing, and neither is the rest of it as one of its own. */
  #checkSize({ offset, number }: FileLine): void {
    const statement = this.#statement;
    if (statement === undefined || statement.oversized) return;
    const { bytes, lines } = this.#limits;
    if (offset - statement.offset <= bytes && number - statement.line <= lines) return;
    statement.oversized = true;
    statement.entries.length = 0;
  }

  #tagged(tag: string, text: string, line: FileLine): void {
    const inNarrative = this.#place === 'entries' && this.#open === 'narrative';
    switch (tag) {
      case '20':
        if (inNarrative) this.#doubtful = line;
        else this.#start(line);
        return;
      case '25':
      case '25P':
      case '28':
      case '28C':
        if (inNarrative) this.#continue(line);
        else this.#header(tag, text, line);
        return;
      case '60F':
      case '60M':
        if (inNarrative) this.#continue(line);
        else this.#opening(tag, text, line);
        return;
      case '61':
        // Even where it is no good: a damaged line of the bank must not vanish into the text of the one before.
        this.#entry(text, line);
        return;
      case '62F':
      case '62M':
        if (inNarrative && !isBalance(text)) this.#continue(line);
        else this.#closing(tag, text, line);
        return;
      case '64':
      case '65':
      case '90C':
      case '90D':
        if (inNarrative && !/^[CD0-9]/.test(text)) this.#continue(line);
        else this.#aside(line);
        return;
      case '86':
      case 'NS':
        this.#information(text, line);
        return;
      default:
        if (inNarrative) this.#continue(line);
        else this.#aside(line);
    }
  }

  #start(line: FileLine): RawStatement {
    this.#close();
    const statement: RawStatement = {
      line: line.number,
      offset: line.offset,
      reference: line.text.startsWith(':20:') ? line.text.slice(4) : '',
      account: '',
      number: '',
      opening: undefined,
      closing: undefined,
      oversized: false,
      entries: [],
      lines: line.text.startsWith(':20:') ? [line.text] : [],
    };
    this.#statement = statement;
    this.#place = 'header';
    this.#open = 'nothing';
    return statement;
  }

  #header(tag: string, text: string, line: FileLine): void {
    const statement = this.#place === 'header' ? this.#statement! : this.#start(line);
    statement.lines.push(line.text);
    if (tag.startsWith('25')) statement.account = text.trim();
    else statement.number = text.trim();
  }

  #opening(tag: string, text: string, line: FileLine): void {
    const statement = this.#place === 'header' ? this.#statement! : this.#start(line);
    statement.opening = { tag, text };
    statement.lines.push(line.text);
    this.#place = 'entries';
    this.#open = 'nothing';
  }

  #entry(text: string, line: FileLine): void {
    const statement =
      this.#place === 'header' || this.#place === 'entries' ? this.#statement! : this.#start(line);
    this.#place = 'entries';
    this.#open = 'head';
    if (statement.oversized) return;
    statement.entries.push({
      line: line.number,
      offset: line.offset,
      head: text,
      supplement: [],
      narrative: [],
      lines: [line.text],
    });
  }

  #closing(tag: string, text: string, line: FileLine): void {
    if (this.#place === 'closed') {
      this.#aside(line);
      return;
    }
    const statement = this.#place === 'outside' ? this.#start(line) : this.#statement!;
    statement.closing = { tag, text };
    statement.lines.push(line.text);
    this.#place = 'closed';
    this.#open = 'nothing';
  }

  #information(text: string, line: FileLine): void {
    const statement = this.#place === 'entries' ? this.#statement! : undefined;
    const entry = statement?.entries.at(-1);
    if (entry === undefined && statement?.oversized !== true) {
      this.#aside(line);
      return;
    }
    entry?.narrative.push(text);
    entry?.lines.push(line.text);
    this.#open = 'narrative';
  }

  /** A field that says nothing about entries. */
  #aside(line: FileLine): void {
    if (this.#place !== 'outside' && this.#statement!.lines.length < 100)
      this.#statement!.lines.push(line.text);
    this.#open = 'nothing';
  }

  #envelope(line: FileLine): void {
    this.#close();
    const text = line.text.indexOf('{4:');
    const rest = text < 0 ? '' : line.text.slice(text + 3);
    if (rest !== '') this.add({ ...line, text: rest });
  }

  /** A line without tag belongs to the field before it. */
  #continue(line: FileLine): void {
    if (this.#open === 'nothing') return;
    const entry = this.#statement!.entries.at(-1);
    // An oversized statement has none.
    if (entry === undefined) return;
    entry.lines.push(line.text);
    if (this.#open === 'narrative') {
      if (line.text !== '') entry.narrative.push(line.text);
    } else if (line.text !== '') {
      entry.supplement.push(line.text);
      mendHead(entry);
    }
  }

  #close(): void {
    const statement = this.#statement;
    this.#statement = undefined;
    this.#place = 'outside';
    this.#open = 'nothing';
    if (statement !== undefined) this.#finish(statement);
  }
}

/** Into how many lines a bank's system may have broken the content of `:61:`. */
const MAX_HEAD_LINES = 8;

/**
 * Joins a broken `:61:` with the lines behind it as soon as they make a statement line together: all of them, since
 * leaving one out would make up a line that the bank never wrote.
 */
function mendHead(entry: RawEntry): void {
  if (entry.supplement.length >= MAX_HEAD_LINES || isStatementLine(entry.head)) return;
  const joined = entry.head + entry.supplement.join('');
  if (!isStatementLine(joined)) return;
  entry.head = joined;
  entry.supplement.length = 0;
}
