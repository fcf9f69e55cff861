/** Writes MT940 statements as a bank sends them: one message per day in a blocked envelope, lines ended by CR LF. */

export interface StatementEntry {
  /** Days since 1970-01-01. */
  readonly valueDay: number;
  readonly bookingDay: number;
  /** Fils; negative for a debit. */
  readonly amount: number;
  /** Four characters: N and the kind of transaction, e.g. NTRF. */
  readonly type: string;
  /** The account owner's reference, at most 16 characters; NONREF for none. */
  readonly reference: string;
  readonly bankReference: string;
  /** At most 6 lines of 65 characters. */
  readonly narrative: readonly string[];
}

export interface Statement {
  readonly iban: string;
  readonly currency: string;
  readonly day: number;
  /** Number of the statement in its year. */
  readonly number: number;
  /** Fils; negative if overdrawn. */
  readonly opening: number;
  readonly entries: readonly StatementEntry[];
}

/** The statement's text, with its closing balance worked out. */
export function statementText(statement: Statement): { readonly text: string; readonly closing: number } {
  const { iban, currency, day, number, opening, entries } = statement;
  const closing = entries.reduce((sum, entry) => sum + entry.amount, opening);
  const lines = [
    '{1:F01DEMOAEADAXXX0000000000}{2:O9400800DEMOAEADXXXX00000000000000000000N}{4:',
    `:20:STMT${yymmdd(day)}`,
    `:25:${iban}`,
    `:28C:${number}/1`,
    `:60F:${balance(opening, day - 1, currency)}`,
    ...entries.flatMap(entryLines),
    `:62F:${balance(closing, day, currency)}`,
    `:64:${balance(closing, day, currency)}`,
    '-}',
    '',
  ];
  return { text: lines.join('\r\n'), closing };
}

function entryLines(entry: StatementEntry): string[] {
  const booked = yymmdd(entry.bookingDay).slice(2);
  const mark = entry.amount < 0 ? 'D' : 'C';
  // The third letter of the currency, as a bank that deals in several writes it.
  const money = `${mark}D${amount(entry.amount)}`;
  return [
    `:61:${yymmdd(entry.valueDay)}${booked}${money}${entry.type}${entry.reference}//${entry.bankReference}`,
    `:86:${entry.narrative.join('\r\n')}`,
  ];
}

function balance(fils: number, day: number, currency: string): string {
  return `${fils < 0 ? 'D' : 'C'}${yymmdd(day)}${currency}${amount(fils)}`;
}

/** Without a sign, with a decimal comma. */
function amount(fils: number): string {
  const digits = Math.abs(fils).toString().padStart(3, '0');
  return `${digits.slice(0, -2)},${digits.slice(-2)}`;
}

function yymmdd(day: number): string {
  return new Date(day * 86_400_000).toISOString().slice(2, 10).replaceAll('-', '');
}
