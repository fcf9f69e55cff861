import type { StoredPositions, TableName } from '../domain/index.ts';
import type { Connection } from './connection.ts';
import { qualified } from './schema.ts';

/** Bytes of one position in RowBinary: UInt64, UInt32. */
const ROW_BYTES = 12;

/** Positions read by one query: bounds what the embedded database holds as one result. */
const PAGE = 1_000_000;

/** Where to read positions. */
export interface PositionsAbove {
  readonly table: TableName;
  readonly epoch: number;
  readonly partition: number;
  readonly sequence: number;
  /** Rows above `sequence` are not older than this (epoch milliseconds); without it the whole table is looked through. */
  readonly fromLogTime?: number | undefined;
}

/**
 * The exact set of positions stored above a sequence, sorted by sequence, then n. Not the highest one: a killed
 * writer may have stored some partitions' rows of a later insert and not others of an earlier one.
 */
export async function positionsAbove(
  connection: Connection,
  database: string,
  from: PositionsAbove,
  page: number = PAGE,
): Promise<StoredPositions> {
  const found = new PositionBuffer();
  let after = `sequence > ${integer(from.sequence)}`;
  for (;;) {
    const before = found.length;
    await connection.binary(
      `reading stored positions of ${from.table}`,
      `SELECT sequence, n FROM ${qualified(database, from.table)} ` +
        `WHERE epoch = ${integer(from.epoch)} AND partition = ${integer(from.partition)} AND ${after} ` +
        (from.fromLogTime === undefined
          ? ''
          : `AND log_time >= fromUnixTimestamp64Milli(${integer(from.fromLogTime)}, 'UTC') `) +
        `ORDER BY sequence, n LIMIT ${page}`,
      (chunk) => found.take(chunk),
    );
    if (found.length - before < page) return found.finish();
    const { sequence, n } = found.last();
    after = `sequence >= ${sequence} AND (sequence > ${sequence} OR n > ${n})`;
  }
}

/** Only whole numbers reach the text of a statement. */
function integer(value: number): string {
  if (!Number.isSafeInteger(value)) throw new RangeError(`${value} is not an integer`);
  return value.toString();
}

/** Positions as they come in, in typed arrays that double. */
class PositionBuffer {
  #sequence = new Float64Array(1024);
  #n = new Uint32Array(1024);
  #rest: Buffer = Buffer.alloc(0);
  length = 0;

  take(chunk: Buffer): void {
    const bytes = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    const rows = Math.floor(bytes.length / ROW_BYTES);
    this.#reserve(rows);
    for (let row = 0; row < rows; row++) {
      const at = row * ROW_BYTES;
      this.#sequence[this.length] = bytes.readUInt32LE(at) + bytes.readUInt32LE(at + 4) * 2 ** 32;
      this.#n[this.length] = bytes.readUInt32LE(at + 8);
      this.length++;
    }
    this.#rest = bytes.subarray(rows * ROW_BYTES);
  }

  last(): { readonly sequence: number; readonly n: number } {
    return { sequence: this.#sequence[this.length - 1]!, n: this.#n[this.length - 1]! };
  }

  finish(): StoredPositions {
    return { sequence: this.#sequence.slice(0, this.length), n: this.#n.slice(0, this.length) };
  }

  #reserve(rows: number): void {
    if (this.length + rows <= this.#n.length) return;
    const capacity = Math.max(this.#n.length * 2, this.length + rows);
    const sequence = new Float64Array(capacity);
    const n = new Uint32Array(capacity);
    sequence.set(this.#sequence);
    n.set(this.#n);
    this.#sequence = sequence;
    this.#n = n;
  }
}
