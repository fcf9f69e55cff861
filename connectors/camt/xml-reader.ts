import { isAscii } from 'node:buffer';
import { SaxesParser } from 'saxes';
import { CounterfoilError, MAX_DEAD_LETTER_BYTES } from '../../engine/domain/index.ts';
import { decodeBytes } from './xml-text.ts';

/** Attributes of an element, by name. */
export interface Attributes {
  readonly [name: string]: string;
}

/** Is told of elements as they are read. Texts have one character for each byte of the file. */
export interface XmlHandler {
  open(name: string, attributes: Attributes): void;
  /** A part of the text between two tags: comments and CDATA sections cut it. */
  text(part: string): void;
  close(): void;
}

/** Where an element starts. */
export interface XmlPlace {
  /** Byte of its `<`. */
  readonly offset: number;
  /** 1-based. */
  readonly line: number;
}

/**
 * The most of a file that may come without a tag that ends, be it a tag, text or comments: no message has nearly as
 * much. It is looked at after each chunk.
 */
const MAX_TOKEN_BYTES = 1_048_576;
const MAX_DEPTH = 64;
const CARRIAGE_RETURN = 13;
const BYTE_ORDER_MARK = Buffer.from('\ufeff');
/** By how many bytes an encoding is told. */
const ENCODING_BYTES = 4;

/**
 * Reads XML as it comes, byte by byte as Latin-1, so that places are bytes of the file. Nothing is ever expanded or
 * fetched: a document type is refused, and with it every entity but the five of XML itself.
 */
export class XmlReader {
  readonly #parser = new SaxesParser({ position: false });
  #chunk = '';
  /** Byte of the file at which `#chunk` starts. */
  #base = 0;
  /** The file's first bytes, until there are enough of them; then undefined. */
  #start: Buffer | undefined = Buffer.alloc(0);
  /** A carriage return at a chunk's end waits for what follows it. */
  #carried = '';
  #lastToken = 0;
  #depth = 0;
  /** The last `<` in the chunks before this one. */
  #bracketBefore: XmlPlace = { offset: 0, line: 1 };
  /** The line that was counted last, and the byte of the newline that ends it, in the chunk or behind it. */
  #line = 1;
  #newline = Infinity;
  #highBytes = false;
  /** Byte from which on the input is kept, and what of it earlier chunks had. */
  #mark: number | undefined;
  #marked = '';
  /** How many bytes a byte order mark took. */
  #skipped = 0;

  /**
   * Five events and no more: on Node 20, V8 keeps the parser's properties in a dictionary from the eighth on, and all of
   * it then takes four times as long.
   */
  constructor(handler: XmlHandler) {
    const parser = this.#parser;
    parser.on('opentag', ({ name, attributes }) => {
      this.#token();
      if (++this.#depth > MAX_DEPTH) {
        throw damaged(this.place.line, `elements are more than ${MAX_DEPTH} deep in each other`);
      }
      // Namespaces are left to the handler, so that values are texts.
      handler.open(name, attributes as Attributes);
    });
    parser.on('closetag', () => {
      this.#token();
      this.#depth--;
      handler.close();
    });
    parser.on('text', (part) => {
      handler.text(part);
    });
    parser.on('cdata', (part) => {
      handler.text(part);
    });
    parser.on('doctype', () => {
      throw damaged(
        this.place.line,
        'it has a document type (DOCTYPE), which bank messages never have and which is not read',
      );
    });
  }

  /** Whether a byte beyond ASCII has come: texts without any need no decoding. */
  get hasHighBytes(): boolean {
    return this.#highBytes;
  }

