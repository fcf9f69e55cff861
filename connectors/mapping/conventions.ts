import { CounterfoilError, exponentOf, formatMinor } from '../../engine/domain/index.ts';
import type { RawField, RawRecord, SourceContext } from '../contract/index.ts';
import { numberReader } from './numbers.ts';
import type { CostSign, MappingSettings } from './settings.ts';
import { TIME_FIELDS, conformDay, conformTime } from './times.ts';
import { isSubtracted, mappedWord } from './words.ts';
import type { DirectionWords } from './words.ts';

/** What a record says beside its fields. */
export interface Stated {
  /** The word that says whether its amount adds or takes away. */
  readonly direction?: string | undefined;
  /** Its amount, on the side that adds or on the one that takes away; the other is empty or zero. */
  readonly adds?: string | undefined;
  readonly subtracts?: string | undefined;
}

/** Where the connector finds what is {@link Stated}. */
export interface StatedBy {
  /** With where the word stands, for messages. */
  readonly direction?: (DirectionWords & { readonly place: string }) | undefined;
  readonly sides?: object | undefined;
}

/** Integers of minor units; a fraction of zeros is what some languages write of a whole number. */
const MINOR = /^([+-]?\d{1,18})(?:\.0*)?$/;
const NOTHING: Stated = {};

/** Turns a record as one source writes it into one as the contract reads it, by the source's settings. Pure. */
export class Conventions {
  /** The source writes as the contract reads: there is nothing to do. */
  readonly isPlain: boolean;
  readonly #settings: MappingSettings;
  readonly #by: StatedBy;
  readonly #read: ReturnType<typeof numberReader>;
  readonly #netAsAmount: boolean;
  readonly #plainConstants: readonly (readonly [RawField, string])[];
  readonly #references: { readonly [name: string]: string } = {};
  readonly #attributes: { readonly [name: string]: string } = {};

  constructor(settings: MappingSettings, by: StatedBy) {
    this.#settings = settings;
    this.#by = by;
    this.#read = numberReader(settings.numbers);
    const unsigned = by.direction !== undefined || by.sides !== undefined;
    const { fee, tax, net = unsigned ? 'amount' : 'own' } = settings.signs;
    this.#netAsAmount = net === 'amount';
    const texts = { references: {}, attributes: {} } as { [part: string]: { [name: string]: string } };
    const plain: [RawField, string][] = [];
    for (const [field, text] of settings.constants) {
      const dot = field.indexOf('.');
      if (dot < 0) plain.push([field as RawField, text]);
      else texts[field.slice(0, dot)]![field.slice(dot + 1)] = text;
    }
    this.#plainConstants = plain;
    this.#references = texts['references']!;
    this.#attributes = texts['attributes']!;
    this.isPlain =
      this.#read === undefined &&
      settings.amountIn === 'major' &&
      settings.constants.size === 0 &&
      settings.kinds === undefined &&
      settings.statuses === undefined &&
      TIME_FIELDS.every((field) => settings.times[field] === undefined) &&
      fee === 'cost' &&
      tax === 'cost' &&
      !this.#netAsAmount &&
      !unsigned;
  }

  /** The context in which the contract reads the records: in the zone of their times. */
  contextOf(context: SourceContext): SourceContext {
    const zone = this.#settings.times.time?.zone;
    return zone === undefined ? context : { ...context, zone };
  }

