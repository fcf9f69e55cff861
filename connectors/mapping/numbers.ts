import { CounterfoilError } from '../../engine/domain/index.ts';

/** How a source writes its numbers. Nothing of it is guessed: `1.234` is one thing or the other by configuration. */
export interface NumberSettings {
  readonly decimal: '.' | ',';
  /** What stands between groups of digits; empty where nothing may. */
  readonly thousands: '' | ',' | '.' | ' ' | "'";
  /** `(12.30)` takes away. */
  readonly parentheses: boolean;
  /** `12.30-` takes away, and `12.30+` may stand for 12.30. */
  readonly trailingMinus: boolean;
  /** Texts that stand where there is no number, such as `-` or `N/A`. */
  readonly empty: readonly string[];
}

/** Turns a number as the source writes it into a decimal with a point, and a sign where it has one. Exact. */
type ReadNumber = (field: string, text: string) => string;

/** What may stand for each separator: exports put unbreakable blanks and curly apostrophes between groups. */
const SEPARATORS = { '': '', ',': ',', '.': String.raw`\.`, ' ': '[ \u00A0\u202F]', "'": "['\u2019]" };

/**
 * A reader of numbers by those settings; undefined where they are as records have them anyway.
 * The reader throws `invalidAmount`.
 */
export function numberReader(settings: NumberSettings): ReadNumber | undefined {
  const { decimal, thousands, parentheses, trailingMinus, empty } = settings;
  if (decimal === '.' && thousands === '' && !parentheses && !trailingMinus && empty.length === 0) {
    return undefined;
  }
  const separator = SEPARATORS[thousands];
  // Groups of two are how lakhs are written; the last has three, so that 1,5 is no 15.
  const grouped = separator === '' ? '' : String.raw`|\d{1,3}(?:${separator}\d{2,3})*${separator}\d{3}`;
  const number = new RegExp(String.raw`^([+-]?)(\d+${grouped})(?:[${decimal}](\d*))?([+-]?)$`);
  const separators = separator === '' ? undefined : new RegExp(separator, 'g');
  return (field, text) => {
    if (empty.includes(text)) return '';
    const enclosed = parentheses && text.startsWith('(') && text.endsWith(')');
    const parts = number.exec(enclosed ? text.slice(1, -1).trim() : text);
    const [, before = '', whole = '', fraction, after = ''] = parts ?? [];
    const signs = `${enclosed ? '-' : ''}${before}${after}`;
    if (parts === null || signs.length > 1 || (after !== '' && !trailingMinus)) {
      throw new CounterfoilError('invalidAmount', refusal(field, text, settings));
    }
    const digits = separators === undefined ? whole : whole.replaceAll(separators, '');
    return `${signs}${digits}${fraction === undefined ? '' : `.${fraction}`}`;
  };
}

function refusal(field: string, text: string, { decimal, thousands }: NumberSettings): string {
  const grouping = thousands === '' ? 'nothing' : `"${thousands}"`;
  return `${field} "${text.slice(0, 40)}" is no number with "${decimal}" before its decimals and ${grouping} between thousands; correct the source's numbers`;
}
