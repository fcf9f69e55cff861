import { CounterfoilError } from './errors.ts';

/**
 * Digits after the decimal point, by ISO 4217 code. `Intl` is not used: it reports 0 for HUF, IQD and MGA, which
 * have 2, 3 and 2. A currency that is not listed has no exponent here and its record is a dead letter.
 */
const EXPONENTS: ReadonlyMap<string, number> = new Map([
  ...list(0, 'BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF'),
  ...list(
    2,
    'AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BOV BRL BSD BTN BWP BYN BZD CAD CDF CHE ' +
      'CHF CHW CNY COP COU CRC CUC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD ' +
      'HNL HRK HTG HUF IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT ' +
      'MOP MRU MUR MVR MWK MXN MXV MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR ' +
      'SBD SCR SDG SEK SGD SHP SLE SLL SOS SRD SSP STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD USN UYU ' +
      'UZS VED VES WST XCD XCG YER ZAR ZMW ZWG ZWL',
  ),
  // Withdrawn, but found in archived statements.
  ...list(2, 'ATS BEF DEM ESP FIM FRF GRD IEP ITL LUF NLG PTE'),
  ...list(3, 'BHD IQD JOD KWD LYD OMR TND'),
  ...list(4, 'CLF UYW'),
]);

function list(exponent: number, codes: string): [string, number][] {
  return codes.split(' ').map((code) => [code, exponent]);
}

/** The largest amount a record may carry, in minor units: the kernel holds integers in doubles. */
export const MAX_MINOR: bigint = BigInt(Number.MAX_SAFE_INTEGER);

/**
 * Digits after the decimal point of `currency` (ISO 4217, upper case).
 * @throws CounterfoilError `unknownCurrency`
 */
export function exponentOf(currency: string): number {
  const exponent = EXPONENTS.get(currency);
  if (exponent === undefined) {
    throw new CounterfoilError(
      'unknownCurrency',
      `currency "${currency.slice(0, 20)}" is not an ISO 4217 code that Counterfoil knows; use the three-letter code, e.g. AED`,
    );
  }
  return exponent;
}

/** Whether `currency` has an exponent in the table. */
export function isKnownCurrency(currency: string): boolean {
  return EXPONENTS.has(currency);
}

/** Every known currency with its exponent. */
export function knownCurrencies(): IterableIterator<[string, number]> {
  return EXPONENTS.entries();
}

const DECIMAL = /^([+-]?)(\d+)(?:\.(\d*))?$/;

/**
 * Reads a decimal in major units ("-12.30") as integer minor units, exactly. Zeros beyond the exponent pass
 * ("10.500" AED); any other digit there is refused, never rounded.
 * @param text sign, digits, and at most one point; no grouping, no currency sign
 * @throws CounterfoilError `invalidAmount`, `amountOutOfRange`
 */
export function parseMinor(text: string, exponent: number): bigint {
  const parts = DECIMAL.exec(text);
  if (parts === null) {
    throw new CounterfoilError(
      'invalidAmount',
      `amount "${text.slice(0, 40)}" is not a decimal number such as 12.30 or -12.30`,
    );
  }
  const fraction = parts[3] ?? '';
  for (let i = exponent; i < fraction.length; i++) {
    if (fraction.charCodeAt(i) !== 48) {
      throw new CounterfoilError(
        'invalidAmount',
        `amount "${text.slice(0, 40)}" has more than ${exponent} digits after the point; amounts are never rounded`,
      );
    }
  }
  const minor = BigInt(parts[2]! + fraction.slice(0, exponent).padEnd(exponent, '0'));
  return checkMinor(parts[1] === '-' ? -minor : minor);
}

/**
 * Returns `minor` if the kernel can hold it.
 * @throws CounterfoilError `amountOutOfRange`
 */
function checkMinor(minor: bigint): bigint {
  if (minor > MAX_MINOR || minor < -MAX_MINOR) {
    throw new CounterfoilError(
      'amountOutOfRange',
      `amount of ${minor} minor units is beyond ±${MAX_MINOR}; split it or check its currency`,
    );
  }
  return minor;
}

/** Minor units as a decimal in major units: `formatMinor(-1230n, 2) === "-12.30"`. */
export function formatMinor(minor: bigint | number, exponent: number): string {
  const text = minor.toString();
  const negative = text.startsWith('-');
  const digits = (negative ? text.slice(1) : text).padStart(exponent + 1, '0');
  const point = digits.length - exponent;
  const major = exponent === 0 ? digits : `${digits.slice(0, point)}.${digits.slice(point)}`;
  return negative ? `-${major}` : major;
}

/**
 * A tolerance in major units, rounded down to the minor unit of `exponent`: "0.509" is 50 in AED and 509 in KWD.
 * @throws CounterfoilError `invalidAmount` for anything but a decimal ≥ 0
 */
export function toleranceMinor(text: string, exponent: number): number {
  const parts = DECIMAL.exec(text);
  if (parts === null || parts[1] === '-') {
    throw new CounterfoilError(
      'invalidAmount',
      `tolerance "${text.slice(0, 40)}" is not a decimal ≥ 0 such as 0.50`,
    );
  }
  return Number(checkMinor(BigInt(parts[2]! + (parts[3] ?? '').slice(0, exponent).padEnd(exponent, '0'))));
}
