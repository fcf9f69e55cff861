import { createHash } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { CounterfoilError, MAX_PUBLISHED_RATES, mergeRates } from '../../engine/domain/index.ts';
import type { Rates, RatesSource } from '../../engine/domain/index.ts';
import { parseRates } from './parse-rates.ts';
import { SourceError, readSource, sourceName } from './read-source.ts';
import type { ReadFailure, Version } from './read-source.ts';

/** After the n-th failure in a row it is tried again within FIRST · 2^n, at most LONGEST; and never at once. */
const FIRST_RETRY_MS = 2_000;
const LONGEST_RETRY_MS = 15 * 60_000;
const LEAST_RETRY_MS = 250;

/** Why a table could not be brought up to date, a closed set. */
export type RatesFailure = ReadFailure | 'log';

/** Facts for metrics and log lines. Calls must not block. */
export interface RatesObserver {
  /** Rates that the log has taken. */
  published(table: string, rates: number): void;
  /** The newest date of the table, when it is known for the first time or has changed. */
  newest(table: string, date: string): void;
  failed(table: string, reason: RatesFailure): void;
  /** A line for the operator. */
  tell(level: 'info' | 'warn', table: string, line: string): void;
}

export interface RatesFeedOptions {
  readonly table: string;
  readonly source: RatesSource;
  /** Folder that relative paths start from. */
  readonly directory: string;
  /** Whether a rule asks this table for rates between two currencies. */
  readonly isWanted: (from: string, to: string) => boolean;
  /** What was published before. */
  readonly kept: { read(): Promise<Rates>; write(rates: Rates): Promise<void> };
  /** Takes further rates into the log. @throws CounterfoilError of the log */
  readonly publish: (table: string, rates: Rates, why: string) => Promise<void>;
  readonly observer: RatesObserver;
  readonly signal: AbortSignal;
  /** Between 0 and 1. */
  readonly random?: () => number;
}

/**
 * Follows one source of rates until `signal` aborts: looks as often as it says, publishes what is new or other than
 * before, and on a failure leaves in force what is there and tries again, ever later.
 * @throws CounterfoilError where the log can take nothing more
 */
export class RatesFeed {
  readonly #options: RatesFeedOptions;
  readonly #name: string;
  #known: Rates = [];
  #version: Version | undefined;
  #digest = '';
  #failures = 0;

  constructor(options: RatesFeedOptions) {
    this.#options = options;
    this.#name = sourceName(options.source);
  }

  async run(): Promise<void> {
    const { kept, signal, source } = this.#options;
    this.#known = await kept.read();
    this.#tellNewest();
    while (!signal.aborted) {
      const isDone = await this.#look();
      await delay(isDone ? source.every : this.#untilRetry(), undefined, { signal }).catch(() => undefined);
    }
  }

  /** @returns whether the table is what the source says */
  async #look(): Promise<boolean> {
    const { table, observer, signal } = this.#options;
    try {
      await this.#bringUpToDate();
      if (this.#failures > 0) observer.tell('info', table, `${this.#name} can be read again`);
      this.#failures = 0;
      return true;
    } catch (error) {
      if (signal.aborted) return false;
      const reason = reasonOf(error);
      this.#failures++;
      observer.failed(table, reason);
      const { message } = error as Error;
      observer.tell(
        'warn',
        table,
        `rates of table "${table}": ${message}; those published before stay in force`,
      );
      return false;
    }
  }

  async #bringUpToDate(): Promise<void> {
    const { table, source, directory, signal, observer, isWanted } = this.#options;
    const { text, version } = await readSource(source, { directory, known: this.#version, signal });
    if (text === undefined) return;
    const digest = createHash('sha256').update(text).digest('base64');
    if (digest !== this.#digest) {
      const { rates, problems } = parseRates(text, source, isWanted);
      for (const problem of problems)
        observer.tell('warn', table, `rates of table "${table}": ${this.#name}: ${problem}`);
      await this.#publish(rates);
    }
    // Only now: what could not be published is read again.
    [this.#version, this.#digest] = [version, digest];
  }

  async #publish(rates: Rates): Promise<void> {
    const { table, observer, kept, publish } = this.#options;
    const merged = mergeRates(this.#known, rates);
    const next = merged.slice(-MAX_PUBLISHED_RATES);
    if (next.length < merged.length) {
      const left = merged.length - next.length;
      const line = `rates of table "${table}": only the newest ${MAX_PUBLISHED_RATES} are kept; the oldest ${left}, before ${next[0]!.date}, are left out`;
      observer.tell('info', table, line);
    }
    const before = new Map(this.#known.map((rate) => [keyOf(rate), rate.rate]));
    const news = next.filter((rate) => before.get(keyOf(rate)) !== rate.rate);
    if (news.length === 0) return;
    await publish(table, news, `${this.#name} says so`);
    this.#known = next;
    // Without the file the next start publishes once more, which changes nothing.
    await kept.write(next).catch((error: unknown) => {
      const { message } = error as Error;
      observer.tell(
        'warn',
        table,
        `rates of table "${table}": what was published could not be noted: ${message}`,
      );
    });
    observer.published(table, news.length);
    this.#tellNewest();
    const what = news.length === 1 ? '1 rate' : `${news.length} rates`;
    observer.tell(
      'info',
      table,
      `rates of table "${table}": ${what} published, the newest of ${next.at(-1)!.date}`,
    );
  }

  #tellNewest(): void {
    const newest = this.#known.at(-1);
    if (newest !== undefined) this.#options.observer.newest(this.#options.table, newest.date);
  }

  /** Full jitter: anywhere up to a bound that doubles, so that those who failed together do not come back together. */
  #untilRetry(): number {
    const { source, random = Math.random } = this.#options;
    const most = Math.min(FIRST_RETRY_MS * 2 ** Math.min(this.#failures - 1, 20), LONGEST_RETRY_MS);
    return Math.max(LEAST_RETRY_MS, random() * Math.min(most, Math.max(source.every, FIRST_RETRY_MS)));
  }
}

/** @throws what is no failure to be tried again */
function reasonOf(error: unknown): RatesFailure {
  if (error instanceof SourceError) return error.reason;
  if (error instanceof CounterfoilError) {
    if (error.code === 'malformedRow') return 'unreadable';
    if (error.disposition !== 'fatal') return 'log';
  }
  throw error;
}

function keyOf({ date, from, to }: Rates[number]): string {
  return `${date} ${from} ${to}`;
}
