/** Where the parts of a statement line stand in its text, which begins with six digits of value date. */
export interface LineParts {
  /** Whether there is an entry date, or blanks instead, at 6. */
  hasEntryDate: boolean;
  markAt: number;
  markEnd: number;
  amountAt: number;
  /** Behind the last digit, or behind the comma where no digit follows. */
  amountEnd: number;
  /** Where the comma is; −1 without one. */
  commaAt: number;
}

const SPACE = 32;
const COMMA = 44;
const [C, D, E, R] = [67, 68, 69, 82];
const MAX_WHOLE_DIGITS = 18;
/** Type of the transaction: a letter and three letters or digits. */
export const TYPE_LENGTH = 4;

/**
 * Finds value date, entry date (some banks write four blanks for none), mark, third letter of the currency, amount and
 * type at the start of `text`. A mark is read before the letter of the currency: `DR20,` is a debit in a currency that
 * ends in R.
 * @param parts takes where they are
 * @returns false where `text` does not begin as a statement line does
 */
export function scanLine(text: string, parts: LineParts): boolean {
  if (!areDigits(text, 0, 6)) return false;
  let at = 6;
  parts.hasEntryDate = areDigits(text, 6, 10) || areBlanks(text, 6, 10);
  if (parts.hasEntryDate) at = 10;
  parts.markAt = at;
  const first = text.charCodeAt(at);
  if (first === R || first === E) at++;
  const mark = text.charCodeAt(at);
  if (mark !== C && mark !== D) return false;
  at++;
  parts.markEnd = at;
  if (isCapital(text.charCodeAt(at))) at++;
  parts.amountAt = at;
  while (isDigit(text.charCodeAt(at))) at++;
  const whole = at - parts.amountAt;
  if (whole === 0 || whole > MAX_WHOLE_DIGITS) return false;
  parts.commaAt = -1;
  if (text.charCodeAt(at) === COMMA) {
    parts.commaAt = at++;
    while (isDigit(text.charCodeAt(at))) at++;
  }
  parts.amountEnd = at;
  if (!isCapital(text.charCodeAt(at))) return false;
  for (let i = at + 1; i < at + TYPE_LENGTH; i++) {
    const code = text.charCodeAt(i);
    if (!isCapital(code) && !isDigit(code)) return false;
  }
  return true;
}

function isDigit(code: number): boolean {
  return code >= 48 && code <= 57;
}

function isCapital(code: number): boolean {
  return code >= 65 && code <= 90;
}

function areDigits(text: string, from: number, to: number): boolean {
  for (let i = from; i < to; i++) if (!isDigit(text.charCodeAt(i))) return false;
  return true;
}

function areBlanks(text: string, from: number, to: number): boolean {
  for (let i = from; i < to; i++) if (text.charCodeAt(i) !== SPACE) return false;
  return true;
}
