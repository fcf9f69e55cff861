import type {
  DateField,
  FilterField,
  KeyField,
  LocalDay,
  MoneyRecord,
  RecordKind,
  TimePrecision,
} from '../domain/index.ts';
import { formatDay, localDayOf, RECORD_KINDS, RECORD_STATUSES } from '../domain/index.ts';
import { readUtf8, setOwn } from '../codec/index.ts';
import { HAS_FACTS, HAS_PAIRS, HEADER_BYTES, type BlobLayout, type Blobs } from './blobs.ts';
import { DAY_PRECISE, offsetOf, type Entries } from './entries.ts';
import type { KernelFields } from './kernel-fields.ts';
import { netText } from './plain-fields.ts';
import {
  AVAILABLE_ON,
  BOOKING_DATE,
  FEE,
  GROUP_COUNT,
  GROUP_TOTAL,
  LINK,
  ORIGINAL,
  TAX,
  VALUE_DATE,
  VERSION,
} from './rare-facts.ts';
import { TailReader } from './record-tail.ts';
import type { RowReader } from './row-reader.ts';

/** A layout as it is needed to read records back. */
export interface StoredLayout extends BlobLayout {
  /** By place: the reference or attribute whose text it is as it stands; undefined for any other text. */
  readonly stored: readonly (KeyField | undefined)[];
  /** Each of these once. */
  readonly pairs: readonly { readonly place: number; readonly name: string; readonly isAttribute: boolean }[];
}

/** Takes the bytes of a text of a reference or an attribute. */
export type TakePair = (
  name: string,
  isAttribute: boolean,
  bytes: Uint8Array,
  start: number,
  end: number,
) => void;

/** A stored record for the rule language: a cursor over the entries, to be moved with {@link StoredFields.to}. */
export class StoredFields implements KernelFields {
  entry = -1;
  amount = 0;
  time = 0;
  arrival = 0;
  precision: TimePrecision = 'instant';
  offsetMinutes = 0;
  readonly #entries: Entries;
  readonly #blobs: Blobs;
  readonly #reader: RowReader;
  readonly #layoutOf: (entry: number) => StoredLayout;
  readonly #tail = new TailReader();
  #address = 0;
  #layout!: StoredLayout;
  /** Whether the rare facts below are those of the entry. */
  #parsed = false;
  #fee = 0;
  #tax = 0;
  #days: (LocalDay | undefined)[] = [undefined, undefined, undefined];
  #linkStart = 0;
  #linkEnd = 0;
  #original: { readonly amount: number; readonly currency: string } | undefined;
  #groupCount: number | undefined;
  #groupTotal: number | undefined;
  #version = 0;
  /** Where the pairs start in the blob's buffer. */
  #pairsAt = 0;

  constructor(entries: Entries, blobs: Blobs, reader: RowReader, layoutOf: (entry: number) => StoredLayout) {
    this.#entries = entries;
    this.#blobs = blobs;
    this.#reader = reader;
    this.#layoutOf = layoutOf;
  }

  /** Moves to an entry; its reconciliation must be in force, or be given as the layout that it was written by. */
  to(entry: number, layout: StoredLayout = this.#layoutOf(entry)): this {
    const entries = this.#entries;
    const packed = entries.packed(entry);
    this.entry = entry;
    this.amount = entries.amount(entry);
    this.time = entries.time(entry);
    this.arrival = entries.arrival(entry);
    this.precision = (packed & DAY_PRECISE) === 0 ? 'instant' : 'day';
    this.offsetMinutes = offsetOf(packed);
    this.#address = entries.blob(entry);
    this.#layout = layout;
    this.#parsed = false;
    return this;
  }

  get fee(): number {
    this.#parse();
    return this.#fee;
  }

  get tax(): number {
    this.#parse();
    return this.#tax;
  }

  get currency(): string {
    return this.#reader.currencies.text(this.#blobs.currency(this.#address));
  }