  /**
   * @param context of the source, for the zone of its dates
   * @throws CounterfoilError with the code that the record's dead letter gets
   */
  conform(raw: RawRecord, context: SourceContext, stated: Stated = NOTHING): RawRecord {
    const { kinds, statuses, signs } = this.#settings;
    const found: RawRecord = {
      ...raw,
      kind: mappedWord('kind', raw.kind, kinds),
      status: mappedWord('status', raw.status, statuses),
      references: { ...this.#references, ...raw.references },
      attributes: { ...this.#attributes, ...raw.attributes },
    };
    // Constants are in the words of records already.
    for (const [field, text] of this.#plainConstants) found[field] ??= text;
    const currency = filled(found.currency) ?? this.#settings.currency;
    const [amount, negated] = this.#amountOf(found.amount, currency, stated);
    found.amount = amount;
    found.fee = costOf('fee', this.#major('fee', raw.fee, currency), signs.fee, negated);
    found.tax = costOf('tax', this.#major('tax', raw.tax, currency), signs.tax, negated);
    found.net = this.#major('net', raw.net, currency);
    if (this.#netAsAmount) found.net = directed('net', found.net, negated);
    found.groupTotal = this.#major('groupTotal', raw.groupTotal, currency);
    const original = filled(found.originalCurrency) ?? currency;
    found.originalAmount = this.#major('originalAmount', raw.originalAmount, original);
    if (this.#by.direction !== undefined || this.#by.sides !== undefined) {
      found.originalAmount = directed('originalAmount', found.originalAmount, negated);
    }
    this.#conformTimes(found, context);
    return found;
  }

  /** A number that stands outside a record, such as a total, as a decimal in major units; empty where there is none. */
  number(field: string, text: string, currency: string): string {
    return this.#major(field, text, currency) ?? '';
  }

  /** The amount with its sign, and whether it takes away. */
  #amountOf(
    text: string | undefined,
    currency: string | undefined,
    stated: Stated,
  ): [amount: string | undefined, negated: boolean] {
    const { direction, sides } = this.#by;
    if (sides !== undefined) return this.#sideOf(stated, currency);
    const amount = this.#major('amount', text, currency);
    if (direction === undefined) return [amount, amount?.startsWith('-') === true];
    const negated = isSubtracted(direction, stated.direction, direction.place);
    return [directed('amount', amount, negated), negated];
  }

  #sideOf(stated: Stated, currency: string | undefined): [amount: string, negated: boolean] {
    const adds = filled(this.#major('amount', stated.adds, currency));
    const subtracts = filled(this.#major('amount', stated.subtracts, currency));
    if (adds !== undefined && subtracts !== undefined && !isZero(adds) && !isZero(subtracts)) {
      throw new CounterfoilError(
        'invalidAmount',
        `there is an amount on both sides, ${adds.slice(0, 40)} that adds and ${subtracts.slice(0, 40)} that takes away; one of them should be empty`,
      );
    }
    const negated = subtracts !== undefined && (adds === undefined || (isZero(adds) && !isZero(subtracts)));
    const amount = negated ? subtracts : adds;
    if (amount === undefined) {
      throw new CounterfoilError('invalidField', 'amount is empty on both sides; every record has one');
    }
    return [directed('amount', amount, negated)!, negated];
  }

  /** A number as a decimal in major units, with the sign it has. */
  #major(field: string, text: string | undefined, currency: string | undefined): string | undefined {
    if (filled(text) === undefined) return text;
    const number = this.#read === undefined ? text! : this.#read(field, text!);
    const { amountIn, minorUnits } = this.#settings;
    if (amountIn === 'major' || number === '' || currency === undefined) return number;
    const parts = MINOR.exec(number);
    if (parts === null) {
      throw new CounterfoilError(
        'invalidAmount',
        `${field} "${text!.slice(0, 40)}" is no whole number of minor units; correct the source's amountIn`,
      );
    }
    const code = currency.toUpperCase();
    const exponent = exponentOf(code);
    return formatMinor(BigInt(parts[1]!), Object.hasOwn(minorUnits, code) ? minorUnits[code]! : exponent);
  }

  #conformTimes(record: RawRecord, context: SourceContext): void {
    for (const field of TIME_FIELDS) {
      const format = this.#settings.times[field];
      const text = record[field];
      if (format === undefined || filled(text) === undefined) continue;
      record[field] =
        field === 'time' ? conformTime(text!, format) : conformDay(field, text!, format, context.zone);
    }
  }
}

/** A fee or tax with the sign that records have: positive costs. */
function costOf(
  field: string,
  text: string | undefined,
  sign: CostSign,
  negated: boolean,
): string | undefined {
  if (sign === 'cost' || filled(text) === undefined) return text;
  if (sign === 'amount') return directed(field, text, negated);
  return text!.startsWith('-') ? text!.slice(1) : `-${text!.replace('+', '')}`;
}

/** An unsigned amount with its sign. One that has a sign already would be doubtful. */
function directed(field: string, text: string | undefined, negated: boolean): string | undefined {
  if (filled(text) === undefined) return text;
  if (/^[+-]/.test(text!)) {
    throw new CounterfoilError(
      'invalidAmount',
      `${field} "${text!.slice(0, 40)}" has a sign, and the source's settings give it one too; correct direction, sides or signs`,
    );
  }
  return negated ? `-${text}` : text;
}

function isZero(text: string): boolean {
  return /^[+-]?[0.]*$/.test(text);
}

function filled(text: string | undefined): string | undefined {
  return text === '' ? undefined : text;
}
