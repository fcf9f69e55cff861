import { CounterfoilError } from '../../engine/domain/index.ts';
import type { Origin, Translated } from '../../engine/domain/index.ts';
import { MAX_ID, deadLetter } from '../contract/index.ts';
import type { FileContext } from '../contract/index.ts';
import { ClosedDays, Continuity, balanceFinding, checkStatement } from '../statements/index.ts';
import type { BalanceSubject } from '../statements/index.ts';
import { isCredit, isTrue, readAmount } from './amounts.ts';
import { openBatch } from './batch.ts';
import { CamtDates } from './dates.ts';
import { entryRecord } from './entry-record.ts';
import type { EntryHead } from './entry-record.ts';
import type { MessageSink } from './message-reader.ts';
import { checkOnce } from './raw-message.ts';
import type { RawEntry, RawStatement } from './raw-message.ts';
import type { CamtSettings, EntryStatus } from './settings.ts';
import { malformed, readHead } from './statement-head.ts';
import type { StatementHead } from './statement-head.ts';
import type { XmlPlace } from './xml-reader.ts';

/** What has come of the statement that is being read. */
interface Progress {
  readonly head: StatementHead | CounterfoilError;
  /** Σ of its booked entries, minor units, by currency. */
  readonly sums: Map<string, bigint>;
  unreadable: number;
}

export interface TranslatorOptions {
  readonly context: FileContext;
  readonly settings: CamtSettings;
  /** Takes each item in its turn. */
  readonly add: (item: Translated) => void;
  /** The input of the entry that has just ended, for its dead letter. */
  readonly payload: () => string;
  /** Bytes as text. */
  readonly decode: (text: string) => string;
}

/** Makes records of the entries of one file, in their order. */
export class CamtTranslator implements MessageSink {
  readonly #options: TranslatorOptions;
  readonly #dates: CamtDates;
  readonly #closed: ClosedDays;
  readonly #continuity = new Continuity();
  #statement: RawStatement | undefined;
  #progress: Progress | undefined;
  #isIncomplete = false;
  readonly #passedOver = new Map<string, number>();

  constructor(options: TranslatorOptions) {
    this.#options = options;
    this.#dates = new CamtDates(options.context.zone);
    this.#closed = new ClosedDays(options.context);
  }

