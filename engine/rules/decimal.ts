/** A decimal held exactly: `digits` / 10^`scale`. */
export interface Decimal {
  readonly digits: bigint;
  readonly scale: number;
}

const DECIMAL = /^([+-]?)(\d{1,40})(?:\.(\d{1,40}))?$/;

/** Reads a decimal such as `-12.30`; undefined where the text is none. */
export function parseDecimal(text: string): Decimal | undefined {
  if (text.length > 82) return undefined;
  const parts = DECIMAL.exec(text);
  if (parts === null) return undefined;
  const fraction = parts[3] ?? '';
  const digits = BigInt(parts[2]! + fraction);
  return { digits: parts[1] === '-' ? -digits : digits, scale: fraction.length };
}

/** −1, 0 or 1 as `a` is less than, equal to or more than `b`. */
export function compareDecimals(a: Decimal, b: Decimal): number {
  const left = a.digits * power10(b.scale);
  const right = b.digits * power10(a.scale);
  return left < right ? -1 : left > right ? 1 : 0;
}

/** `decimal` × 10^`scale`; exact, so `scale` is at least the decimal's own. */
export function scaled(decimal: Decimal, scale: number): bigint {
  return decimal.digits * power10(scale - decimal.scale);
}

export function power10(exponent: number): bigint {
  return 10n ** BigInt(exponent);
}

/** The quotient rounded down, towards −∞; `divisor` > 0. */
export function floorDivide(dividend: bigint, divisor: bigint): bigint {
  const quotient = dividend / divisor;
  return dividend < 0n && quotient * divisor !== dividend ? quotient - 1n : quotient;
}

/** The quotient rounded to the nearest integer, halves away from zero; `divisor` > 0. */
export function divideHalfAway(dividend: bigint, divisor: bigint): bigint {
  const half = (2n * (dividend < 0n ? -dividend : dividend) + divisor) / (2n * divisor);
  return dividend < 0n ? -half : half;
}

const MOST = BigInt(Number.MAX_SAFE_INTEGER);

/** An integer as the double that a matcher computes with, held at ±(2^53 − 1). */
export function toNumber(integer: bigint): number {
  return Number(integer > MOST ? MOST : integer < -MOST ? -MOST : integer);
}
