import { CounterfoilError } from '../../engine/domain/index.ts';
import { REPEATED } from './raw-message.ts';
import type { Fields, RawEntry, RawStatement, RawTransaction } from './raw-message.ts';
import { MESSAGES } from './shape.ts';
import type { MessageName, Shape } from './shape.ts';
import type { Attributes, XmlHandler, XmlReader } from './xml-reader.ts';
import { localOf, trimmed } from './xml-text.ts';

/** Takes the parts of messages as they end. */
export interface MessageSink {
  entry(statement: RawStatement, entry: RawEntry): void;
  statementEnd(statement: RawStatement): void;
}

/** The most of a file that the transactions of one entry may take, because they are held until its end is known. */
export const ENTRY_LIMIT_BYTES = 33_554_432;

/** The most balances of one statement that are kept: the standard has about ten types. */
const MAX_BALANCES = 64;
/** The most charges of one entry or transaction that are kept. */
const MAX_CHARGES = 256;
/** The most namespace prefixes of one file that are kept. */
const MAX_PREFIXES = 64;
/** The most characters of one field that are kept. */
const MAX_FIELD = 16_384;
const NAMESPACE = /^urn:iso:std:iso:20022:tech:xsd:camt\.05[234]\.001\.(\d\d)$/;

/** An element inside a message. */
interface Open {
  readonly shape: Shape;
  /** The fields of what the element is part of, to go back to; only where it has a scope. */
  readonly outer: Fields | undefined;
}

/** Finds the messages in a file's elements and puts their statements together. */
export class MessageReader implements XmlHandler {
  readonly #sink: MessageSink;
  readonly #xml: () => XmlReader;
  readonly #limitBytes: number;
  readonly #open: Open[] = [];
  /** Elements open that nothing is kept of, below the last of `#open`. */
  #skipped = 0;
  #message: MessageName | undefined;
  /** Of messages, by namespace prefix: the last one that was declared. */
  readonly #versions = new Map<string, string>();
  #fields: Fields = {};
  #text = '';
  #statement: RawStatement | undefined;
  #entry: RawEntry | undefined;
  #transaction: RawTransaction | undefined;
  #statements = 0;

  constructor(sink: MessageSink, xml: () => XmlReader, limitBytes: number) {
    this.#sink = sink;
    this.#xml = xml;
    this.#limitBytes = limitBytes;
  }

