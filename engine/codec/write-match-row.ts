import { Buffer } from 'node:buffer';
import { exponentOf } from '../domain/index.ts';
import type { Leg, Match } from '../domain/index.ts';
import {
  CLOSE_ARRAY,
  CLOSE_MAP,
  COLON,
  COMMA,
  NEWLINE,
  OPEN_ARRAY,
  OPEN_MAP,
  QUOTE,
  TAB,
  putEscaped,
  putInteger,
  putRaw,
  putText,
  putTime,
} from './put.ts';
import type { RowBuffer } from './row-buffer.ts';

const DASH = 0x2d;
/** More than the columns of fixed width and their punctuation can take. */
const FIXED_BYTES = 512;
/** More than the numbers, sides and punctuation of one leg can take. */
const LEG_BYTES = 96;

/** Names that recur from match to match, escaped once. */
const ESCAPED = new Map<string, Uint8Array>();
/** Far more names than a configuration has; accounts may be many. */
const MAX_ESCAPED = 10_000;

/** Lists of deciding fields as ClickHouse reads them: each rule has one, the same for all its matches. */
const FIELD_LISTS = new WeakMap<readonly string[], Uint8Array>();

const SIDES = { left: Buffer.from("'left'"), right: Buffer.from("'right'") } as const;
const APOSTROPHE = Buffer.from("'");
const STATES = { matched: Buffer.from('matched'), unmatched: Buffer.from('unmatched') } as const;

/**
 * A version of a match as a row of the table `matches`. There is one for every other record, so it is written like
 * the rows of records: straight into reserved memory, without objects or closures.
 */
export function writeMatchRow(buffer: RowBuffer, epoch: number, partition: number, match: Match): void {
  const { legs, pools } = match;
  const reconciliation = escaped(match.reconciliation);
  const rule = escaped(match.rule);
  const account = escaped(match.account);
  const leftPool = escaped(pools[0]);
  const rightPool = escaped(pools[1]);
  const fields = fieldList(match.fields);
  const rate = match.rate ?? '';
  const names = reconciliation.length + rule.length + account.length + leftPool.length + rightPool.length;
  const bytes: Uint8Array = buffer.reserve(
    FIXED_BYTES + names + fields.length + 3 * rate.length + causesBytes(match) + legsBytes(legs),
  );

  let at = putInteger(bytes, buffer.length, epoch);
  at = integer(bytes, at, partition);
  at = integer(bytes, at, match.sequence);
  at = integer(bytes, at, match.n);
  bytes[at] = TAB;
  at = putTime(bytes, at + 1, match.logTime);
  at = identifier(bytes, at, epoch, partition, match);
  at = integer(bytes, at, match.version);
  at = name(bytes, at, reconciliation);
  bytes[at] = TAB;
  bytes[at + 1] = OPEN_ARRAY;
  at = quotedName(bytes, at + 2, leftPool);
  bytes[at] = COMMA;
  at = quotedName(bytes, at + 1, rightPool);
  bytes[at++] = CLOSE_ARRAY;
  at = name(bytes, at, STATES[match.state]);
  at = name(bytes, at, rule);
  at = name(bytes, at, fields);
  at = name(bytes, at, account);
  at = name(bytes, at, escaped(match.currency));
  at = integer(bytes, at, exponentOf(match.currency));
  at = name(bytes, at, escaped(match.leftCurrency ?? ''));
  at = integer(bytes, at, match.difference);
  at = causes(bytes, at, match.causes);
  bytes[at] = TAB;
  at = putText(bytes, at + 1, rate);
  at = integer(bytes, at, match.lagMs);

  at = open(bytes, at);
  for (let i = 0; i < legs.length; i++) at = putRaw(bytes, next(bytes, at, i), SIDES[legs[i]!.side]);
  at = open(bytes, close(bytes, at));
  for (let i = 0; i < legs.length; i++) at = quotedName(bytes, next(bytes, at, i), escaped(legs[i]!.source));
  at = open(bytes, close(bytes, at));
  for (let i = 0; i < legs.length; i++) at = quotedId(bytes, next(bytes, at, i), legs[i]!);
  at = open(bytes, close(bytes, at));
  for (let i = 0; i < legs.length; i++) at = putInteger(bytes, next(bytes, at, i), legs[i]!.sequence);
  at = open(bytes, close(bytes, at));
  for (let i = 0; i < legs.length; i++) at = putInteger(bytes, next(bytes, at, i), legs[i]!.ordinal);
  at = open(bytes, close(bytes, at));
  for (let i = 0; i < legs.length; i++) at = putInteger(bytes, next(bytes, at, i), legs[i]!.allocated);
  at = close(bytes, at);
  bytes[at] = NEWLINE;
  buffer.rowPut(at + 1);
}

