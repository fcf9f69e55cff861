import { isStatementLine } from './grammar.ts';
import type { RawEntry } from './raw-statement.ts';

/** Adds a line of an information field. */
export function addNarrative(entry: RawEntry, text: string): void {
  if (entry.narrative === undefined) {
    entry.narrative = entry.joined = text;
  } else {
    entry.narrative += `\n${text}`;
    entry.joined += text;
  }
}

/** Adds a line without tag behind `:61:`: supplementary details, or the rest of a line that was broken. */
export function addSupplement(entry: RawEntry, text: string): void {
  if (entry.supplement === undefined) entry.supplement = [text];
  else entry.supplement.push(text);
  mendHead(entry);
}

/** Into how many lines a bank's system may have broken the content of `:61:`. */
const MAX_HEAD_LINES = 8;

/**
 * Joins a broken `:61:` with the lines behind it as soon as they make a statement line together: all of them, since
 * leaving one out would make up a line that the bank never wrote.
 */
function mendHead(entry: RawEntry): void {
  const { head, supplement } = entry;
  if (supplement === undefined || supplement.length >= MAX_HEAD_LINES || isStatementLine(head)) return;
  const joined = head + supplement.join('');
  if (!isStatementLine(joined)) return;
  entry.head = joined;
  entry.supplement = undefined;
}
