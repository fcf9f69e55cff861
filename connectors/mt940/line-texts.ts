import { isUtf8 } from 'node:buffer';
import { keepText } from '../contract/index.ts';
import type { StatementLine } from './grammar.ts';
import { readNarrative } from './narrative.ts';
import type { Facts } from './narrative.ts';
import type { RawEntry, RawStatement } from './raw-statement.ts';

/** Owner's references that are none; the last three say that one stands in the information field. */
const NONE = new Set(['', 'NONREF', 'EREF', 'MARF', 'PREF']);
const LONGEST_NONE = 6;

function isNone(reference: string): boolean {
  return reference.length <= LONGEST_NONE && NONE.has(reference);
}

/** The references and attributes of a statement line. @throws CounterfoilError `invalidField` where one is too long */
export function factsOf(statement: RawStatement, entry: RawEntry, line: StatementLine): Facts {
  const references: Facts['references'] = {};
  const attributes: Facts['attributes'] = { type: line.type };
  const { ownerReference } = line;
  const read = statement.isAscii ? asItIs : decode;
  let { bankReference } = line;
  let supplement = supplementOf(entry, line);
  // A line break before the bank's reference leaves it at the start of the next line.
  if (bankReference === '' && supplement?.[0]?.startsWith('//') === true) {
    bankReference = supplement[0].slice(2).trim();
    supplement = supplement.slice(1);
  }
  if (!isNone(ownerReference)) {
    references['reference'] = keepText('references', 'reference', read(ownerReference));
  }
  if (!isNone(bankReference)) {
    references['bankReference'] = keepText('references', 'bankReference', read(bankReference));
  }
  addHeader(statement, attributes, read);
  const supplementText = supplement?.join('\n') ?? '';
  if (supplementText !== '') {
    attributes['supplement'] = keepText('attributes', 'supplement', read(supplementText));
  }
  if (line.mark.length > 1) attributes['mark'] = line.mark;
  const facts = { references, attributes };
  if (entry.narrative === undefined) return facts;
  let { narrative, joined } = entry;
  if (!statement.isAscii) {
    narrative = decodeLines(narrative);
    joined = narrative.replaceAll('\n', '');
  }
  readNarrative(joined, facts);
  if (narrative !== '') attributes['narrative'] = keepText('attributes', 'narrative', narrative);
  return facts;
}

function addHeader(
  { number, reference }: RawStatement,
  attributes: Facts['attributes'],
  read: (text: string) => string,
): void {
  if (number !== '') attributes['statement'] = keepText('attributes', 'statement', read(number));
  if (reference !== '') {
    attributes['statementReference'] = keepText('attributes', 'statementReference', read(reference));
  }
}

function supplementOf({ supplement }: RawEntry, { remainder }: StatementLine): readonly string[] | undefined {
  return remainder === '' ? supplement : [remainder, ...(supplement ?? [])];
}

function asItIs(text: string): string {
  return text;
}

/** Each line by itself: a bank's system may put lines of several encodings together. */
function decodeLines(text: string): string {
  return text.split('\n').map(decode).join('\n');
}

/** Bytes as text: UTF-8 where they are, else Latin-1, which older bank files are written in. */
export function decode(bytes: string): string {
  if (!/[\x80-\xff]/.test(bytes)) return bytes;
  const buffer = Buffer.from(bytes, 'latin1');
  return isUtf8(buffer) ? buffer.toString('utf8') : bytes;
}
