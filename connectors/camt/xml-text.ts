/**
 * A text of bytes as characters: UTF-8 where they are, else Latin-1. What a character reference stands for is no byte
 * and stays.
 */
export function decodeBytes(text: string): string {
  return text.replace(/[\x80-\xff]+/g, (run) => {
    const decoded = Buffer.from(run, 'latin1').toString('utf8');
    return decoded.includes('\ufffd') ? run : decoded;
  });
}

/** A name without its namespace prefix. */
export function localOf(name: string): string {
  const colon = name.indexOf(':');
  return colon < 0 ? name : name.slice(colon + 1);
}

/** Without the blanks of XML around it; a byte that is a blank in Latin-1 may be part of a character. */
export function trimmed(text: string): string {
  let from = 0;
  let to = text.length;
  while (from < to && isBlank(text.charCodeAt(from))) from++;
  while (to > from && isBlank(text.charCodeAt(to - 1))) to--;
  return from === 0 && to === text.length ? text : text.slice(from, to);
}

function isBlank(code: number): boolean {
  return code === 32 || (code >= 9 && code <= 13);
}
