import { DAY_MS, exponentOf, parseDay } from '../domain/index.ts';
import type { Exchange, LocalDay, Rates } from '../domain/index.ts';
import { divideHalfAway, parseDecimal, power10, toNumber, type Decimal } from './decimal.ts';

const RATE = /^\d{1,12}(\.\d{1,12})?$/;

/** A rate that a record states, as it stands there; undefined where the text is no decimal above 0. */
export function parseRate(text: string): string | undefined {
  return RATE.test(text) && /[1-9]/.test(text) ? text : undefined;
}

/**
 * An amount in another currency, rounded once, half away from zero.
 * @param minor minor units of `from`
 * @param rate units of `to` for one unit of `from`, a decimal above 0
 * @returns minor units of `to`, held at ±(2^53 − 1)
 */
export function convert(minor: number, rate: string, from: string, to: string): number {
  const { digits, scale, double } = parsed(rate);
  const up = exponentOf(to);
  const down = scale + exponentOf(from);
  const product = Math.abs(minor * double * POWERS[up]!);
  // Whatever a double rounds is at least 2^53: a product below it is exact, and so is all that is done to it here.
  if (product <= Number.MAX_SAFE_INTEGER && down < POWERS.length) {
    const divisor = POWERS[down]!;
    const rest = product % divisor;
    const quotient = (product - rest) / divisor + (2 * rest >= divisor ? 1 : 0);
    return minor < 0 ? 0 - quotient : quotient;
  }
  return toNumber(divideHalfAway(BigInt(minor) * digits * power10(up), power10(down)));
}

/** A rate as it is computed with. */
interface ParsedRate extends Decimal {
  /** Its digits; NaN where a double does not hold them. */
  readonly double: number;
}

/** The powers of ten that a double holds. */
const POWERS: readonly number[] = Array.from({ length: 23 }, (_, exponent) => Number(`1e${exponent}`));

const MOST_PARSED = 1024;
const parsedRates = new Map<string, ParsedRate>();

function parsed(rate: string): ParsedRate {
  const known = parsedRates.get(rate);
  if (known !== undefined) return known;
  const decimal = parseDecimal(rate)!;
  const digits = Number(decimal.digits);
  const made = { ...decimal, double: Number.isSafeInteger(digits) ? digits : Number.NaN };
  if (parsedRates.size >= MOST_PARSED) parsedRates.clear();
  parsedRates.set(rate, made);
  return made;
}

/** The rates of one pair of currencies, by date. */
interface PairRates {
  readonly days: LocalDay[];
  readonly rates: string[];
}

const indexed = new WeakMap<Rates, ReadonlyMap<string, PairRates>>();

/**
 * The rate for `day`: the newest published on it or before, no older than `maxAge` in whole days. Of two of one date
 * the one that stands later in the table counts. Undefined where there is none.
 */
export function publishedRate(rates: Rates | undefined, fx: Exchange, day: LocalDay): string | undefined {
  if (rates === undefined) return undefined;
  let pairs = indexed.get(rates);
  if (pairs === undefined) {
    pairs = indexRates(rates);
    indexed.set(rates, pairs);
  }
  const pair = pairs.get(`${fx.from}/${fx.to}`);
  if (pair === undefined) return undefined;
  const at = lastAtOrBefore(pair.days, day);
  if (at < 0 || day - pair.days[at]! > Math.floor(fx.maxAge / DAY_MS)) return undefined;
  return pair.rates[at];
}

function indexRates(rates: Rates): ReadonlyMap<string, PairRates> {
  const byPair = new Map<string, { readonly day: LocalDay; readonly rate: string }[]>();
  for (const { from, to, date, rate } of rates) {
    const key = `${from}/${to}`;
    const entries = byPair.get(key) ?? [];
    if (entries.length === 0) byPair.set(key, entries);
    entries.push({ day: parseDay(date), rate });
  }
  return new Map(
    [...byPair].map(([key, entries]) => {
      // Stable: of equal dates the later in the table stays the later.
      entries.sort((a, b) => a.day - b.day);
      return [key, { days: entries.map((each) => each.day), rates: entries.map((each) => each.rate) }];
    }),
  );
}

/** Index of the last day that is not after `day`; −1 where all are. */
function lastAtOrBefore(days: readonly LocalDay[], day: LocalDay): number {
  let [low, high] = [0, days.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (days[middle]! <= day) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}
