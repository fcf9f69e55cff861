import { Buffer } from 'node:buffer';
import type { DictionaryColumn, PairsColumn, StringColumn } from '../domain/index.ts';
import { MAX_DICTIONARY } from './limits.ts';
import { writeUtf8 } from './utf8.ts';

/** Grows a string column; its memory is kept over `truncate(0)`. */
export class StringColumnBuilder {
  #offsets = new Uint32Array(65);
  #bytes = Buffer.allocUnsafeSlow(1024);
  #count = 0;
  #length = 0;

  get count(): number {
    return this.#count;
  }

  /** UTF-8 bytes of all strings. */
  get length(): number {
    return this.#length;
  }

  push(text: string): void {
    const needed = this.#length + text.length * 3;
    if (needed > this.#bytes.length) this.#growBytes(needed);
    this.#end(writeUtf8(text, this.#bytes, this.#length));
  }

  /** Appends string `i` of another column. */
  copy(column: StringColumn, i: number): void {
    this.append(column.bytes, column.offsets[i]!, column.offsets[i + 1]!);
  }

  /** Appends a string that is encoded already. */
  append(bytes: Uint8Array, from: number, to: number): void {
    const needed = this.#length + to - from;
    if (needed > this.#bytes.length) this.#growBytes(needed);
    const target = this.#bytes;
    if (to - from > 48) {
      target.set(bytes.subarray(from, to), this.#length);
    } else {
      for (let j = from, at = this.#length; j < to; j++) target[at++] = bytes[j]!;
    }
    this.#end(needed);
  }

  #end(length: number): void {
    if (this.#count + 2 > this.#offsets.length) {
      const grown = new Uint32Array(this.#offsets.length * 2);
      grown.set(this.#offsets);
      this.#offsets = grown;
    }
    this.#length = length;
    this.#offsets[++this.#count] = length;
  }

  #growBytes(needed: number): void {
    const grown = Buffer.allocUnsafeSlow(Math.max(needed, this.#bytes.length * 2));
    grown.set(this.#bytes.subarray(0, this.#length));
    this.#bytes = grown;
  }

  /** Forgets the strings from number `count` on. */
  truncate(count: number): void {
    this.#count = count;
    this.#length = this.#offsets[count]!;
  }

  /** A column of its own memory. */
  build(): StringColumn {
    return {
      offsets: this.#offsets.slice(0, this.#count + 1),
      bytes: new Uint8Array(this.#bytes.subarray(0, this.#length)),
    };
  }
}

/** Grows a dictionary column. */
export class DictionaryBuilder {
  readonly #values = new StringColumnBuilder();
  readonly #texts: string[] = [];
  readonly #codes = new Map<string, number>();
  #index = new Uint16Array(64);
  #count = 0;
  #lastText = '';
  #lastCode = -1;

  /** Distinct values. */
  get size(): number {
    return this.#texts.length;
  }

  /** Rows. */
  get count(): number {
    return this.#count;
  }

  /** What the column takes when encoded, headers apart. */
  get byteLength(): number {
    return this.#values.length + this.#texts.length * 4 + this.#count * 2;
  }

  /** Appends a row. @returns false, and appends nothing, when the dictionary is full */
  push(text: string): boolean {
    let code = this.#lastCode;
    if (code < 0 || text !== this.#lastText) {
      code = this.#codes.get(text) ?? this.#define(text);
      if (code < 0) return false;
      this.#lastText = text;
      this.#lastCode = code;
    }
    if (this.#count === this.#index.length) {
      const grown = new Uint16Array(this.#count * 2);
      grown.set(this.#index);
      this.#index = grown;
    }
    this.#index[this.#count++] = code;
    return true;
  }

  #define(text: string): number {
    const code = this.#texts.length;
    if (code === MAX_DICTIONARY) return -1;
    this.#values.push(text);
    this.#texts.push(text);
    this.#codes.set(text, code);
    return code;
  }

  /** Forgets the rows from number `count` on and the values from number `size` on. */
  truncate(count: number, size: number): void {
    this.#count = count;
    if (size === 0) {
      this.#codes.clear();
      this.#texts.length = 0;
    }
    while (this.#texts.length > size) this.#codes.delete(this.#texts.pop()!);
    this.#values.truncate(size);
    this.#lastCode = -1;
  }

  build(): DictionaryColumn {
    return { values: this.#values.build(), index: this.#index.slice(0, this.#count) };
  }
}

/** Grows a column of names and values. */
export class PairsBuilder {
  readonly #names = new DictionaryBuilder();
  readonly #values = new StringColumnBuilder();
  #rows = new Uint32Array(65);
  #count = 0;

  get pairs(): number {
    return this.#values.count;
  }

  /** Distinct names. */
  get size(): number {
    return this.#names.size;
  }

  /** What the column takes when encoded, headers apart. */
  get byteLength(): number {
    return this.#names.byteLength + this.#values.length + this.#values.count * 4 + this.#count * 4;
  }

  /** Adds a pair to the row at hand. @returns false when there are too many distinct names */
  push(name: string, value: string): boolean {
    if (!this.#names.push(name)) return false;
    this.#values.push(value);
    return true;
  }

  /** Adds pair `i` of another column to the row at hand, under a name already read. */
  copy(name: string, column: StringColumn, i: number): boolean {
    return this.append(name, column.bytes, column.offsets[i]!, column.offsets[i + 1]!);
  }

  /** Adds a pair whose value is encoded already. @returns false when there are too many distinct names */
  append(name: string, bytes: Uint8Array, from: number, to: number): boolean {
    if (!this.#names.push(name)) return false;
    this.#values.append(bytes, from, to);
    return true;
  }

  endRow(): void {
    if (this.#count + 2 > this.#rows.length) {
      const grown = new Uint32Array(this.#rows.length * 2);
      grown.set(this.#rows);
      this.#rows = grown;
    }
    this.#rows[++this.#count] = this.#values.count;
  }

  /** Forgets the rows from number `count` on and the names from number `size` on. */
  truncate(count: number, size: number): void {
    this.#count = count;
    const pairs = this.#rows[count]!;
    this.#values.truncate(pairs);
    this.#names.truncate(pairs, size);
  }

  build(): PairsColumn {
    return {
      rows: this.#rows.slice(0, this.#count + 1),
      names: this.#names.build(),
      values: this.#values.build(),
    };
  }
}
