import { CounterfoilError } from '../../../engine/domain/index.ts';

/** Columns of a section's rows that are read, by the names that its `CH` row gives them. */
const NAMES = {
  transaction: 'transaction id',
  invoice: 'invoice id',
  related: 'paypal reference id',
  relatedType: 'paypal reference id type',
  code: 'transaction event code',
  begun: 'transaction initiation date',
  completed: 'transaction completion date',
  direction: 'transaction debit or credit',
  amount: 'gross transaction amount',
  currency: 'gross transaction currency',
  feeDirection: 'fee debit or credit',
  fee: 'fee amount',
  feeCurrency: 'fee currency',
  custom: 'custom field',
  tracking: 'payment tracking id',
  store: 'store id',
  bank: 'bank reference id',
} as const;

export type Column = keyof typeof NAMES;

/** Those without which no record can be made. */
const NEEDED: readonly Column[] = ['transaction', 'code', 'begun', 'direction', 'amount', 'currency'];

/** The fields of a row by what they are; empty where it has no such column. */
export type Cells = { readonly [column in Column]: string };

/** Reads rows by the names of their columns, which differ between versions in order, number and blanks. */
export class Columns {
  readonly #places = new Map<Column, number>();
  /** How many there are, those that are not read included. */
  readonly count: number;

  /**
   * @param names the `CH` row
   * @throws CounterfoilError `malformedStatement` where a column is missing
   */
  constructor(names: readonly string[]) {
    this.count = names.length;
    const places = new Map(
      names.map((name, place) => [name.trim().toLowerCase().replace(/\s+/g, ' '), place]),
    );
    for (const [column, name] of Object.entries(NAMES)) {
      // Older versions write the names without blanks.
      const place = places.get(name) ?? places.get(name.replaceAll(' ', ''));
      if (place !== undefined) this.#places.set(column as Column, place);
    }
    const missing = NEEDED.filter((column) => !this.#places.has(column));
    if (missing.length === 0) return;
    throw new CounterfoilError(
      'malformedStatement',
      `the section has no column "${missing.map((column) => NAMES[column]).join('", "')}"; its rows cannot be read`,
    );
  }

  /** @throws CounterfoilError `malformedRow` for another number of fields */
  read(fields: readonly string[]): Cells {
    if (fields.length !== this.count) {
      throw new CounterfoilError(
        'malformedRow',
        `the row has ${fields.length} fields, and its section ${this.count} columns`,
      );
    }
    const cells: { [column: string]: string } = {};
    for (const column of Object.keys(NAMES) as Column[]) {
      const place = this.#places.get(column);
      cells[column] = place === undefined ? '' : fields[place]!.trim();
    }
    return cells as Cells;
  }
}