  /** Where the element starts that is being opened; to be asked for by {@link XmlHandler.open} only. */
  get opened(): XmlPlace {
    // Its tag has just ended, and nothing in a tag but its start can be a `<`.
    const at = this.#chunk.lastIndexOf('<', this.offset - this.#base - 1);
    if (at < 0) return this.#bracketBefore;
    const offset = this.#base + at;
    this.#countLines(offset);
    return { offset, line: this.#line };
  }

  /** Byte at which reading stands. */
  get offset(): number {
    return this.#chunk === '' ? this.#base : this.#skipped + this.#parser.position;
  }

  /** Where reading stands. */
  get place(): XmlPlace {
    const { offset } = this;
    this.#countLines(offset);
    return { offset, line: this.#line };
  }

  /**
   * Reads on.
   * @throws CounterfoilError `malformedStatement` where the XML is damaged or what we do not read; nothing can be read
   *   after it
   */
  write(bytes: Buffer): void {
    if (this.#start === undefined) {
      this.#read(bytes);
      return;
    }
    this.#start = this.#start.length === 0 ? bytes : Buffer.concat([this.#start, bytes]);
    if (this.#start.length >= ENCODING_BYTES) this.#begin(this.#start);
  }

  /** @throws CounterfoilError `malformedStatement` where elements are open */
  end(): void {
    if (this.#start !== undefined) this.#begin(this.#start);
    this.#parse(() => this.#parser.close());
  }

  #begin(bytes: Buffer): void {
    this.#start = undefined;
    checkEncoding(bytes);
    const hasMark = bytes.subarray(0, BYTE_ORDER_MARK.length).equals(BYTE_ORDER_MARK);
    if (hasMark) this.#skipped = this.#base = BYTE_ORDER_MARK.length;
    this.#read(hasMark ? bytes.subarray(BYTE_ORDER_MARK.length) : bytes);
  }

  #read(bytes: Buffer): void {
    let text = this.#carried + bytes.toString('latin1');
    this.#carried = text.charCodeAt(text.length - 1) === CARRIAGE_RETURN ? '\r' : '';
    if (this.#carried !== '') text = text.slice(0, -1);
    if (text === '') return;
    this.#highBytes ||= !isAscii(bytes);
    this.#chunk = text;
    this.#newline = this.#newlineFrom(this.#base);
    this.#parse(() => this.#parser.write(text));
    this.#keepMarked();
    this.#countToEnd(text);
    this.#base += text.length;
    this.#chunk = '';
    if (this.#base - this.#lastToken > MAX_TOKEN_BYTES) {
      throw damaged(this.#line, `a tag, text or comment is larger than ${MAX_TOKEN_BYTES} bytes`);
    }
  }

  /** From here on the input is kept for {@link marked}, until the next mark. */
  mark(offset: number): void {
    this.#mark = offset;
    this.#marked = '';
  }

  /** The input from the mark to where reading stands, cut at what a dead letter keeps; empty without mark. */
  marked(): string {
    if (this.#mark === undefined) return '';
    const from = Math.max(0, this.#mark - this.#base);
    const to = this.offset - this.#base;
    return decodeBytes((this.#marked + this.#chunk.slice(from, to)).slice(0, MAX_DEAD_LETTER_BYTES));
  }

  unmark(): void {
    this.#mark = undefined;
    this.#marked = '';
  }

  #parse(step: () => unknown): void {
    try {
      step();
    } catch (error) {
      // The parser throws plain errors; anything else is none of the file's.
      if (!(error instanceof Error) || error.constructor !== Error) throw error;
      const said = error.message.replace(/^\d+:\d+: /, '');
      throw damaged(this.place.line, said.replace(/\.$/, '').slice(0, 200));
    }
  }

  #token(): void {
    this.#lastToken = this.#base + this.#chunk.length;
  }

  /** Counts the lines up to a byte of the chunk. */
  #countLines(offset: number): void {
    while (this.#newline < offset) {
      this.#line++;
      this.#newline = this.#newlineFrom(this.#newline + 1);
    }
  }

  #countToEnd(chunk: string): void {
    const bracket = chunk.lastIndexOf('<');
    if (bracket >= 0) {
      const offset = this.#base + bracket;
      this.#countLines(offset);
      this.#bracketBefore = { offset, line: this.#line };
    }
    this.#countLines(this.#base + chunk.length);
  }

  #newlineFrom(offset: number): number {
    const found = this.#chunk.indexOf('\n', offset - this.#base);
    return found < 0 ? Infinity : this.#base + found;
  }

  #keepMarked(): void {
    if (this.#mark === undefined || this.#marked.length >= MAX_DEAD_LETTER_BYTES) return;
    this.#marked += this.#chunk.slice(Math.max(0, this.#mark - this.#base));
  }
}

function damaged(line: number, what: string): CounterfoilError {
  return new CounterfoilError(
    'malformedStatement',
    `the XML cannot be read from line ${line} on: ${what}; have the bank send the file again`,
  );
}

/** @throws CounterfoilError `malformedStatement` for UTF-16 and UTF-32 */
function checkEncoding(bytes: Buffer): void {
  const start = bytes.subarray(0, ENCODING_BYTES);
  if (start.includes(0) || (start[0]! >= 0xfe && start[1]! >= 0xfe)) {
    throw damaged(1, 'it is not in UTF-8, which these messages are in; it looks like UTF-16');
  }
}
