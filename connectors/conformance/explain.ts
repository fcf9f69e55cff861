import { exponentOf } from '../../engine/domain/index.ts';
import type { MoneyRecord, Origin } from '../../engine/domain/index.ts';

/**
 * Reads the place that a record says it comes from, in a simple way of its own: what the amount there is in minor
 * units, signed as the balance changes. Undefined where there is nothing that such a record could come from.
 */
export type Explain = (input: Buffer, record: MoneyRecord, origin: Origin) => bigint | undefined;

function minorOf(
  sign: string | undefined,
  whole: string,
  fraction: string | undefined,
  currency: string,
): bigint | undefined {
  const exponent = exponentOf(currency);
  const kept = (fraction ?? '').padEnd(exponent, '0');
  if (/[^0]/.test(kept.slice(exponent))) return undefined;
  return BigInt(`${sign === '-' ? '-' : ''}${whole}${kept.slice(0, exponent)}`);
}

function ofDecimal(text: string, currency: string): bigint | undefined {
  const parts = /^([+-])?(\d+)(?:\.(\d*))?$/.exec(text);
  return parts === null ? undefined : minorOf(parts[1], parts[2]!, parts[3], currency);
}

const ADDS: ReadonlySet<string> = new Set(['C', 'RD', 'EC']);

