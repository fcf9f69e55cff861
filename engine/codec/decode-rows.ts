import { CounterfoilError, TABLES } from '../domain/index.ts';
import type { TableName } from '../domain/index.ts';
import { setOwn } from './read-record.ts';

/** Reads one value of a row, and leaves the reader behind it. */
type Parse = (reader: Reader) => unknown;

/**
 * Rows of a table back as objects keyed by column, in order. Integers are numbers, DateTime64 is epoch milliseconds,
 * Date32 is `2026-11-22`, enums are their names, arrays are arrays, maps are objects, NULL is null.
 * @param block TabSeparated in the column order of TABLES, as the row writers make it
 * @throws CounterfoilError `undecodableFrame`
 */
export function decodeRows(table: TableName, block: Uint8Array): { [column: string]: unknown }[] {
  const columns = parsersOf(table);
  const reader = new Reader(new TextDecoder().decode(block));
  const rows: { [column: string]: unknown }[] = [];
  while (!reader.done) {
    const row: { [column: string]: unknown } = {};
    for (let i = 0; i < columns.length; i++) {
      const [name, parse] = columns[i]!;
      row[name] = parse(reader);
      reader.expect(i + 1 < columns.length ? '\t' : '\n');
    }
    rows.push(row);
  }
  return rows;
}

const parsers = new Map<TableName, (readonly [string, Parse])[]>();

function parsersOf(table: TableName): readonly (readonly [string, Parse])[] {
  let known = parsers.get(table);
  if (known === undefined) {
    known = TABLES[table].map(([name, type]) => [name, parserOf(type, false)] as const);
    parsers.set(table, known);
  }
  return known;
}

/** @param inside whether the value stands in an array or map, where texts are quoted */
function parserOf(type: string, inside: boolean): Parse {
  const [outer, inner] = splitType(type);
  switch (outer) {
    case 'LowCardinality':
      return parserOf(inner, inside);
    case 'Nullable': {
      const parse = parserOf(inner, inside);
      return (reader) => (reader.skip('\\N') ? null : parse(reader));
    }
    case 'Array': {
      const parse = parserOf(inner, true);
      return (reader) => parseList(reader, '[', ']', parse);
    }
    case 'Map': {
      const [key, value] = inner.split(/, (?=[^,]*$)/) as [string, string];
      return parseMap(parserOf(key, true), parserOf(value, true));
    }
    case 'String':
    case 'Enum8':
      return inside ? (reader) => reader.quoted() : (reader) => reader.text();
    case 'Date32':
      return (reader) => reader.text();
    case 'DateTime64':
      return (reader) => reader.time();
    default:
      return (reader) => reader.integer();
  }
}

function splitType(type: string): [string, string] {
  const open = type.indexOf('(');
  return open < 0 ? [type, ''] : [type.slice(0, open), type.slice(open + 1, -1)];
}

function parseList(reader: Reader, open: string, close: string, parse: Parse): unknown[] {
  const items: unknown[] = [];
  reader.expect(open);
  if (reader.skip(close)) return items;
  do items.push(parse(reader));
  while (reader.skip(','));
  reader.expect(close);
  return items;
}

function parseMap(key: Parse, value: Parse): Parse {
  return (reader) => {
    const map: { [name: string]: unknown } = {};
    parseList(reader, '{', '}', (at) => {
      const name = String(key(at));
      at.expect(':');
      setOwn(map, name, value(at));
    });
    return map;
  };
}

const UNESCAPED: { readonly [letter: string]: string } = {
  '0': '\0',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
};

class Reader {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  get done(): boolean {
    return this.#at >= this.#text.length;
  }

  skip(text: string): boolean {
    if (!this.#text.startsWith(text, this.#at)) return false;
    this.#at += text.length;
    return true;
  }

  expect(text: string): void {
    if (!this.skip(text)) throw this.#fault(JSON.stringify(text));
  }

  integer(): number {
    const digits = this.#match(INTEGER);
    const value = Number(digits);
    if (digits === undefined || !Number.isSafeInteger(value))
      throw this.#fault('an integer within ±(2^53 − 1)');
    return value;
  }

  time(): number {
    const text = this.#match(DATE_TIME);
    if (text === undefined) throw this.#fault('a time such as 2026-11-22 14:05:00.000');
    return Date.parse(`${text.replace(' ', 'T')}Z`);
  }

  /** A value up to the next tab or newline. */
  text(): string {
    return this.#unescape(this.#match(PLAIN) ?? '');
  }

  quoted(): string {
    const start = this.#at + 1;
    let end = start;
    while (end < this.#text.length && this.#text[end] !== "'") end += this.#text[end] === '\\' ? 2 : 1;
    if (this.#text[this.#at] !== "'" || this.#text[end] !== "'") throw this.#fault('a quoted text');
    this.#at = end + 1;
    return this.#unescape(this.#text.slice(start, end));
  }

  #match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text)?.[0];
    if (found !== undefined) this.#at += found.length;
    return found;
  }

  #unescape(text: string): string {
    if (!text.includes('\\')) return text;
    return text.replace(/\\(.)/gs, (_, letter: string) => UNESCAPED[letter] ?? letter);
  }

  #fault(wanted: string): CounterfoilError {
    const found = JSON.stringify(this.#text.slice(this.#at, this.#at + 20));
    return new CounterfoilError(
      'undecodableFrame',
      `rows cannot be read: at character ${this.#at} stands ${found}, not ${wanted}; is the writer of another version?`,
    );
  }
}

const INTEGER = /-?\d+/y;
const DATE_TIME = /\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2}\.\d{3}/y;
const PLAIN = /[^\t\n]+/y;
