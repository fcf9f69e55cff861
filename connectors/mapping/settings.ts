import { z } from 'zod';
import { RECORD_KINDS, RECORD_STATUSES } from '../../engine/domain/index.ts';
import type { RecordKind, RecordStatus } from '../../engine/domain/index.ts';
import { RECORD_FIELD_LIST, recordField } from '../contract/index.ts';
import type { RecordField } from '../contract/index.ts';
import type { NumberSettings } from './numbers.ts';
import { timesSetting } from './times.ts';
import type { TimeFormats } from './times.ts';
import type { DirectionWords, Words } from './words.ts';

/** How fees and taxes are signed: see {@link mappingSettings}. */
export type CostSign = 'cost' | 'balance' | 'amount';

/** How a source writes what it says, whatever its format is. */
export interface MappingSettings {
  readonly constants: ReadonlyMap<RecordField, string>;
  readonly amountIn: 'major' | 'minor';
  readonly minorUnits: { readonly [currency: string]: number };
  readonly numbers: NumberSettings;
  readonly signs: {
    readonly fee: CostSign;
    readonly tax: CostSign;
    readonly net?: 'own' | 'amount' | undefined;
  };
  readonly times: TimeFormats;
  readonly kinds?: Words<RecordKind> | undefined;
  readonly statuses?: Words<RecordStatus> | undefined;
  readonly kind: RecordKind;
  readonly currency?: string | undefined;
}

/** The name of a record's field, as a mapping writes it. */
export const fieldName: z.ZodType<string> = z.string().refine((name) => recordField(name) !== undefined, {
  error: `wants a field of a record: ${RECORD_FIELD_LIST}`,
});

const word = z.string().min(1).max(256);
const words = z.array(word).min(1).max(1000);

/** What says whether amounts without a sign add or take away; the connector adds where it stands. */
export const directionWords = { adds: words, subtracts: words };

const costSign = z.enum(['cost', 'balance', 'amount']).prefault('cost');

/** Spread into the schema of a connector whose fields are mapped by configuration. */
export const mappingSettings = {
  /** Texts by field, that every record has: `{ attributes.acquirer: acme }`. */
  constants: z.record(fieldName, z.string().min(1).max(1024)).transform(byField).prefault({}),
  /** Whether amounts are decimals (`12.30`) or integers of minor units (`1230`). */
  amountIn: z.enum(['major', 'minor']).prefault('major'),
  /** Digits of the source's integers by currency, where they are not those of ISO 4217: `{ UGX: 0 }`. */
  minorUnits: z.record(z.string().regex(/^[A-Z]{3}$/), z.int().min(0).max(4)).prefault({}),
  /** How numbers are written. */
  numbers: z
    .strictObject({
      decimal: z.enum(['.', ',']).prefault('.'),
      /** What stands between groups of digits; without it nothing may. */
      thousands: z.enum(['', ',', '.', ' ', "'"]).prefault(''),
      /** `(12.30)` is −12.30. */
      parentheses: z.boolean().prefault(false),
      /** `12.30-` is −12.30. */
      trailingMinus: z.boolean().prefault(false),
      /** Texts that mean that there is no number: `['-', 'N/A']`. */
      empty: z.array(z.string().max(32)).max(20).prefault([]),
    })
    .refine(({ decimal, thousands }) => decimal !== thousands, {
      error: 'decimal and thousands are the same; one of them is another character',
    })
    .prefault({}),
  /**
   * How fees and taxes are signed: `cost`: positive costs; `balance`: as the balance changes, so that negative costs;
   * `amount`: no sign, a cost where the record adds and given back where it takes away. `net` has its `own` sign or, like
   * the amount, none: `amount`, the default where `direction` or `sides` is set.
   */
  signs: z
    .strictObject({ fee: costSign, tax: costSign, net: z.enum(['own', 'amount']).optional() })
    .prefault({}),
  /** Formats of times, where they are not ISO 8601 or Unix milliseconds. */
  times: timesSetting.prefault({}),
  /** From the source's words to kinds; another word is a dead letter, or what `*` says. */
  kinds: z.record(word, z.enum(RECORD_KINDS)).optional(),
  /** From the source's words to statuses; another word is a dead letter, or what `*` says. */
  statuses: z.record(word, z.enum(RECORD_STATUSES)).optional(),
  /** The kind of every record that does not say its own. */
  kind: z.enum(RECORD_KINDS).prefault('ledger'),
  /** The currency of every record that does not say its own. */
  currency: z
    .string()
    .regex(/^[A-Z]{3}$/, 'wants a currency code such as AED')
    .optional(),
};

/** What is written by the names of fields, by field. */
export function byField<T>(written: { readonly [field: string]: T }): ReadonlyMap<RecordField, T> {
  return new Map(Object.entries(written).map(([name, value]) => [recordField(name)!, value]));
}

/** What differs from record to record, and cannot be one text for all. */
const OWN_FIELDS: readonly RecordField[] = ['id', 'amount', 'time'];

/** What {@link checkMapping} looks at. */
interface Mapped extends Pick<MappingSettings, 'constants'> {
  readonly direction?: DirectionWords | undefined;
  readonly sides?: object | undefined;
}

/**
 * Refuses settings that are fine alone and not together.
 * @param fields those that the source's own setting maps
 * @param refuse takes the setting, and why
 */
export function checkMapping(
  { constants, direction, sides }: Mapped,
  fields: Iterable<RecordField>,
  refuse: (setting: string, why: string) => void,
): void {
  for (const field of OWN_FIELDS) {
    if (constants.has(field)) refuse('constants', `${field} is each record's own`);
  }
  const both = direction?.adds.find((text) => direction.subtracts.includes(text));
  if (both !== undefined) refuse('direction', `"${both}" both adds and subtracts`);
  if (direction !== undefined && sides !== undefined) {
    refuse('sides', 'amounts stand on one of two sides, or have a direction; leave one out');
  }
  for (const field of fields) {
    if (constants.has(field)) refuse('constants', `${field} is mapped to something; leave one out`);
    if (field === 'amount' && sides !== undefined) {
      refuse('sides', 'amount is mapped to something; leave one out');
    }
  }
}
