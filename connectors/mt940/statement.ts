import { addNarrative, addSupplement } from './entry-lines.ts';
import type { FileLine } from './file-lines.ts';
import { isBalance } from './grammar.ts';
import type { RawEntry, RawStatement, StatementLimits } from './raw-statement.ts';

const TAG = /^:(\d\d[A-Z]?|NS):/;

/** Tags that open a statement where one lacks those before them. */
const HEADER_TAGS = new Set(['20', '21', '25', '25P', '28', '28C']);

/** The most fields of an interim report that are kept: the standard has five. */
const MAX_INTERIM_FIELDS = 16;
const [DASH, COLON, ONE, SIX, EIGHT, BRACE] = [45, 58, 49, 54, 56, 123];

type Place = 'outside' | 'header' | 'entries' | 'closed';

/**
 * Puts the lines of a file together to statements. What an information field may hold looks much like tags at times, so
 * that inside one a tag counts only where the grammar lets it stand and its content has the form that it should have.
 */
export class StatementAssembler {
  readonly #finish: (statement: RawStatement) => void;
  readonly #limits: StatementLimits;
  #statement: RawStatement | undefined;
  /** The entry that lines without tag go on with. */
  #entry: RawEntry | undefined;
  #place: Place = 'outside';
  /** What a line without tag continues. */
  #open: 'nothing' | 'head' | 'narrative' = 'nothing';
  /** A `:20:` inside an information field: the next line tells whether it opens a statement. */
  #doubtful: FileLine | undefined;
  #isAscii = true;

  /** @param finish takes each statement when its end is known */
  constructor(finish: (statement: RawStatement) => void, limits: StatementLimits) {
    this.#finish = finish;
    this.#limits = limits;
  }

  /** To be told before the first line with another byte than ASCII's. */
  beginNonAscii(): void {
    this.#isAscii = false;
    if (this.#statement !== undefined) this.#statement.isAscii = false;
  }

  add(text: string, number: number, offset: number): void {
    if (this.#doubtful !== undefined) this.#settle(this.#doubtful, text);
    this.#checkSize(number, offset);
    const first = text.charCodeAt(0);
    if (first === COLON) this.#colon(text, number, offset);
    else if (first === BRACE && /^\{[1-5]:/.test(text)) this.#envelope(text, number, offset);
    else if (first === DASH && (text === '-' || text.startsWith('-}'))) this.#close();
    else this.#continue(text);
  }

  end(): void {
    if (this.#doubtful !== undefined) this.#continue(this.#doubtful.text);
    this.#doubtful = undefined;
    this.#close();
  }

  #settle(doubtful: FileLine, text: string): void {
    this.#doubtful = undefined;
    const next = TAG.exec(text)?.[1];
    if (next !== undefined && next !== '20' && HEADER_TAGS.has(next)) {
      this.#start(doubtful.text, doubtful.number, doubtful.offset);
    } else {
      this.#continue(doubtful.text);
    }
  }

  /** Without all of its entries a statement is good for nothing, and neither is the rest of it as one of its own. */
  #checkSize(number: number, offset: number): void {
    const statement = this.#statement;
    if (statement === undefined || statement.oversized) return;
    const { bytes, lines } = this.#limits;
    if (offset - statement.offset <= bytes && number - statement.line <= lines) return;
    statement.oversized = true;
    statement.entries.length = 0;
    statement.entryLines.length = 0;
    this.#entry = undefined;
  }

  /** The two tags that nearly all lines have are told by their characters. */
  #colon(text: string, number: number, offset: number): void {
    if (text.charCodeAt(3) === COLON) {
      const [tens, ones] = [text.charCodeAt(1), text.charCodeAt(2)];
      if (tens === SIX && ones === ONE) {
        this.#addEntry(text, number, offset);
        return;
      }
      if (tens === EIGHT && ones === SIX) {
        this.#information(text);
        return;
      }
    }
    const tag = TAG.exec(text);
    if (tag === null) this.#continue(text);
    else this.#tagged(tag[1]!, text.slice(tag[0].length), { text, number, offset });
  }

  #tagged(tag: string, text: string, line: FileLine): void {
    const inNarrative = this.#place === 'entries' && this.#open === 'narrative';
    switch (tag) {
      case '20':
        if (inNarrative) this.#doubtful = line;
        else this.#start(line.text, line.number, line.offset);
        return;
      case '25':
      case '25P':
      case '28':
      case '28C':
        if (inNarrative) this.#continue(line.text);
        else this.#header(tag, text, line);
        return;
      case '60F':
      case '60M':
        if (inNarrative) this.#continue(line.text);
        else this.#opening(tag, text, line);
        return;
      case '62F':
      case '62M':
        if (inNarrative && !isBalance(text)) this.#continue(line.text);
        else this.#closing(tag, text, line);
        return;
      case '90C':
      case '90D':
        if (inNarrative && !/^[CD0-9]/.test(text)) this.#continue(line.text);
        else this.#ofInterim(tag, text, line);
        return;
      case '64':
      case '65':
        if (inNarrative && !/^[CD0-9]/.test(text)) this.#continue(line.text);
        else this.#aside(line.text);
        return;
      case '13':
      case '13D':
      case '34F':
        if (inNarrative) this.#continue(line.text);
        else this.#ofInterim(tag, text, line);
        return;
      case 'NS':
        this.#information(line.text);
        return;
      default:
        if (inNarrative) this.#continue(line.text);
        else this.#aside(line.text);
    }
  }

