/** A line of a file; each character is one byte of it. */
export interface FileLine {
  readonly text: string;
  /** 1-based. */
  readonly number: number;
  /** Byte at which it starts. */
  readonly offset: number;
}

/** Takes a line as a {@link FileLine} has it. */
export type TakeLine = (text: string, number: number, offset: number) => void;

/** A line is cut at this length: no statement has one nearly as long, and memory stays bounded on any input. */
const MAX_LINE_BYTES = 65_536;

const BYTE_ORDER_MARK = '\xef\xbb\xbf';
const CARRIAGE_RETURN = 13;

/** Cuts the bytes of a file into lines that end with a line feed, with or without a carriage return. */
export class LineReader {
  readonly #take: TakeLine;
  #rest = '';
  #number = 1;
  #offset = 0;

  constructor(take: TakeLine) {
    this.#take = take;
  }

  /** Gives the lines that are whole now that `chunk` has come. */
  push(chunk: Buffer): void {
    const text = this.#rest + chunk.toString('latin1');
    let at = 0;
    for (;;) {
      const end = text.indexOf('\n', at);
      if (end < 0 && text.length - at < MAX_LINE_BYTES) break;
      const isCut = end < 0 || end - at > MAX_LINE_BYTES;
      const to = isCut ? at + MAX_LINE_BYTES : end;
      this.#give(text, at, to);
      const next = isCut ? to : to + 1;
      this.#offset += next - at;
      if (!isCut) this.#number++;
      at = next;
    }
    this.#rest = text.slice(at);
  }

  /** Gives the last line, which nothing ends. */
  end(): void {
    const rest = this.#rest;
    this.#rest = '';
    if (rest !== '') this.#give(rest, 0, rest.length);
  }

  #give(text: string, from: number, to: number): void {
    const start = this.#offset === 0 && text.startsWith(BYTE_ORDER_MARK, from) ? from + 3 : from;
    const end = to > start && text.charCodeAt(to - 1) === CARRIAGE_RETURN ? to - 1 : to;
    this.#take(text.slice(start, end), this.#number, this.#offset);
  }
}
