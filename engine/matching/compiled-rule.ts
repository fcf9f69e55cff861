import type { Reconciliation, Rule } from '../domain/index.ts';
import { compileFilter, decidingFields, toleranceLimit, type RecordFields } from '../rules/index.ts';
import type { BlobKey } from './blobs.ts';
import type { ComputedText, KeySlots } from './key-slots.ts';
import { addWord, mix32 } from './murmur3.ts';
import type { NullValues } from './null-values.ts';
import type { Pairing } from './pairing.ts';
import type { RowReader } from './row-reader.ts';

/** No number of a currency: the record has no such currency. */
const NO_CURRENCY = -1;

/** A rule ready to run. Account, and currency where nothing is converted, are part of every key. */
export class CompiledRule implements BlobKey {
  readonly name: string;
  /** Place in the reconciliation. */
  readonly index: number;
  readonly rule: Rule;
  /** How it ties records: pairs, groups of any cardinality but 1:1, or records of one side. */
  readonly kind: 'pair' | 'group' | 'contra';
  /** The side of a contra rule. */
  readonly contra: number;
  /** What decides a match by it, as a person would write it. */
  readonly decided: readonly string[];
  readonly places: readonly number[];
  readonly fields: readonly [readonly number[], readonly number[]];
  readonly comparesCurrency: boolean;
  /** The currency of its keys is compared, and is not simply that of the records: see {@link CompiledRule.keyCurrency}. */
  readonly readsCurrency: boolean;
  /** A pair compared amount with amount in one currency, within an absolute tolerance, inside the window: the fast way. */
  readonly plain: boolean;
  /** After this long, in milliseconds, the rule is tried; −1: at once. */
  readonly hold: number;
  readonly unique: boolean;
  readonly pairing: Pairing;
  /** The one text of a side of which a record may have several. */
  readonly several: { readonly side: number; readonly text: ComputedText } | undefined;
  /** Whether the row looked at last has a key under this rule, and the key's hash. */
  hasKey = false;
  hash = 0;
  /** Counts the looks: what was found by a key is good until the next. */
  looks = 0;
  /** By currency number, in minor units; absent until asked for. */
  readonly #tolerances: number[] = [];
  readonly #nullValues: NullValues;
  /** The rule names account, or currency, so that a null value there is a missing key. */
  readonly #namesAccount: boolean;
  readonly #namesCurrency: boolean;
  /** By side: which of the two a record's key has as its currency. */
  readonly #original: readonly [boolean, boolean];
  /** By side. */
  readonly #where: readonly [
    ((record: RecordFields) => boolean) | undefined,
    ((record: RecordFields) => boolean) | undefined,
  ];

  constructor(
    definition: Reconciliation,
    index: number,
    slots: KeySlots,
    nullValues: NullValues,
    pairing: Pairing,
  ) {
    const rule = definition.rules[index]!;
    this.name = rule.name;
    this.index = index;
    this.rule = rule;
    const cardinality = rule.cardinality ?? '1:1';
    this.kind = cardinality === '1:1' ? 'pair' : cardinality === 'contra' ? 'contra' : 'group';
    this.contra = rule.side === 'right' ? 1 : 0;
    this.decided = decidingFields(rule);
    this.pairing = pairing;
    this.hold = rule.hold ?? -1;
    this.unique = rule.unique ?? false;
    this.#nullValues = nullValues;
    this.places = slots.placesOf(rule);
    const fieldsOf = (side: 0 | 1): number[] =>
      this.places.map((place) => slots.layouts[side].fields[place]!);
    this.fields = [fieldsOf(0), fieldsOf(1)];
    for (const side of [0, 1] as const) {
      const text = slots.computed[side].find(
        (each) => each.several && this.fields[side].includes(each.field),
      );
      if (text !== undefined) this.several = { side, text };
    }
    this.#namesAccount = rule.keys.includes('account');
    this.#namesCurrency = rule.keys.includes('currency');
    this.#original = [rule.compare?.left === 'original', rule.compare?.right === 'original'];
    this.comparesCurrency = rule.fx === undefined && !this.#original[0] && !this.#original[1];
    this.readsCurrency = rule.fx === undefined && !this.comparesCurrency;
    const where = rule.where;
    this.#where = [
      where?.left === undefined ? undefined : compileFilter(where.left),
      where?.right === undefined ? undefined : compileFilter(where.right),
    ];
    this.plain = this.kind === 'pair' && this.hold < 0 && !this.unique && pairing.isPlain;
  }

  /** Looks at the row's key on its side: `hasKey` and `hash` are then the row's. */
  look(reader: RowReader, row: RecordFields, side: number): boolean {
    this.hasKey = false;
    this.looks++;
    if (this.kind === 'contra' && side !== this.contra) return false;
    if (this.#namesAccount && this.#nullValues.isNullAccount(reader)) return false;
    if (this.#namesCurrency && this.#nullValues.isNullCurrency(reader)) return false;
    let hash = reader.accounts.hash(reader.account);
    if (this.comparesCurrency) {
      hash = addWord(hash, reader.currencies.hash(reader.currency));
    } else if (this.rule.fx !== undefined) {
      if (row.currency !== (side === 0 ? this.rule.fx.from : this.rule.fx.to)) return false;
      if (this.#isOriginal(side) && row.original === undefined) return false;
    } else {
      const currency = this.#rowCurrency(reader, side);
      if (currency === NO_CURRENCY) return false;
      hash = addWord(hash, reader.currencies.hash(currency));
    }
    const where = this.#where[side === 0 ? 0 : 1];
    if (where !== undefined && !where(row)) return false;
    const fields = this.fields[side === 0 ? 0 : 1];
    for (let i = 0; i < fields.length; i++) {
      const field = fields[i]!;
      if (reader.fieldEnd[field] === reader.fieldStart[field]) return false;
      if (this.#nullValues.has(reader, field)) return false;
      hash = addWord(hash, reader.fieldHash[field]!);
    }
    this.hash = mix32(hash);
    this.hasKey = true;
    return true;
  }

  /** Likewise, with one of the several texts that the row has (captureAll). */
  lookWith(reader: RowReader, row: RecordFields, side: number, text: string): boolean {
    reader.setField(this.several!.text.field, text);
    return this.look(reader, row, side);
  }

  /** The currency in the key of a record of a side; empty where it has no original amount and that is compared. */
  keyCurrency(side: number, record: RecordFields): string {
    return this.#isOriginal(side) ? (record.original?.currency ?? '') : record.currency;
  }

  /** How far apart amounts of a currency may be, in minor units, where the rule is plain. */
  tolerance(currency: number, reader: RowReader): number {
    let tolerance = this.#tolerances[currency];
    if (tolerance === undefined) {
      tolerance = toleranceLimit(this.rule.tolerance, 0, 0, reader.currencies.text(currency));
      this.#tolerances[currency] = tolerance;
    }
    return tolerance;
  }

  /** Whether a rule's key has the original currency of a side's records instead of their own. */
  #isOriginal(side: number): boolean {
    return this.#original[side === 0 ? 0 : 1];
  }

  /** The currency in the row's key, where it is compared. */
  #rowCurrency(reader: RowReader, side: number): number {
    if (!this.#isOriginal(side)) return reader.currency;
    return Number.isNaN(reader.frame.originalAmount[reader.row]!) ? NO_CURRENCY : reader.originalCurrency;
  }
}
