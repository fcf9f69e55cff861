const QUOTE = 34;
const BACKSLASH = 92;

/**
 * Reads JSON with each number as the text that it stands as: `3.6725` is `"3.6725"`, and no digit is lost to a double.
 * @throws SyntaxError
 */
export function parseExactJson(text: string): unknown {
  const parts: string[] = [];
  let copied = 0;
  for (let at = 0; at < text.length;) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) {
      at = endOfString(text, at);
    } else if (isNumberPart(code)) {
      const start = at;
      while (at < text.length && isNumberPart(text.charCodeAt(at))) at++;
      const token = text.slice(start, at);
      // The letters of true, false and null are in no number; what is none is left for JSON.parse to refuse.
      if (!NUMBER.test(token)) continue;
      parts.push(text.slice(copied, start), `"${token}"`);
      copied = at;
    } else at++;
  }
  parts.push(text.slice(copied));
  return JSON.parse(parts.join('')) as unknown;
}

const NUMBER = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/;

/** Digits, and what else stands in a number. */
function isNumberPart(code: number): boolean {
  return (
    (code >= 48 && code <= 57) || code === 43 || code === 45 || code === 46 || code === 69 || code === 101
  );
}

/** The place after a string that begins at `at`; the end of the text where it is never closed. */
function endOfString(text: string, at: number): number {
  for (let end = text.indexOf('"', at + 1); end >= 0; end = text.indexOf('"', end + 1)) {
    let backslashes = 0;
    while (text.charCodeAt(end - 1 - backslashes) === BACKSLASH) backslashes++;
    // Each pair of them is a backslash of the string.
    if (backslashes % 2 === 0) return end + 1;
  }
  return text.length;
}
