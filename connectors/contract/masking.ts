/**
 * Card numbers are never kept. What looks like one (13 to 19 digits, in groups or not, that begin like a card and
 * pass the Luhn check) loses its middle: the first six and the last four digits stay, as the card schemes allow.
 * Ids of records are left alone, because two ids that become one would make one payment of two.
 */

let masked = 0;

/** How many card numbers this thread has masked. */
export function maskedCardNumbers(): number {
  return masked;
}

/** A run of digits that may be grouped by single blanks, dashes or line breaks and is not part of a longer one. */
const CANDIDATE = /(?<![0-9])[0-9](?:[ \n\r-]{0,2}[0-9]){12,}(?![0-9])/g;
/** Groups of digits in a row that have together as many as a card number. An IBAN has more, and does not hold one. */
const CARD_LENGTH = /[0-9](?<![0-9]{2})(?![0-9]{19})(?:[ \n\r-]{0,2}[0-9]){12,18}(?![0-9])/;
/** How many digits a card number has. */
const [FEWEST, MOST] = [13, 19];
const [LINE_FEED, CARRIAGE_RETURN, SPACE, DASH] = [10, 13, 32, 45];

/** `text` without the middle of any card number in it. */
export function maskCardNumbers(text: string): string {
  return mayHoldCard(text) ? text.replace(CANDIDATE, maskRun) : text;
}

/**
 * Whether groups of digits in a row have together as many as a card number. It is asked of nearly every text there is:
 * of most it looks at one character in 13, because no number fits between them, and an IBAN it tells by its length.
 */
function mayHoldCard(text: string): boolean {
  const length = text.length;
  for (let at = FEWEST - 1; at < length; at += FEWEST) {
    if (!isOfNumber(text.charCodeAt(at))) continue;
    let digits = 0;
    let from = at;
    for (; from >= 0; from--) {
      const code = text.charCodeAt(from);
      if (isDigit(code)) digits++;
      else if (!isSeparator(code)) break;
    }
    for (at++; at < length; at++) {
      const code = text.charCodeAt(at);
      if (isDigit(code)) digits++;
      else if (!isSeparator(code)) break;
    }
    if (digits < FEWEST) continue;
    const isOneGroup = digits === at - from - 1;
    if (!isOneGroup) return CARD_LENGTH.test(text);
    if (digits <= MOST) return true;
  }
  return false;
}

/** Whether a character may stand in a card number. */
function isOfNumber(code: number): boolean {
  return isDigit(code) || isSeparator(code);
}

function isDigit(code: number): boolean {
  return code >= 48 && code <= 57;
}

function isSeparator(code: number): boolean {
  return code === SPACE || code === DASH || code === LINE_FEED || code === CARRIAGE_RETURN;
}

/**
 * Masks the card numbers in one run of digits and separators. A run may hold more than a card number, such as a card
 * number and a date: each stretch that starts at the run's start or after a separator, and ends likewise, is tried.
 */
function maskRun(run: string): string {
  const digits: number[] = [];
  for (let i = 0; i < run.length; i++) {
    const code = run.charCodeAt(i);
    if (isDigit(code)) digits.push(i);
  }
  const characters = Array.from(run);
  let from = 0;
  while (from + 13 <= digits.length) {
    const length = startsGroup(digits, from) ? cardLength(run, digits, from) : 0;
    if (length === 0) {
      from++;
      continue;
    }
    masked++;
    for (let i = from + 6; i < from + length - 4; i++) characters[digits[i]!] = '*';
    from += length;
  }
  return characters.join('');
}

function startsGroup(digits: readonly number[], at: number): boolean {
  return at === 0 || digits[at]! > digits[at - 1]! + 1;
}

/** How many digits from `from` on are a card number, the longest first; 0 when none are. */
function cardLength(run: string, digits: readonly number[], from: number): number {
  const text = digits
    .slice(from, from + 19)
    .map((at) => run[at])
    .join('');
  if (!/^(?:[2-6]|8[12])/.test(text)) return 0;
  for (let length = Math.min(19, text.length); length >= 13; length--) {
    const end = from + length;
    if (end < digits.length && digits[end]! === digits[end - 1]! + 1) continue;
    if (passesLuhn(text.slice(0, length))) return length;
  }
  return 0;
}

/** The check digit rule of ISO/IEC 7812. */
export function passesLuhn(digits: string): boolean {
  let sum = 0;
  for (let i = 0; i < digits.length; i++) {
    let digit = digits.charCodeAt(digits.length - 1 - i) - 48;
    if (i % 2 === 1) {
      digit *= 2;
      if (digit > 9) digit -= 9;
    }
    sum += digit;
  }
  return sum % 10 === 0;
}
