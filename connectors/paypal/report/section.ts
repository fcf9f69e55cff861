import { CounterfoilError, formatMinor, exponentOf } from '../../../engine/domain/index.ts';
import type { Translated } from '../../../engine/domain/index.ts';
import type { FileContext } from '../../contract/index.ts';
import { balanceFinding } from '../../statements/index.ts';
import { minorOf } from './row.ts';
import type { PaypalReportSettings } from './settings.ts';

/** Currencies of one section; PayPal has some twenty-five. */
const MAX_CURRENCIES = 200;

/** What the footers of a section say of one currency, and where. */
interface StatedTotal {
  readonly currency: string;
  readonly total: bigint;
  readonly line: number;
}

/** One account's part of a report: how many rows it has, and what they come to. */
export class Section {
  /** PayPal's id of the account. */
  readonly account: string;
  readonly #read = new Map<string, bigint>();
  readonly #stated: StatedTotal[] = [];
  #rows = 0;
  #unread = 0;

  constructor(account: string) {
    this.account = account;
  }

  /** A row that became a record. Unsigned sums, because it is those that the footer has. */
  add({
    currency,
    amount,
    fee,
  }: {
    readonly currency: string;
    readonly amount: bigint;
    readonly fee: bigint;
  }): void {
    this.#rows++;
    const sum = (this.#read.get(currency) ?? 0n) + magnitude(amount) + magnitude(fee);
    if (this.#read.has(currency) || this.#read.size < MAX_CURRENCIES) this.#read.set(currency, sum);
  }

  /** A row that did not. */
  addUnread(): void {
    this.#rows++;
    this.#unread++;
  }

  /**
   * Takes a section's footer: a currency, then the totals of gross credits, gross debits, fee credits and fee debits.
   * @throws CounterfoilError `invalidAmount`, `unknownCurrency`
   */
  state(fields: readonly string[], line: number, settings: PaypalReportSettings): void {
    const currency = (fields[1] ?? '').trim().toUpperCase();
    let total = 0n;
    for (const field of fields.slice(2, 6))
      total += minorOf(field.trim() || '0', currency, settings, 'total');
    if (this.#stated.length < MAX_CURRENCIES) this.#stated.push({ currency, total, line });
  }

  /** @throws CounterfoilError `malformedStatement` where the section has another number of rows than it says */
  checkCount(fields: readonly string[]): void {
    const stated = (fields[1] ?? '').trim();
    if (stated === String(this.#rows)) return;
    throw new CounterfoilError(
      'malformedStatement',
      `the section says that it has "${stated.slice(0, 20)}" rows, and ${this.#rows} were there; fetch the report again`,
    );
  }

  /** Where rows and footer do not come to the same. */
  *findings(context: FileContext): Generator<Translated> {
    for (const { currency, total, line } of this.#stated) {
      const read = this.#read.get(currency) ?? 0n;
      if (read === total) continue;
      const [stated, found] = [total, read].map((minor) => formatMinor(minor, exponentOf(currency)));
      const damage = this.#unread === 0 ? '' : `; ${this.#unread} of its rows could not be read`;
      const subject = {
        source: context.source,
        account: context.accounts.ofStated(this.account),
        currency,
        place: `${context.file}:${line}`,
      };
      yield balanceFinding(
        'balance',
        subject,
        read - total,
        `the section's totals of amounts and fees are ${stated!} ${currency}, and its rows come to ${found!}${damage}`,
      );
    }
  }
}

function magnitude(minor: bigint): bigint {
  return minor < 0n ? -minor : minor;
}
