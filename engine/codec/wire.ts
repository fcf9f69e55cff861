/**
 * How a message of the log lies in bytes: one flat msgpack map of {v: version, k: kind, …}. A frame of records has
 * n: count, and its columns as binary under the names below, little-endian:
 *
 * - numbers: the typed array as it is;
 * - a string column: u32 number of strings, that number + 1 u32 offsets, then the UTF-8 bytes;
 * - a dictionary `x`: its values as a string column `x`, and `xIndex` with one u16 per row;
 * - pairs `x`: `xRows` with count + 1 u32, the dictionary `xNames` with one index per pair, the string column `xValues`.
 *
 * A column that holds its default in every row is left out. A change of meaning is a new version; a reader refuses
 * versions, kinds and columns that it does not know, because a column about money must not be passed over.
 */
export const WIRE_VERSION = 1;

/** A message as the msgpack library takes and gives it. */
export interface WireMap {
  [name: string]: unknown;
}

/** Whether numbers in memory lie as on the wire; checked once, because the columns are copied as they are. */
export const LITTLE_ENDIAN: boolean = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1;