  /** The statement and the entry that are being read. */
  get underWay(): { readonly statement: RawStatement | undefined; readonly entry: RawEntry | undefined } {
    return { statement: this.#statement, entry: this.#entry };
  }

  /** How many statements have begun. */
  get statements(): number {
    return this.#statements;
  }

  open(name: string, attributes: Attributes): void {
    if (this.#skipped > 0) {
      this.#skipped++;
      return;
    }
    const parent = this.#open.length === 0 ? undefined : this.#open[this.#open.length - 1];
    if (parent === undefined) {
      this.#outside(name, attributes);
      return;
    }
    const { children } = parent.shape;
    const shape = children.get(name) ?? children.get(localOf(name));
    if (shape === undefined) {
      this.#skipped = 1;
      return;
    }
    this.#text = '';
    if (shape.scope === undefined) {
      this.#open.push({ shape, outer: undefined });
    } else {
      this.#open.push({ shape, outer: this.#fields });
      this.#fields = {};
      this.#begin(shape);
    }
    if (shape.currencyField !== undefined) {
      if (this.#fields[shape.currencyField] !== undefined) this.#fields[REPEATED] ??= localOf(name);
      this.#fields[shape.currencyField] ??= attributes['Ccy'] ?? '';
    }
  }

  text(part: string): void {
    if (this.#skipped > 0 || this.#open.length === 0) return;
    this.#text = this.#text === '' ? part : this.#text + part;
  }

  close(): void {
    if (this.#skipped > 0) {
      this.#skipped--;
      return;
    }
    const open = this.#open.pop();
    if (open === undefined) return;
    if (this.#open.length === 0) {
      this.#message = undefined;
      return;
    }
    const { shape, outer } = open;
    if (shape.field !== undefined) this.#keep(shape.field, shape.repeats);
    this.#text = '';
    if (outer === undefined) return;
    this.#finish(shape);
    this.#fields = outer;
  }

  /** Elements around messages: an envelope, `Document`, and the message itself. */
  #outside(name: string, attributes: Attributes): void {
    const local = localOf(name);
    for (const attribute in attributes) {
      if (!attribute.startsWith('xmlns')) continue;
      const found = NAMESPACE.exec(attributes[attribute]!);
      if (found !== null && this.#versions.size < MAX_PREFIXES)
        this.#versions.set(attribute.slice(6), found[1]!);
    }
    const known = MESSAGES.get(local.replace(/V\d\d$/, ''));
    if (known === undefined) return;
    const prefix = name.length === local.length ? '' : name.slice(0, name.length - local.length - 1);
    // Version 01 has other elements, and nobody sends it any more.
    if (this.#versions.get(prefix) === '01') {
      throw new CounterfoilError(
        'malformedStatement',
        `the message is ${known.name}.001.01; versions from 02 on are read, so have the bank send one of them`,
      );
    }
    this.#message = known.name;
    this.#open.push({ shape: known.shape, outer: undefined });
  }

  #begin(shape: Shape): void {
    const fields = this.#fields;
    switch (shape.scope) {
      case 'statement':
        this.#statements++;
        this.#statement = {
          ...this.#xml().opened,
          message: this.#message!,
          fields,
          balances: [],
          entries: 0,
        };
        break;
      case 'entry': {
        const { offset, line } = this.#xml().opened;
        this.#entry = {
          line,
          offset,
          number: ++this.#statement!.entries,
          fields,
          charges: [],
          transactions: [],
          transactionCount: 0,
          isOversized: false,
        };
        this.#xml().mark(offset);
        break;
      }
      case 'transaction': {
        const { offset, line } = this.#xml().opened;
        this.#transaction = { line, offset, fields, charges: [] };
        break;
      }
      default:
    }
  }

  #finish(shape: Shape): void {
    switch (shape.scope) {
      case 'statement':
        this.#sink.statementEnd(this.#statement!);
        this.#statement = undefined;
        break;
      case 'balance':
        if (this.#statement!.balances.length < MAX_BALANCES) this.#statement!.balances.push(this.#fields);
        break;
      case 'entry':
        this.#sink.entry(this.#statement!, this.#entry!);
        this.#entry = undefined;
        this.#xml().unmark();
        break;
      case 'transaction':
        this.#addTransaction(this.#entry!, this.#transaction!);
        this.#transaction = undefined;
        break;
      case 'charge':
        this.#addCharge((this.#transaction ?? this.#entry!).charges);
        break;
      default:
    }
  }

  #addTransaction(entry: RawEntry, transaction: RawTransaction): void {
    entry.transactionCount++;
    if (entry.isOversized) return;
    if (this.#xml().offset - entry.offset > this.#limitBytes) {
      entry.isOversized = true;
      entry.transactions.length = 0;
      return;
    }
    entry.transactions.push(transaction);
  }

  /** From version 04 on what `Chrgs` says itself is the total of its records. */
  #addCharge(charges: Fields[]): void {
    if (this.#fields['amount'] === undefined && this.#fields['total'] === undefined) return;
    if (charges.length < MAX_CHARGES) charges.push(this.#fields);
  }

  #keep(field: string, repeats: Shape['repeats']): void {
    const text = trimmed(this.#text);
    if (text === '') return;
    const before = this.#fields[field];
    if (before === undefined) this.#fields[field] = text.length > MAX_FIELD ? text.slice(0, MAX_FIELD) : text;
    else if (repeats === 'never') this.#fields[REPEATED] ??= field;
    else if (repeats === 'joined' && before.length + text.length < MAX_FIELD)
      this.#fields[field] = `${before}\n${text}`;
  }
}
