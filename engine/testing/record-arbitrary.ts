import fc from 'fast-check';
import { RECORD_KINDS, RECORD_STATUSES } from '../domain/index.ts';
import type { MoneyRecord } from '../domain/index.ts';

const MAX_SAFE = BigInt(Number.MAX_SAFE_INTEGER);

/** Texts that have broken somebody's parser. */
export const HOSTILE_TEXTS: readonly string[] = [
  '',
  'a\tb',
  'a\nb',
  'a\r\nb',
  'a\\b',
  '\\N',
  '\\',
  "it's",
  "']",
  "'},{'",
  '"quoted"',
  '\0',
  '\b\f\v\u0007',
  'naïve café',
  'مدفوعات',
  '🧾💸',
  '\u{10FFFF}',
  '\uFEFFbom',
  '__proto__',
  'constructor',
  '1',
  'x'.repeat(300),
  `${'é'.repeat(100)}\t`,
];

/** Well-formed text: what is written is read back as it was. */
const text = fc.oneof(
  fc.constantFrom(...HOSTILE_TEXTS),
  fc.string({ unit: 'grapheme', maxLength: 40 }),
  fc.string({ unit: 'binary', maxLength: 20 }),
  fc.string({ maxLength: 60 }),
);

const amount = fc.oneof(
  fc.bigInt({ min: -100_000n, max: 100_000n }),
  fc.bigInt({ min: -MAX_SAFE, max: MAX_SAFE }),
  fc.constantFrom(0n, MAX_SAFE, -MAX_SAFE, 999_999_999n, 1_000_000_000n, -1_000_000_001n),
);

const cost = fc.oneof({ weight: 3, arbitrary: fc.constant(0n) }, { weight: 1, arbitrary: amount });

const day = fc.integer({ min: -719_528, max: 2_932_896 });

const currency = fc.constantFrom('AED', 'USD', 'KWD', 'JPY', 'CLF');

const unsigned = fc.integer({ min: 0, max: 0xffff_ffff });

const pairs = fc.dictionary(text, text, { maxKeys: 4, noNullPrototype: true });

/** Any record that a frame can hold, with every field sometimes there and sometimes not. */
export const recordArbitrary: fc.Arbitrary<MoneyRecord> = fc
  .record(
    {
      source: fc.oneof(fc.constantFrom('gateway', 'bank'), text),
      id: text,
      version: unsigned.filter((version) => version > 0),
      account: fc.oneof(fc.constantFrom('default', 'a-1'), text),
      kind: fc.constantFrom(...RECORD_KINDS),
      status: fc.constantFrom(...RECORD_STATUSES),
      currency,
      amount,
      fee: cost,
      tax: cost,
      time: fc.oneof(
        fc.integer({ min: 1_700_000_000_000, max: 1_900_000_000_000 }),
        fc.integer({ min: -8.64e15, max: 8.64e15 }),
      ),
      precision: fc.constantFrom('instant', 'day'),
      offsetMinutes: fc.integer({ min: -720, max: 840 }),
      bookingDate: day,
      valueDate: day,
      availableOn: day,
      references: pairs,
      link: text.filter((link) => link !== ''),
      original: fc.record({ amount, currency }, { noNullPrototype: true }),
      groupCount: unsigned,
      groupTotal: amount,
      attributes: pairs,
    },
    {
      requiredKeys: [
        'source',
        'id',
        'account',
        'kind',
        'status',
        'currency',
        'amount',
        'fee',
        'tax',
        'time',
        'precision',
        'offsetMinutes',
        'references',
        'attributes',
      ],
      noNullPrototype: true,
    },
  )
  .filter(({ amount, fee, tax }) => isSafe(amount - fee) && isSafe(amount - fee - tax));

function isSafe(sum: bigint): boolean {
  return sum <= MAX_SAFE && sum >= -MAX_SAFE;
}
