import { parse } from 'csv-parse/sync';

const QUOTE = 34;

/** What may part the fields, in the order in which they are preferred. */
const DELIMITERS = [',', ';', '\t', '|'] as const;

/** The most likely delimiter of a line: the one that occurs most often outside quotes. */
export function detectDelimiter(line: string): string {
  let best: string = DELIMITERS[0];
  let most = 0;
  for (const delimiter of DELIMITERS) {
    let count = 0;
    let quoted = false;
    for (const character of line) {
      if (character === '"') quoted = !quoted;
      else if (character === delimiter && !quoted) count++;
    }
    if (count > most) {
      most = count;
      best = delimiter;
    }
  }
  return best;
}

/** Parts rows without any quote. Blanks around a field are no part of it. */
export function splitPlain(row: string, delimiter: string): string[] {
  const fields = row.split(delimiter);
  for (let i = 0; i < fields.length; i++) {
    const field = fields[i]!;
    const length = field.length;
    if (length > 0 && (field.charCodeAt(0) <= 32 || field.charCodeAt(length - 1) <= 32)) {
      fields[i] = trimBlanks(field);
    }
  }
  return fields;
}

function trimBlanks(text: string): string {
  let from = 0;
  let to = text.length;
  while (from < to && text.charCodeAt(from) <= 32) from++;
  while (to > from && text.charCodeAt(to - 1) <= 32) to--;
  return text.slice(from, to);
}

/**
 * Parts a row in which each quoted field is quoted as a whole and has no quote in it: what exports write.
 * @returns undefined for any other row, which is for {@link parseQuoted}
 */
export function splitSimple(row: string, delimiter: string): string[] | undefined {
  const fields: string[] = [];
  const separator = delimiter.charCodeAt(0);
  let at = 0;
  for (;;) {
    let end: number;
    if (row.charCodeAt(at) === QUOTE) {
      end = row.indexOf('"', at + 1) + 1;
      if (end === 0 || (end < row.length && row.charCodeAt(end) !== separator)) return undefined;
      fields.push(row.slice(at + 1, end - 1));
    } else {
      end = row.indexOf(delimiter, at);
      if (end < 0) end = row.length;
      const field = row.slice(at, end);
      if (field.includes('"')) return undefined;
      fields.push(trimBlanks(field));
    }
    if (end >= row.length) return fields;
    at = end + 1;
  }
}

/**
 * Parts rows with quotes in them, by the rules of csv-parse, all in one call because each call has a cost of its own.
 * @returns undefined when any of them is malformed
 */
export function parseQuoted(rows: readonly string[], delimiter: string): string[][] | undefined {
  try {
    const parsed = parse(rows.join('\n'), {
      delimiter,
      record_delimiter: '\n',
      relax_column_count: true,
      trim: true,
    });
    return parsed.length === rows.length ? parsed : undefined;
  } catch {
    return undefined;
  }
}
