import type { LocalDay } from '../../../engine/domain/index.ts';
import type { BankLine } from '../scenario/index.ts';
import { ibanOf, localDay, startOfLocalDay } from './accounts.ts';
import { writeCamt053, writeMt103, writeMt940, writeMt942 } from './papers.ts';

/** What the bank writes, each about the same lines. */
export const PAPER_FORMATS = ['mt940', 'camt.053', 'mt942', 'mt103'] as const;
export type PaperFormat = (typeof PAPER_FORMATS)[number];

/** A statement, report or advice that the bank has made. */
export interface Paper {
  readonly id: string;
  readonly format: PaperFormat;
  readonly iban: string;
  /** Epoch milliseconds. */
  readonly madeMs: number;
  readonly content: string;
}

const HOUR_MS = 3_600_000;
/** When reports of the day are made, after the start of the local day. */
const REPORTS_AFTER_MS = [12 * HOUR_MS, 18 * HOUR_MS];
/** When the statement is made, after the end of its day. */
const STATEMENT_AFTER_MS = 26 * HOUR_MS;
/** When a transfer is advised, after it came. */
const ADVICE_AFTER_MS = 60_000;
/** What is on an account at first, minor units. */
const FIRST_BALANCE = 10_000_000n;

interface Account {
  readonly iban: string;
  readonly currency: string;
  /** The first day that no statement has closed yet. */
  day: LocalDay;
  balance: bigint;
  statements: number;
  reports: number;
  /** Lines of which no statement, or no report, tells yet. */
  lines: BankLine[];
  unreported: BankLine[];
}

/** The accounts of a bank, and the papers that it makes of them as time passes. */
export class BankBooks {
  readonly #accounts = new Map<string, Account>();
  readonly #papers: Paper[] = [];
  #settledMs = -Infinity;

  /** All that was made by the last {@link settle}, in order of time. */
  get papers(): readonly Paper[] {
    return this.#papers;
  }

  /** When the next paper about a line is made; statements of days without lines are not counted. */
  get nextDueMs(): number | undefined {
    const due = [...this.#accounts.values()].flatMap((account) => [
      ...(account.lines.length > 0 ? [startOfLocalDay(account.day) + STATEMENT_AFTER_MS] : []),
      ...(account.unreported.length > 0 ? [this.#nextReportMs(account)] : []),
    ]);
    return due.length === 0 ? undefined : Math.min(...due);
  }

  /** Takes a line in; time has come to it. */
  add(line: BankLine): void {
    this.settle(line.atMs);
    const iban = ibanOf(line.merchant, line.currency);
    let account = this.#accounts.get(iban);
    if (account === undefined) {
      account = {
        iban,
        currency: line.currency,
        day: localDay(line.atMs),
        balance: FIRST_BALANCE,
        statements: 0,
        reports: 0,
        lines: [],
        unreported: [],
      };
      this.#accounts.set(iban, account);
    }
    account.lines.push(line);
    account.unreported.push(line);
    if (line.amount > 0n) {
      const madeMs = line.atMs + ADVICE_AFTER_MS;
      this.#papers.push({ id: `T-${line.id}`, format: 'mt103', iban, madeMs, content: writeMt103(line) });
    }
  }

  /** Makes what is due by now. */
  settle(nowMs: number): void {
    if (nowMs <= this.#settledMs) return;
    for (const account of this.#accounts.values()) {
      for (;;) {
        const reportMs = account.unreported.length > 0 ? this.#nextReportMs(account) : Infinity;
        const statementMs = startOfLocalDay(account.day) + STATEMENT_AFTER_MS;
        if (Math.min(reportMs, statementMs) > nowMs) break;
        if (reportMs < statementMs) this.#report(account, reportMs);
        else this.#close(account, statementMs);
      }
    }
    this.#settledMs = nowMs;
    this.#papers.sort((a, b) => a.madeMs - b.madeMs);
  }

  #nextReportMs({ unreported }: Account): number {
    const { atMs } = unreported[0]!;
    const start = startOfLocalDay(localDay(atMs));
    // What comes after the last report of a day is in the statement, and in the first report of the next day.
    const next = REPORTS_AFTER_MS.map((ms) => start + ms).find((ms) => ms > atMs);
    return next ?? startOfLocalDay(localDay(atMs) + 1) + REPORTS_AFTER_MS[0]!;
  }

  #report(account: Account, madeMs: number): void {
    const { iban, currency } = account;
    const lines = account.unreported.filter(({ atMs }) => atMs < madeMs);
    account.unreported = account.unreported.filter(({ atMs }) => atMs >= madeMs);
    const number = ++account.reports;
    const content = writeMt942({ iban, currency, number, madeMs, lines });
    this.#papers.push({ id: `R-${iban}-${number}`, format: 'mt942', iban, madeMs, content });
  }

  #close(account: Account, madeMs: number): void {
    const { iban, currency, day, balance } = account;
    const lines = account.lines.filter(({ atMs }) => localDay(atMs) === day);
    account.lines = account.lines.filter(({ atMs }) => localDay(atMs) !== day);
    const closing = lines.reduce((sum, { amount }) => sum + amount, balance);
    const number = ++account.statements;
    const statement = { iban, currency, number, madeMs, day, opening: balance, closing, lines };
    const paper = { iban, madeMs };
    this.#papers.push(
      { ...paper, id: `S-${iban}-${number}`, format: 'mt940', content: writeMt940(statement) },
      { ...paper, id: `X-${iban}-${number}`, format: 'camt.053', content: writeCamt053(statement) },
    );
    account.balance = closing;
    account.day++;
  }
}
