import { exponentOf } from '../domain/index.ts';
import type { Tolerance } from '../domain/index.ts';
import { floorDivide, parseDecimal, power10, scaled, toNumber } from './decimal.ts';

type Limits = Pick<Tolerance, 'amount' | 'percent'>;
type Limit = (absoluteLeft: number, currency: string) => number;

interface CompiledTolerance {
  readonly base: Limit;
  readonly short: Limit | undefined;
  readonly over: Limit | undefined;
}

const compiled = new WeakMap<Tolerance, CompiledTolerance>();

/**
 * How far two sums may lie apart, in minor units of `currency`. `short` decides where |Σright| < |Σleft| and it is
 * given, `over` where it is not less and that is given, else the tolerance itself: the smaller of its amount and of
 * its percentage of |Σleft|, each rounded down; 0 where neither stands, and where a map has no amount for `currency`.
 * @param left Σleft in minor units, after conversion
 * @param right Σright in minor units
 */
export function toleranceLimit(tolerance: Tolerance, left: number, right: number, currency: string): number {
  let limits = compiled.get(tolerance);
  if (limits === undefined) {
    limits = {
      base: compileLimits(tolerance),
      short: tolerance.short && compileLimits(tolerance.short),
      over: tolerance.over && compileLimits(tolerance.over),
    };
    compiled.set(tolerance, limits);
  }
  const absoluteLeft = Math.abs(left);
  const decides = Math.abs(right) < absoluteLeft ? limits.short : limits.over;
  return (decides ?? limits.base)(absoluteLeft, currency);
}

function compileLimits({ amount, percent }: Limits): Limit {
  const byAmount = amount === undefined ? undefined : compileAmount(amount);
  const byPercent = percent === undefined ? undefined : compilePercent(percent);
  if (byAmount === undefined) return byPercent ?? (() => 0);
  if (byPercent === undefined) return byAmount;
  return (left, currency) => Math.min(byAmount(left, currency), byPercent(left));
}

function compileAmount(amount: NonNullable<Limits['amount']>): Limit {
  const known = new Map<string, number>();
  return (_left, currency) => {
    let minor = known.get(currency);
    if (minor === undefined) {
      const text =
        typeof amount === 'string' ? amount : Object.hasOwn(amount, currency) ? amount[currency]! : '0';
      const { digits, scale } = parseDecimal(text)!;
      minor = toNumber(floorDivide(digits * power10(exponentOf(currency)), power10(scale)));
      known.set(currency, minor);
    }
    return minor;
  };
}

function compilePercent(percent: string): (absoluteLeft: number) => number {
  // Trailing zeros would only make the numbers larger.
  const decimal = parseDecimal(percent.includes('.') ? percent.replace(/\.?0+$/, '') : percent)!;
  const divisor = power10(decimal.scale + 2);
  const [factor, whole] = [Number(decimal.digits), Number(divisor)];
  return (absoluteLeft) => {
    const product = factor * absoluteLeft;
    // Below 2^53 products, remainders and the division of a multiple are exact in doubles.
    if (product <= Number.MAX_SAFE_INTEGER) return (product - (product % whole)) / whole;
    const left = BigInt(Math.min(absoluteLeft, Number.MAX_SAFE_INTEGER));
    return toNumber((scaled(decimal, decimal.scale) * left) / divisor);
  };
}