  entry(statement: RawStatement, entry: RawEntry): void {
    const { settings, context, add } = this.#options;
    if (!settings.messages.includes(statement.message)) {
      this.#passOver(`of ${statement.message} messages`);
      return;
    }
    const progress = this.#progressOf(statement);
    try {
      const read = this.#readEntry(progress, entry);
      if (!settings.statuses.includes(read.status)) {
        this.#passOver(`of status ${read.status}`);
        return;
      }
      const items = this.#items(statement, entry, read);
      if (read.status === 'BOOK') {
        const { currency } = read.amount;
        progress.sums.set(currency, (progress.sums.get(currency) ?? 0n) + read.signed);
      }
      for (const item of items) add(item);
    } catch (error) {
      progress.unreadable++;
      this.#isIncomplete = true;
      add(deadLetter(context.source, error, this.#origin(entry), this.#options.payload()));
    }
  }

  statementEnd(statement: RawStatement): void {
    const { settings, context, add } = this.#options;
    if (!settings.messages.includes(statement.message)) return;
    const { head, sums, unreadable } = this.#progressOf(statement);
    this.#statement = undefined;
    if (head instanceof CounterfoilError) {
      this.#isIncomplete = true;
      if (statement.entries === 0) {
        add(deadLetter(context.source, head, this.#origin(statement), JSON.stringify(statement.fields)));
      }
      return;
    }
    const { opening, closing } = head;
    if (closing === undefined) return;
    const subject: BalanceSubject = {
      source: context.source,
      account: head.account,
      currency: closing.currency,
      place: `${context.file}:${statement.line}: statement ${head.name}`,
    };
    const opens = opening?.currency === closing.currency ? opening.amount : undefined;
    if (opens !== undefined && this.#readsBooked()) {
      const sum = sums.get(closing.currency) ?? 0n;
      const balances = { opening: opens, sum, closing: closing.amount };
      for (const item of checkStatement(subject, balances, unreadable)) add(item);
    }
    if (head.isFinal) {
      const now = {
        opening: opens,
        closing: closing.amount,
        day: closing.day,
        name: head.name,
        isContinued: false,
      };
      for (const item of this.#continuity.check(head.identifier, subject, now)) add(item);
      this.#closed.close(head.identifier, closing.day);
    }
    this.#balance(head, opens);
  }

  /** @param isWhole whether the file could be read to its end */
  end(isWhole: boolean): void {
    const { context, add } = this.#options;
    for (const [what, count] of this.#passedOver) {
      context.notice(`${context.file}: ${count} entries ${what} are passed over, as the source is set`);
    }
    if (this.#isIncomplete || !isWhole) return;
    const time = this.#closed.completeThrough();
    if (time !== undefined) add({ type: 'progress', time });
  }

  #progressOf(statement: RawStatement): Progress {
    if (this.#statement === statement && this.#progress !== undefined) return this.#progress;
    this.#statement = statement;
    let head: Progress['head'];
    try {
      head = readHead(statement, this.#options.context, this.#dates, this.#options.decode);
    } catch (error) {
      head = CounterfoilError.from(error, 'malformedStatement');
    }
    this.#progress = { head, sums: new Map(), unreadable: 0 };
    return this.#progress;
  }

  /** @throws CounterfoilError with the code that the entry's dead letter gets */
  #readEntry({ head }: Progress, entry: RawEntry): EntryHead {
    if (head instanceof CounterfoilError) throw head;
    const { fields } = entry;
    checkOnce(fields);
    if (entry.transactionCount === 1) checkOnce(entry.transactions[0]?.fields ?? {});
    const status = fields['status'] ?? fields['proprietaryStatus'];
    if (!isEntryStatus(status)) {
      throw malformed(
        status === undefined
          ? 'the entry has no status (Sts)'
          : `the entry's status "${status.slice(0, 40)}" is none of BOOK, PDNG, FUTR, INFO`,
      );
    }
    const amount = readAmount(fields['amount'], fields['amountCurrency']);
    const isTurned = this.#options.settings.reversals === 'original' && isTrue(fields['reversal']);
    const isCredited = isCredit(fields['indicator']) !== isTurned;
    const { bookingDate, valueDate } = fields;
    return {
      head,
      amount,
      signed: isCredited ? amount.minor : -amount.minor,
      isCredited,
      status,
      bookingDate: bookingDate === undefined ? undefined : this.#dates.read(bookingDate),
      valueDate: valueDate === undefined ? undefined : this.#dates.read(valueDate),
    };
  }

  /** The records of an entry: one of each transaction of a batch that can be opened, else one of the entry. */
  #items(statement: RawStatement, entry: RawEntry, read: EntryHead): Translated[] {
    const { transactions, transactionCount } = entry;
    if (transactionCount < 2) {
      const id = this.#idOf(read, entry);
      const record = entryRecord(this.#options, statement, entry, transactions[0], read, read.signed, id);
      return [{ type: 'record', record, origin: this.#origin(entry) }];
    }
    const opened = openBatch(entry, read.amount, read.signed);
    if ('why' in opened) {
      const id = this.#idOf(read, entry);
      const record = entryRecord(this.#options, statement, entry, undefined, read, read.signed, id);
      const subject: BalanceSubject = {
        source: record.source,
        account: record.account,
        currency: record.currency,
        place: `${this.#options.context.file}:${entry.line}: entry ${id}`,
      };
      const finding = balanceFinding(
        'balance',
        subject,
        opened.residual,
        `stays one record: ${opened.why}`,
        id,
      );
      return [finding, { type: 'record', record, origin: this.#origin(entry) }];
    }
    return opened.map(({ transaction, amount }, i) => {
      const id = this.#idOf(read, entry, i + 1);
      const record = entryRecord(this.#options, statement, entry, transaction, read, amount, id);
      return { type: 'record', record, origin: this.#origin(transaction) };
    });
  }

  #idOf({ head }: EntryHead, entry: RawEntry, transaction?: number): string {
    const part = transaction === undefined ? '' : `.${transaction}`;
    const bankReference = entry.fields['bankReference'];
    const id =
      this.#options.settings.ids === 'bankReference' && bankReference !== undefined
        ? `${head.identifier}/${this.#options.decode(bankReference)}${part === '' ? '' : `/${part.slice(1)}`}`
        : `${head.name}/${head.page === 1 ? '' : `${head.page}-`}${entry.number}${part}`;
    if (id.length > MAX_ID) throw malformed(`the entry's id would have ${id.length} characters`);
    return id;
  }

  #balance({ account, name, page, closing }: StatementHead, opening: bigint | undefined): void {
    // Without booked entries, or with ids that do not name the statement, nothing could be compared with the balances.
    if (closing === undefined || !this.#readsBooked() || this.#options.settings.ids !== 'statement') return;
    if (![opening ?? 0n, closing.amount].every((minor) => Number.isSafeInteger(Number(minor)))) return;
    this.#options.add({
      type: 'balance',
      balance: {
        source: this.#options.context.source,
        ...{ account, name, page },
        currency: closing.currency,
        day: closing.day,
        ...(opening === undefined ? {} : { opening: Number(opening) }),
        closing: Number(closing.amount),
      },
    });
  }

  #readsBooked(): boolean {
    return this.#options.settings.statuses.includes('BOOK');
  }

  #passOver(what: string): void {
    this.#passedOver.set(what, (this.#passedOver.get(what) ?? 0) + 1);
  }

  #origin({ line, offset }: XmlPlace): Origin {
    return { file: this.#options.context.file, line, offset, ordinal: 0 };
  }
}

const STATUSES: ReadonlySet<string> = new Set<EntryStatus>(['BOOK', 'PDNG', 'FUTR', 'INFO']);

function isEntryStatus(text: string | undefined): text is EntryStatus {
  return text !== undefined && STATUSES.has(text);
}
