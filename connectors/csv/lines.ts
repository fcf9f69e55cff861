import { isUtf8 } from 'node:buffer';

/** A row longer than this is malformed: a quote that is never closed must not gather the rest of the file. */
export const MAX_ROW_BYTES = 262_144;

const QUOTE = 34;

/** Where a row ends in the text, without the line's end, and over how many lines it goes. */
export interface Span {
  readonly end: number;
  readonly lines: number;
}

/**
 * The text of a piece of a file. Where the piece is not what its encoding says, each byte stands for itself, so that
 * rows can still be told apart, and each row is decoded alone.
 */
export class PieceText {
  readonly text: string;
  /** Each character is one byte. */
  readonly #direct: boolean;
  readonly #damaged: boolean;

  constructor(bytes: Buffer, encoding: 'utf-8' | 'latin1') {
    this.#damaged = encoding === 'utf-8' && !isUtf8(bytes);
    const latin1 = this.#damaged || encoding === 'latin1';
    this.text = bytes.toString(latin1 ? 'latin1' : 'utf8');
    this.#direct = this.text.length === bytes.length;
  }

  read(from: number, to: number): string {
    const text = this.text.slice(from, to);
    return this.#damaged ? Buffer.from(text, 'latin1').toString('utf8') : text;
  }

  /** Whether the bytes between are not what the encoding says. */
  isUnreadable(from: number, to: number): boolean {
    return this.#damaged && !isUtf8(Buffer.from(this.text.slice(from, to), 'latin1'));
  }

  byteLength(from: number, to: number): number {
    return this.#direct ? to - from : Buffer.byteLength(this.text.slice(from, to));
  }
}

/** Finds where lines and quoted rows end in a text. */
export class Lines {
  readonly #text: string;
  readonly #newline: string;
  #lineStart = -1;
  #lineEnd = -1;
  #quote = -1;

  constructor(text: string, newline: string) {
    this.#text = text;
    this.#newline = newline;
  }

  /** End of the line that starts at `at`, without its newline. */
  endOf(at: number): number {
    if (this.#lineStart !== at) {
      const end = this.#text.indexOf(this.#newline, at);
      this.#lineStart = at;
      this.#lineEnd = end < 0 ? this.#text.length : end;
    }
    return this.#lineEnd;
  }

  first(at: number): Span {
    return { end: this.endOf(at), lines: 1 };
  }

  /** The first quote from `at` on; the text's length when there is none. Call it with ascending places. */
  nextQuote(at: number): number {
    if (this.#quote < at) {
      const next = this.#text.indexOf('"', at);
      this.#quote = next < 0 ? this.#text.length : next;
    }
    return this.#quote;
  }

  /** The row that starts at `at`, to where its quotes pair up; undefined when they do not within a row's length. */
  closing(at: number): Span | undefined {
    let end = this.endOf(at);
    let lines = 1;
    let open = this.#oddQuotes(at, end);
    while (open) {
      if (end >= this.#text.length || end + 1 - at > MAX_ROW_BYTES) return undefined;
      const from = end + 1;
      const next = this.#text.indexOf(this.#newline, from);
      end = next < 0 ? this.#text.length : next;
      lines++;
      open = !this.#oddQuotes(from, end);
    }
    return { end, lines };
  }

  #oddQuotes(from: number, to: number): boolean {
    let odd = false;
    for (let i = from; i < to; i++) if (this.#text.charCodeAt(i) === QUOTE) odd = !odd;
    return odd;
  }
}