  #start(text: string, number: number, offset: number): RawStatement {
    this.#close();
    const isReference = text.startsWith(':20:');
    const statement: RawStatement = {
      line: number,
      offset,
      reference: isReference ? text.slice(4) : '',
      account: '',
      number: '',
      opening: undefined,
      closing: undefined,
      interim: [],
      oversized: false,
      isAscii: this.#isAscii,
      entries: [],
      entryLines: [],
      lines: isReference ? [text] : [],
    };
    this.#statement = statement;
    this.#place = 'header';
    return statement;
  }

  #startAt({ text, number, offset }: FileLine): RawStatement {
    return this.#start(text, number, offset);
  }

  #header(tag: string, text: string, line: FileLine): void {
    const statement = this.#place === 'header' ? this.#statement! : this.#startAt(line);
    statement.lines.push(line.text);
    if (tag.startsWith('25')) statement.account = text.trim();
    else statement.number = text.trim();
  }

  #opening(tag: string, text: string, line: FileLine): void {
    const statement = this.#place === 'header' ? this.#statement! : this.#startAt(line);
    statement.opening = { tag, text };
    statement.lines.push(line.text);
    this.#place = 'entries';
    this.#open = 'nothing';
  }

  /** Even where it is no good: a damaged line of the bank must not vanish into the text of the one before. */
  #addEntry(text: string, number: number, offset: number): void {
    const isInside = this.#place === 'header' || this.#place === 'entries';
    const statement = isInside ? this.#statement! : this.#start(text, number, offset);
    this.#place = 'entries';
    this.#open = 'head';
    if (statement.oversized) return;
    const entry: RawEntry = {
      line: number,
      offset,
      head: text.slice(4),
      supplement: undefined,
      narrative: undefined,
      joined: '',
      firstLine: statement.entryLines.length,
    };
    statement.entries.push(entry);
    statement.entryLines.push(text);
    this.#entry = entry;
  }

  #closing(tag: string, text: string, line: FileLine): void {
    if (this.#place === 'closed') {
      this.#aside(line.text);
      return;
    }
    const statement = this.#place === 'outside' ? this.#startAt(line) : this.#statement!;
    statement.closing = { tag, text };
    statement.lines.push(line.text);
    this.#place = 'closed';
    this.#open = 'nothing';
  }

  #ofInterim(tag: string, text: string, line: FileLine): void {
    const fields = this.#statement?.interim;
    if (fields !== undefined && fields.length < MAX_INTERIM_FIELDS) fields.push({ tag, text });
    // An information field behind it is about all entries.
    this.#entry = undefined;
    this.#aside(line.text);
  }

  /** Both of its tags have three characters and two colons or the like: `:86:` and `:NS:`. */
  #information(text: string): void {
    const isOversized = this.#place === 'entries' && this.#statement!.oversized;
    const entry = this.#place === 'entries' ? this.#entry : undefined;
    if (entry === undefined && !isOversized) {
      this.#aside(text);
      return;
    }
    if (entry !== undefined) {
      addNarrative(entry, text.slice(4));
      this.#statement!.entryLines.push(text);
    }
    this.#open = 'narrative';
  }

  /** A field that says nothing about entries. */
  #aside(text: string): void {
    if (this.#place !== 'outside' && this.#statement!.lines.length < 100) this.#statement!.lines.push(text);
    this.#open = 'nothing';
  }

  #envelope(line: string, number: number, offset: number): void {
    this.#close();
    const text = line.indexOf('{4:');
    const rest = text < 0 ? '' : line.slice(text + 3);
    if (rest !== '') this.add(rest, number, offset);
  }

  /** A line without tag belongs to the field before it. */
  #continue(text: string): void {
    const entry = this.#entry;
    // An oversized statement has none.
    if (this.#open === 'nothing' || entry === undefined) return;
    this.#statement!.entryLines.push(text);
    if (text === '') return;
    if (this.#open === 'narrative') addNarrative(entry, text);
    else addSupplement(entry, text);
  }

  #close(): void {
    const statement = this.#statement;
    this.#statement = undefined;
    this.#entry = undefined;
    this.#place = 'outside';
    this.#open = 'nothing';
    if (statement !== undefined) this.#finish(statement);
  }
}