/** The `:61:` line that starts at the origin, over as many lines as it is broken into. */
export const explainStatementLine: Explain = (input, record, origin) => {
  const text = input.toString('latin1', origin.offset, origin.offset + 70_000);
  const lines = text.split('\n').map((line) => line.replace(/\r$/, ''));
  // An envelope's text may begin on its own line.
  lines[0] = lines[0]!.replace(/^(?:\{[1-5]:.*?)*\{4:/, '');
  let joined = '';
  for (const line of lines.slice(0, 40)) {
    joined += line;
    const parts =
      /^:61:\d{6}(?:\d{4}| {4})?(RC|RD|EC|ED|C|D)[A-Z]?(\d{1,18})(?:,(\d*))?[A-Z][A-Z0-9]{3}/.exec(joined);
    if (parts === null) continue;
    return minorOf(ADDS.has(parts[1]!) ? '+' : '-', parts[2]!, parts[3], record.currency);
  }
  return undefined;
};

/**
 * The MT103 that starts at the origin: what was settled and taken out of it on the way if it came in, what was settled
 * without what was prepaid if it went out; only what was settled where the amounts do not come to each other.
 */
export const explainTransfer: Explain = (input, record, origin) => {
  const rest = input.toString('latin1', origin.offset, origin.offset + 70_000).replaceAll('\r\n', '\n');
  const at = rest.indexOf('{4:');
  const header = rest.slice(0, at);
  const end = rest.slice(at).search(/\n-\}/);
  const body = rest.slice(at + 3, end < 0 ? undefined : at + end);
  const sums = (tag: string): bigint[] =>
    [
      ...`\n${body}`.matchAll(
        new RegExp(`\\n:${tag}:\\s*(?:\\d{6})?([A-Z]{3})(\\d+)(?:,(\\d*))?\\s*(?=\\n:|$)`, 'g'),
      ),
    ].map(([, currency, whole, fraction]) =>
      currency === record.currency ? (minorOf('+', whole!, fraction, currency) ?? 0n) : -1n,
    );
  const [settled, ordered, taken, prepaid] = ['32A', '33B', '71F', '71G'].map(sums) as [
    bigint[],
    bigint[],
    bigint[],
    bigint[],
  ];
  const total = (parts: bigint[]): bigint =>
    parts.includes(-1n) ? 0n : parts.reduce((sum, part) => sum + part, 0n);
  const isIncoming = /\{2:O/.test(header);
  const isComparable = ordered.length === 1 && ![...ordered, ...taken, ...prepaid].includes(-1n);
  const over = isComparable ? ordered[0]! + total(prepaid) - total(taken) - settled[0]! : 0n;
  if (settled.length !== 1) return undefined;
  if (over !== 0n && over !== total(prepaid)) return isIncoming ? settled[0] : -settled[0]!;
  const kept = settled[0]! - (over === 0n ? total(prepaid) : 0n);
  return isIncoming ? kept + total(taken) : -kept;
};

/** The cell under `amount` in the row that starts at the origin. */
export const explainRow: Explain = (input, record, origin) => {
  const mark = input.subarray(0, 3).equals(Buffer.from([0xef, 0xbb, 0xbf])) ? 3 : 0;
  const newline = input.includes('\n') ? '\n' : '\r';
  const header = input
    .toString('utf8', mark)
    .split(newline)
    .find((line) => line.replace(/\r$/, '') !== '');
  if (header === undefined) return undefined;
  const delimiter = [',', ';', '\t', '|'].reduce((best, other) =>
    fieldsOf(header, other, newline).length > fieldsOf(header, best, newline).length ? other : best,
  );
  const column = fieldsOf(header, delimiter, newline).findIndex((name) => trimmed(name) === 'amount');
  const cell = fieldsOf(input.toString('utf8', origin.offset), delimiter, newline)[column];
  return cell === undefined ? undefined : ofDecimal(trimmed(cell), record.currency);
};

/** The amount of the report's row that starts at the origin, by the names of columns that stand last before it. */
export const explainReportRow: Explain = (input, record, origin) => {
  const newline = input.includes('\n') ? '\n' : '\r';
  const names = input
    .toString('utf8', 0, origin.offset)
    .split(newline)
    .map((line) => fieldsOf(line, ',', newline))
    .findLast(([type]) => type?.trim() === 'CH');
  const cells = fieldsOf(input.toString('utf8', origin.offset), ',', newline);
  const cell = (wanted: string): string => {
    const place = (names ?? []).findLastIndex(
      (name) => trimmed(name).toLowerCase().replace(/\s+/g, ' ') === wanted,
    );
    return trimmed(cells[place] ?? '');
  };
  const amount = cell('gross transaction amount');
  const signs: { readonly [direction: string]: string } = { CR: '', DR: '-' };
  const sign = signs[cell('transaction debit or credit').toUpperCase()];
  if (sign === undefined || !/^\d+$/.test(amount)) return undefined;
  // PayPal's units are those of ISO 4217 but for two, which it writes without decimals.
  return BigInt(`${sign}${amount}${['HUF', 'TWD'].includes(record.currency) ? '00' : ''}`);
};

/** The fields of the first row of a text, character by character. */
function fieldsOf(text: string, delimiter: string, newline: string): string[] {
  const fields: string[] = [];
  let field = '';
  let quoted = false;
  for (let i = 0; i < text.length; i++) {
    const character = text[i]!;
    if (character === '"' && quoted && text[i + 1] === '"') {
      field += '"';
      i++;
    } else if (character === '"') {
      quoted = !quoted;
    } else if (!quoted && character === newline) {
      break;
    } else if (!quoted && character === delimiter) {
      fields.push(field);
      field = '';
    } else {
      field += character;
    }
  }
  return [...fields, field];
}

/** Without blanks and control characters around it. */
function trimmed(text: string): string {
  const inner = Array.from(text, (character) => (character > ' ' ? character : ' ')).join('');
  const from = inner.length - inner.trimStart().length;
  return text.slice(from, Math.max(from, inner.trimEnd().length));
}

/** The posted record that the origin counts to. */
export const explainPosted: Explain = (input, record, origin) => {
  const payload = JSON.parse(input.toString()) as unknown;
  const records =
    typeof payload === 'object' && payload !== null && 'records' in payload && Array.isArray(payload.records)
      ? payload.records
      : Array.isArray(payload)
        ? payload
        : [payload];
  const { amount } = records[origin.ordinal] as { amount: string };
  return ofDecimal(amount, record.currency);
};

/** The object on the line that starts at the origin, its numbers as they are written. */
export const explainLine: Explain = (input, record, origin) => {
  const [line = ''] = input.toString('utf8', origin.offset).split('\n');
  const quoted = line.replaceAll(
    /("(?:[^"\\]|\\.)*")|(-?\d[\d.eE+-]*)/g,
    (_, text: string | undefined, number: string) => text ?? `"${number}"`,
  );
  const { amount } = JSON.parse(quoted.replace(/^\uFEFF/, '')) as { amount: string };
  return ofDecimal(amount, record.currency);
};

/** Tags, and the texts between them, from a place on. */
function* tokensFrom(text: string): Generator<{ readonly tag?: string; readonly text?: string }> {
  const pattern = /<!--[^]*?-->|<\?[^]*?\?>|<!\[CDATA\[([^]*?)\]\]>|<([^>]*)>|([^<]+)/g;
  for (const [, cdata, tag, plain] of text.matchAll(pattern)) {
    if (tag !== undefined) yield { tag };
    else if (cdata !== undefined || plain !== undefined) yield { text: cdata ?? plain ?? '' };
  }
}

/** The amount and the direction that the element at the start of a text states, in its first level. */
function statedIn(text: string): { amount?: string; currency?: string; indicator?: string } {
  const stated: { amount?: string; currency?: string; indicator?: string } = {};
  const path: string[] = [];
  for (const token of tokensFrom(text)) {
    if (token.text !== undefined) {
      const at = path.length === 2 ? path[1] : undefined;
      if (at === 'Amt') stated.amount = (stated.amount ?? '') + token.text;
      if (at === 'CdtDbtInd') stated.indicator = (stated.indicator ?? '') + token.text;
      continue;
    }
    const tag = token.tag!;
    if (tag.startsWith('/')) {
      path.pop();
      if (path.length === 0) break;
      continue;
    }
    const name = tag.split(/[\s/]/)[0]!.replace(/^.*:/, '');
    path.push(name);
    if (path.length === 2 && name === 'Amt' && stated.currency === undefined) {
      stated.currency = /\sCcy\s*=\s*["']([^"']*)["']/.exec(tag)?.[1] ?? '';
    }
    if (tag.endsWith('/')) path.pop();
  }
  return stated;
}

/** The `Ntry` or `TxDtls` that starts at the origin; a transaction may go as its entry goes. */
export const explainEntry: Explain = (input, record, origin) => {
  const text = input.toString('latin1');
  const own = statedIn(text.slice(origin.offset));
  const before = text.slice(0, origin.offset + '<prefix:Ntry>'.length);
  const entryAt = [...before.matchAll(/<(?:\w+:)?Ntry(?=[\s>])/g)].findLast(
    ({ index }) => index <= origin.offset,
  );
  const entry = statedIn(text.slice(entryAt?.index));
  if (own.currency !== record.currency || own.amount === undefined) return undefined;
  const unsigned = ofDecimal(own.amount.trim().replace(/^\./, '0.'), own.currency);
  if (unsigned === undefined) return undefined;
  const signs = [own.indicator ?? entry.indicator, entry.indicator].map((indicator) => indicator?.trim());
  const possible = signs.map((sign) =>
    sign === 'CRDT' ? unsigned : sign === 'DBIT' ? -unsigned : undefined,
  );
  return possible.find((amount) => amount === record.amount) ?? possible[0];
};
