import { isUtf8 } from 'node:buffer';
import { CounterfoilError } from '../../engine/domain/index.ts';

/** A longer line is malformed, so that a file without line ends is not gathered as a whole. */
const MAX_LINE_BYTES = 1_048_576;
/** Of a line that is too long, so much is kept. */
const KEPT_BYTES = 65_536;

/** One line of a file that is not blank. */
export interface Line {
  /** Without its end. */
  readonly text: string;
  /** Why it cannot be read. */
  readonly problem?: CounterfoilError;
  /** 1-based. */
  readonly line: number;
  /** Byte at which it starts. */
  readonly offset: number;
}

const NEWLINE = 10;

/** Cuts the bytes of a file into lines. */
export class LineReader {
  #rest: Buffer = Buffer.alloc(0);
  /** Byte at which `#rest` starts, and its line. */
  #offset: number;
  #line: number;
  /** The rest of a line that was too long is being passed over. */
  #isSkipping = false;

  /** @param from where the first piece starts; without it at the file's beginning */
  constructor(from: { readonly offset: number; readonly line: number } = { offset: 0, line: 1 }) {
    this.#offset = from.offset;
    this.#line = from.line;
  }

  /** The lines that are whole now that `chunk` has come. */
  push(chunk: Buffer): Line[] {
    const bytes = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    const whole = bytes.lastIndexOf(NEWLINE) + 1;
    const lines = this.#cut(bytes.subarray(0, whole));
    this.#rest = bytes.subarray(whole);
    if (this.#isSkipping) this.#drop();
    else if (this.#rest.length > MAX_LINE_BYTES) {
      lines.push(this.#tooLong(this.#rest));
      this.#isSkipping = true;
      this.#drop();
    }
    return lines;
  }

  /** The line that the end of the file ends. */
  end(): Line[] {
    return this.#isSkipping ? [] : this.#cut(this.#rest);
  }

  #drop(): void {
    this.#offset += this.#rest.length;
    this.#rest = Buffer.alloc(0);
  }

  #cut(bytes: Buffer): Line[] {
    const lines: Line[] = [];
    const isSound = isUtf8(bytes);
    for (let at = 0; at < bytes.length;) {
      const newline = bytes.indexOf(NEWLINE, at);
      const end = newline < 0 ? bytes.length : newline;
      if (this.#isSkipping) this.#isSkipping = false;
      else {
        const line = this.#read(bytes.subarray(at, end), isSound);
        if (line !== undefined) lines.push(line);
      }
      const next = newline < 0 ? end : newline + 1;
      this.#offset += next - at;
      this.#line++;
      at = next;
    }
    return lines;
  }

  #read(bytes: Buffer, isSound: boolean): Line | undefined {
    if (bytes.length > MAX_LINE_BYTES) return this.#tooLong(bytes);
    const hasMark = this.#offset === 0 && bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf;
    const text = bytes.toString('utf8', hasMark ? 3 : 0);
    const place = { line: this.#line, offset: this.#offset };
    if (!isSound && !isUtf8(bytes)) {
      return { text, problem: malformed('the line is not UTF-8; save the file as UTF-8'), ...place };
    }
    return /\S/.test(text) ? { text, ...place } : undefined;
  }

  #tooLong(bytes: Buffer): Line {
    return {
      text: bytes.toString('latin1', 0, KEPT_BYTES),
      problem: malformed(
        `the line is longer than ${MAX_LINE_BYTES} bytes; each line should hold one JSON object`,
      ),
      line: this.#line,
      offset: this.#offset,
    };
  }
}

function malformed(what: string): CounterfoilError {
  return new CounterfoilError('malformedRow', what);
}