function escaped(text: string): Uint8Array {
  const known = ESCAPED.get(text);
  if (known !== undefined) return known;
  if (ESCAPED.size >= MAX_ESCAPED) ESCAPED.clear();
  const plain = Buffer.from(text);
  const bytes = new Uint8Array(plain.length * 2);
  const result = bytes.slice(0, putEscaped(bytes, 0, plain, 0, plain.length));
  ESCAPED.set(text, result);
  return result;
}

/** The deciding fields as an array, remembered by the list that says them. */
function fieldList(fields: readonly string[]): Uint8Array {
  const known = FIELD_LISTS.get(fields);
  if (known !== undefined) return known;
  const quoted = fields.map((field) => Buffer.concat([APOSTROPHE, escaped(field), APOSTROPHE]).toString());
  const bytes = Buffer.from(`[${quoted.join(',')}]`);
  FIELD_LISTS.set(fields, bytes);
  return bytes;
}

/** A character takes at most three bytes, or two if it is escaped. */
function legsBytes(legs: readonly Leg[]): number {
  let total = 0;
  for (let i = 0; i < legs.length; i++) {
    const { encodedId, source } = legs[i]!;
    const idLength = encodedId === undefined ? legs[i]!.id.length : encodedId.idEnd - encodedId.idStart;
    total += LEG_BYTES + 3 * idLength + escaped(source).length;
  }
  return total;
}

function causesBytes(match: Match): number {
  let total = 0;
  for (const cause of Object.keys(match.causes)) total += 32 + 3 * cause.length;
  return total;
}

function integer(bytes: Uint8Array, at: number, value: number): number {
  bytes[at] = TAB;
  return putInteger(bytes, at + 1, value);
}

function name(bytes: Uint8Array, at: number, text: Uint8Array): number {
  bytes[at] = TAB;
  return putRaw(bytes, at + 1, text);
}

function quotedName(bytes: Uint8Array, at: number, text: Uint8Array): number {
  bytes[at] = QUOTE;
  const end = putRaw(bytes, at + 1, text);
  bytes[end] = QUOTE;
  return end + 1;
}

function quotedText(bytes: Uint8Array, at: number, text: string): number {
  bytes[at] = QUOTE;
  const end = putText(bytes, at + 1, text);
  bytes[end] = QUOTE;
  return end + 1;
}

function quotedId(bytes: Uint8Array, at: number, leg: Leg): number {
  const { encodedId } = leg;
  if (encodedId === undefined) return quotedText(bytes, at, leg.id);
  bytes[at] = QUOTE;
  const end = putEscaped(bytes, at + 1, encodedId.idBytes, encodedId.idStart, encodedId.idEnd);
  bytes[end] = QUOTE;
  return end + 1;
}

/** `epoch-partition-sequence-n` of the match's first version. */
function identifier(bytes: Uint8Array, at: number, epoch: number, partition: number, match: Match): number {
  bytes[at] = TAB;
  let end = putInteger(bytes, at + 1, epoch);
  bytes[end] = DASH;
  end = putInteger(bytes, end + 1, partition);
  bytes[end] = DASH;
  end = putInteger(bytes, end + 1, match.matchSequence);
  bytes[end] = DASH;
  return putInteger(bytes, end + 1, match.matchN);
}

function causes(bytes: Uint8Array, at: number, values: Readonly<{ [cause: string]: number }>): number {
  bytes[at] = TAB;
  bytes[at + 1] = OPEN_MAP;
  let end = at + 2;
  for (const cause of Object.keys(values)) {
    if (end > at + 2) bytes[end++] = COMMA;
    end = quotedText(bytes, end, cause);
    bytes[end] = COLON;
    end = putInteger(bytes, end + 1, values[cause]!);
  }
  bytes[end] = CLOSE_MAP;
  return end + 1;
}

function open(bytes: Uint8Array, at: number): number {
  bytes[at] = TAB;
  bytes[at + 1] = OPEN_ARRAY;
  return at + 2;
}

/** Before element `i` of an array. */
function next(bytes: Uint8Array, at: number, i: number): number {
  if (i === 0) return at;
  bytes[at] = COMMA;
  return at + 1;
}

function close(bytes: Uint8Array, at: number): number {
  bytes[at] = CLOSE_ARRAY;
  return at + 1;
}
