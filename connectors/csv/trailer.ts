import { CounterfoilError, exponentOf, formatMinor, netOf } from '../../engine/domain/index.ts';
import type { MoneyRecord, Origin, Translated } from '../../engine/domain/index.ts';
import { deadLetter, readMinor } from '../contract/index.ts';
import type { FileContext } from '../contract/index.ts';
import type { Conventions } from '../mapping/index.ts';
import { balanceFinding } from '../statements/index.ts';
import type { ColumnPlan } from './columns.ts';
import type { Row } from './rows.ts';
import type { Total } from './row-settings.ts';
import type { CsvSettings } from './settings.ts';

type Sums = { [total in Total]: bigint };

const noSums = (): Sums => ({ amount: 0n, fee: 0n, tax: 0n, net: 0n, adds: 0n, subtracts: 0n, unsigned: 0n });

/** Compares what trailers state with the rows since the trailer before, or the file's beginning. */
export class TrailerCheck {
  readonly #context: FileContext;
  readonly #settings: CsvSettings;
  readonly #conventions: Conventions;
  #rows = 0;
  #unreadable = 0;
  #sums = new Map<string, Sums>();
  readonly #accounts = new Set<string>();
  /** Whether nothing stands behind the last trailer. */
  #isEnded = false;

  constructor(context: FileContext, settings: CsvSettings, conventions: Conventions) {
    this.#context = context;
    this.#settings = settings;
    this.#conventions = conventions;
  }

  /** Counts a row, and what it came to; nothing, where it is ignored. */
  count(item: Translated | undefined): void {
    this.#isEnded = false;
    this.#rows++;
    if (item?.type === 'record') this.#add(item.record);
    else if (item !== undefined) this.#unreadable++;
  }

  /**
   * What a trailer gives: nothing where it agrees, a `balance` finding where it does not, and a dead letter where it
   * cannot be read. The rows are records all the same.
   */
  check(row: Row, plan: ColumnPlan, origin: Origin): Translated | undefined {
    try {
      const differences = [...this.#differences(row.fields ?? [], plan)];
      if (differences.length === 0) return undefined;
      const damage = this.#unreadable === 0 ? '' : `; ${this.#unreadable} of the rows could not be read`;
      const [account = ''] = this.#accounts.size === 1 ? this.#accounts : [];
      return balanceFinding(
        'balance',
        {
          source: this.#context.source,
          account,
          currency: this.#currencyOf(row.fields ?? [], plan) ?? '',
          place: `${this.#context.file}:${row.line}`,
        },
        differences.find(({ amount }) => amount !== 0n)?.amount ?? 0n,
        `the trailer does not agree with its rows: ${differences.map(({ what }) => what).join('; ')}${damage}`,
      );
    } catch (error) {
      return deadLetter(this.#context.source, error, origin, row.text);
    } finally {
      this.#isEnded = true;
      this.#rows = 0;
      this.#unreadable = 0;
      this.#sums = new Map();
      this.#accounts.clear();
    }
  }

  /** What a file gives at its end: a dead letter where rows stand behind its last trailer, or there is none. */
  end(origin: Origin): Translated | undefined {
    if (this.#isEnded) return undefined;
    const problem = new CounterfoilError(
      'malformedRow',
      `the file does not end with its trailer: ${this.#rows} rows stand behind the last one; it is probably cut off. Ask for it again, or correct the source's trailer`,
    );
    return deadLetter(this.#context.source, problem, origin, '');
  }

  #add(record: MoneyRecord): void {
    this.#accounts.add(record.account);
    let sums = this.#sums.get(record.currency);
    if (sums === undefined) this.#sums.set(record.currency, (sums = noSums()));
    const { amount, fee, tax } = record;
    sums.amount += amount;
    sums.fee += fee;
    sums.tax += tax;
    sums.net += netOf(record);
    sums.unsigned += amount < 0n ? -amount : amount;
    if (amount < 0n) sums.subtracts -= amount;
    else sums.adds += amount;
  }

  *#differences(
    fields: readonly string[],
    plan: ColumnPlan,
  ): Generator<{ readonly what: string; readonly amount: bigint }> {
    const { count, totals } = plan.trailer;
    if (count >= 0) {
      const text = cellOf(fields, count, 'count');
      if (!/^\d{1,12}$/.test(text)) {
        throw new CounterfoilError('invalidField', `count "${text.slice(0, 40)}" is no number of rows`);
      }
      if (Number(text) !== this.#rows) {
        yield { what: `it counts ${Number(text)}, there are ${this.#rows}`, amount: 0n };
      }
    }
    for (const [total, column] of totals) {
      const currency = this.#currencyOf(fields, plan);
      if (currency === undefined) {
        throw new CounterfoilError(
          'invalidField',
          'the trailer states a total, and nothing says in which currency; set the currency of the source or of its trailer',
        );
      }
      const exponent = exponentOf(currency);
      const stated = this.#statedTotal(total, cellOf(fields, column, total), currency, fields, plan);
      const found = (this.#sums.get(currency) ?? noSums())[total];
      if (stated === found) continue;
      const [says, is] = [stated, found].map((minor) => formatMinor(minor, exponent));
      yield { what: `${total} is ${says!} there and ${is!} in the rows`, amount: found - stated };
    }
  }

  #statedTotal(
    total: Total,
    text: string,
    currency: string,
    fields: readonly string[],
    plan: ColumnPlan,
  ): bigint {
    const number = this.#conventions.number(total, text, currency);
    const stated = number === '' ? 0n : readMinor(number, exponentOf(currency));
    if (total === 'fee' || total === 'tax') {
      return this.#settings.signs[total] === 'balance' ? -stated : stated;
    }
    if (total === 'amount' || total === 'net') {
      // The trailer may have a word of its own for what its sum does, if that has no sign.
      const word = fields[plan.direction];
      const subtracts = word !== undefined && this.#settings.direction?.subtracts.includes(word) === true;
      return subtracts && stated > 0n ? -stated : stated;
    }
    return stated < 0n ? -stated : stated;
  }

  /** In which currency totals are; undefined where nothing says so. */
  #currencyOf(fields: readonly string[], plan: ColumnPlan): string | undefined {
    if (plan.trailer.currency >= 0) return cellOf(fields, plan.trailer.currency, 'currency').toUpperCase();
    if (this.#sums.size > 1) return undefined;
    const [only] = this.#sums.keys();
    return only ?? this.#settings.currency ?? this.#settings.constants.get('currency');
  }
}

function cellOf(fields: readonly string[], column: number, what: string): string {
  const text = fields[column];
  if (text !== undefined) return text;
  throw new CounterfoilError(
    'malformedRow',
    `the trailer has ${fields.length} columns, and its ${what} should stand in column ${column + 1}`,
  );
}