  get kind(): RecordKind {
    return RECORD_KINDS[this.#blobs.form(this.#address) & 15]!;
  }

  get original(): { readonly amount: number; readonly currency: string } | undefined {
    this.#parse();
    return this.#original;
  }

  get groupCount(): number | undefined {
    this.#parse();
    return this.#groupCount;
  }

  get groupTotal(): number | undefined {
    this.#parse();
    return this.#groupTotal;
  }

  get version(): number {
    this.#parse();
    return this.#version;
  }

  day(field: DateField): LocalDay | undefined {
    if (field === 'time') return localDayOf(this.time, this.offsetMinutes);
    this.#parse();
    return this.#days[field === 'bookingDate' ? 0 : field === 'valueDate' ? 1 : 2];
  }

  text(field: FilterField): string {
    switch (field) {
      case 'source':
        return this.#reader.sources.text(this.#blobs.source(this.#address));
      case 'id':
        return this.#placeText(this.#layout.fields.length);
      case 'account':
        return this.#reader.accounts.text(this.#blobs.account(this.#address));
      case 'currency':
        return this.currency;
      case 'kind':
        return this.kind;
      case 'status':
        return RECORD_STATUSES[(this.#blobs.form(this.#address) >>> 4) & 3]!;
      case 'link':
        this.#parse();
        return readUtf8(this.#blobs.arena.bytesOf(this.#address), this.#linkStart, this.#linkEnd);
      case 'amount':
      case 'fee':
      case 'tax':
      case 'time':
        return String(this[field]);
      case 'net':
        return netText(this.amount, this.fee, this.tax);
      case 'bookingDate':
      case 'valueDate':
      case 'availableOn': {
        const day = this.day(field);
        return day === undefined ? '' : formatDay(day);
      }
      default:
        return this.#pairText(field);
    }
  }

  /** The record as a whole: for commands and for indexing it again, not for the hot path. */
  record(): MoneyRecord {
    const [bookingDate, valueDate, availableOn] = (['bookingDate', 'valueDate', 'availableOn'] as const).map(
      (field) => this.day(field),
    );
    const { version, original, groupCount, groupTotal } = this;
    const link = this.text('link');
    const references: { [name: string]: string } = {};
    const attributes: { [name: string]: string } = {};
    this.eachPair((name, isAttribute, bytes, start, end) =>
      setOwn(isAttribute ? attributes : references, name, readUtf8(bytes, start, end)),
    );
    return {
      source: this.text('source'),
      id: this.text('id'),
      ...(version === 0 ? {} : { version }),
      account: this.text('account'),
      kind: this.kind,
      status: RECORD_STATUSES[(this.#blobs.form(this.#address) >>> 4) & 3]!,
      currency: this.currency,
      amount: BigInt(this.amount),
      fee: BigInt(this.fee),
      tax: BigInt(this.tax),
      time: this.time,
      precision: this.precision,
      offsetMinutes: this.offsetMinutes,
      ...(bookingDate === undefined ? {} : { bookingDate }),
      ...(valueDate === undefined ? {} : { valueDate }),
      ...(availableOn === undefined ? {} : { availableOn }),
      references,
      ...(link === '' ? {} : { link }),
      ...(original === undefined
        ? {}
        : { original: { amount: BigInt(original.amount), currency: original.currency } }),
      ...(groupCount === undefined ? {} : { groupCount }),
      ...(groupTotal === undefined ? {} : { groupTotal: BigInt(groupTotal) }),
      attributes,
    };
  }

  /** Kind in four bits, then status in two: their places in RECORD_KINDS and RECORD_STATUSES. */
  get form(): number {
    return this.#blobs.form(this.#address) & 63;
  }

  /** Points `view` to the id. */
  showId(view: { setId(bytes: Uint8Array, start: number, end: number): void }): void {
    this.#blobs.showId(this.#address, this.#layout.fields.length, view);
  }

  /** Gives every reference and attribute that is not empty, those of the keys first. */
  eachPair(take: TakePair): void {
    const { arena } = this.#blobs;
    const bytes = arena.bytesOf(this.#address);
    const texts = arena.startOf(this.#address) + HEADER_BYTES;
    for (const { place, name, isAttribute } of this.#layout.pairs) {
      const start = this.#blobs.textAt(bytes, texts, place);
      const end = this.#blobs.textEnd;
      if (end > start) take(name, isAttribute, bytes, start, end);
    }
    this.#eachTailPair((name, isAttribute, start, end) =>
      take(this.#reader.names.text(name), isAttribute, bytes, start, end),
    );
  }

  #placeText(place: number): string {
    const bytes = this.#blobs.arena.bytesOf(this.#address);
    const start = this.#blobs.textAt(bytes, this.#blobs.arena.startOf(this.#address) + HEADER_BYTES, place);
    return readUtf8(bytes, start, this.#blobs.textEnd);
  }

  #pairText(field: KeyField): string {
    const place = this.#layout.stored.indexOf(field);
    if (place >= 0) return this.#placeText(place);
    let found = '';
    const attribute = field.startsWith('attributes.');
    const wanted = field.slice(11);
    this.#eachTailPair((name, isAttribute, start, end) => {
      if (isAttribute === attribute && this.#reader.names.text(name) === wanted)
        found = readUtf8(this.#blobs.arena.bytesOf(this.#address), start, end);
    });
    return found;
  }

  #eachTailPair(take: (name: number, isAttribute: boolean, start: number, end: number) => void): void {
    if ((this.#blobs.form(this.#address) & HAS_PAIRS) === 0) return;
    this.#parse();
    const tail = this.#tail;
    tail.bytes = this.#blobs.arena.bytesOf(this.#address);
    tail.at = this.#pairsAt;
    for (let rest = tail.unsigned(); rest > 0; rest--) {
      const name = tail.unsigned();
      const length = tail.skipText();
      take(name >>> 1, (name & 1) === 1, tail.at - length, tail.at);
    }
  }

  #parse(): void {
    if (this.#parsed) return;
    this.#parsed = true;
    this.#fee = this.#tax = this.#version = this.#linkStart = this.#linkEnd = 0;
    this.#days[0] = this.#days[1] = this.#days[2] = undefined;
    this.#original = this.#groupCount = this.#groupTotal = undefined;
    const { arena } = this.#blobs;
    const form = this.#blobs.form(this.#address);
    if ((form & (HAS_FACTS | HAS_PAIRS)) === 0) return;
    const tail = this.#tail;
    tail.bytes = arena.bytesOf(this.#address);
    this.#blobs.textAt(tail.bytes, arena.startOf(this.#address) + HEADER_BYTES, this.#layout.fields.length);
    tail.at = this.#blobs.textEnd;
    if ((form & HAS_FACTS) !== 0) this.#parseFacts(tail);
    this.#pairsAt = tail.at;
  }

  #parseFacts(tail: TailReader): void {
    const facts = tail.bytes[tail.at]! | (tail.bytes[tail.at + 1]! << 8);
    tail.at += 2;
    if ((facts & FEE) !== 0) this.#fee = tail.signed();
    if ((facts & TAX) !== 0) this.#tax = tail.signed();
    if ((facts & BOOKING_DATE) !== 0) this.#days[0] = tail.signed();
    if ((facts & VALUE_DATE) !== 0) this.#days[1] = tail.signed();
    if ((facts & AVAILABLE_ON) !== 0) this.#days[2] = tail.signed();
    if ((facts & LINK) !== 0) {
      const length = tail.skipText();
      this.#linkStart = tail.at - length;
      this.#linkEnd = tail.at;
    }
    if ((facts & ORIGINAL) !== 0) {
      const currency = this.#reader.currencies.text(tail.unsigned());
      this.#original = { amount: tail.signed(), currency };
    }
    if ((facts & GROUP_COUNT) !== 0) this.#groupCount = tail.signed();
    if ((facts & GROUP_TOTAL) !== 0) this.#groupTotal = tail.signed();
    if ((facts & VERSION) !== 0) this.#version = tail.signed();
  }
}
