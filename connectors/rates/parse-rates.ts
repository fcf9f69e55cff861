import { ratesSchema } from '../../engine/domain/index.ts';
import type { Rates, RatesSource } from '../../engine/domain/index.ts';
import { CURRENCY, rowsOf, type Row } from './rows.ts';

/** Problems of one text that are told one by one; of the others there is the number. */
const MAX_PROBLEMS = 20;

/** What a text says, and what is wrong in it. */
export interface ParsedRates {
  readonly rates: Rates;
  /** One line each; what they are about is left out of `rates`. */
  readonly problems: readonly string[];
}

type Rate = Rates[number];

/** What some publish where a day has no rate. */
const NO_RATE: ReadonlySet<string> = new Set(['', 'N/A', 'n/a', '-']);

/**
 * Reads what a source of rates says, exactly: what is no rate is told, and the rest is taken.
 * @param isWanted whether anybody asks for rates between two currencies
 * @throws CounterfoilError `malformedRow` where the text as a whole is not what the source is said to send
 */
export function parseRates(
  text: string,
  source: RatesSource,
  isWanted: (from: string, to: string) => boolean = () => true,
): ParsedRates {
  const gathered = new Gathered(isWanted);
  for (const row of rowsOf(text, source)) {
    if (source.layout === 'wide') gatherWide(row, source, gathered);
    else gatherLong(row, source, gathered);
  }
  return gathered;
}

function gatherLong(row: Row, { columns, ...source }: RatesSource, gathered: Gathered): void {
  const from = source.from ?? row.cell(columns.from) ?? '';
  const to = source.to ?? row.cell(columns.to) ?? '';
  gathered.add(row.place, row.cell(columns.date), from, to, row.cell(columns.rate!) ?? '');
}

function gatherWide(row: Row, { columns, ...source }: RatesSource, gathered: Gathered): void {
  const date = row.cell(columns.date);
  for (const [currency, text = ''] of row.currencies()) {
    const { from = currency, to = currency } = source;
    if (from === to || NO_RATE.has(text)) continue;
    gathered.add(`${row.place}, ${currency}`, date, from, to, text);
  }
}

/** Rates as they are read, one a pair and day. */
class Gathered implements ParsedRates {
  readonly rates: Rate[] = [];
  readonly problems: string[] = [];
  readonly #isWanted: (from: string, to: string) => boolean;
  readonly #known = new Map<string, string>();
  #untold = 0;

  constructor(isWanted: (from: string, to: string) => boolean) {
    this.#isWanted = isWanted;
  }

  add(place: string, date: string | undefined, from: string, to: string, rate: string): void {
    if (CURRENCY.test(from) && CURRENCY.test(to) && !this.#isWanted(from, to)) return;
    const row = { date: dayOf(date ?? ''), from, to, rate };
    const checked = ratesSchema.element.safeParse(row);
    if (!checked.success) {
      const issue = checked.error.issues[0]!;
      const column = issue.path[0] as keyof Rate;
      this.#tell(
        `${place}: ${column} ${JSON.stringify(row[column].slice(0, 40))}: ${problemOf(issue.message)}`,
      );
      return;
    }
    const key = `${row.date} ${from} ${to}`;
    const known = this.#known.get(key);
    if (known === undefined) {
      this.#known.set(key, rate);
      this.rates.push(row);
    } else if (known !== rate) {
      this.#tell(
        `${place}: ${from} in ${to} on ${row.date} is ${known} above and ${rate} here; the first counts`,
      );
    }
  }

  #tell(problem: string): void {
    if (this.problems.length < MAX_PROBLEMS) {
      this.problems.push(problem);
      return;
    }
    this.#untold++;
    this.problems[MAX_PROBLEMS] = `and ${this.#untold} more of the kind`;
  }
}

/** The day of a date, or of a moment that begins with one. */
function dayOf(text: string): string {
  return /^\d{4}-\d{2}-\d{2}[T ]/.test(text) ? text.slice(0, 10) : text;
}

function problemOf(message: string): string {
  return message.replace(/^wants a rate in quotes.*/, 'wants a decimal such as 3.6725');
}
