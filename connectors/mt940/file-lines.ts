/** A line of a file; each character is one byte of it. */
export interface FileLine {
  readonly text: string;
  /** 1-based. */
  readonly number: number;
  /** Byte at which it starts. */
  readonly offset: number;
}

/** A line is cut at this length: no statement has one nearly as long, and memory stays bounded on any input. */
const MAX_LINE_BYTES = 65_536;

const BYTE_ORDER_MARK = '\xef\xbb\xbf';

/** Cuts the bytes of a file into lines that end with a line feed, with or without a carriage return. */
export class LineReader {
  #rest = '';
  #number = 1;
  #offset = 0;

  /** The lines that are whole now that `chunk` has come. */
  push(chunk: Buffer): FileLine[] {
    const lines: FileLine[] = [];
    const text = this.#rest + chunk.toString('latin1');
    let at = 0;
    for (;;) {
      const end = text.indexOf('\n', at);
      if (end < 0 && text.length - at < MAX_LINE_BYTES) break;
      const cut = end < 0 || end - at > MAX_LINE_BYTES;
      const to = cut ? at + MAX_LINE_BYTES : end;
      lines.push(this.#line(text.slice(at, to)));
      const next = cut ? to : to + 1;
      this.#offset += next - at;
      if (!cut) this.#number++;
      at = next;
    }
    this.#rest = text.slice(at);
    return lines;
  }

  /** The last line, which nothing ends. */
  end(): FileLine[] {
    const lines = this.#rest === '' ? [] : [this.#line(this.#rest)];
    this.#rest = '';
    return lines;
  }

  #line(line: string): FileLine {
    const text = this.#offset === 0 && line.startsWith(BYTE_ORDER_MARK) ? line.slice(3) : line;
    return {
      text: text.endsWith('\r') ? text.slice(0, -1) : text,
      number: this.#number,
      offset: this.#offset,
    };
  }
}
