import type { RecordFrame, SourceFinding } from '../domain/index.ts';
import type { Blobs } from './blobs.ts';
import type { Breaks } from './breaks.ts';
import type { CompiledRule } from './compiled-rule.ts';
import { laneOf, ORDINALS, type Entries } from './entries.ts';
import { saturate } from './exact-sum.ts';
import type { ResultSink } from './kernel-types.ts';
import { LEFT, SIDES, type ReconciliationState } from './reconciliation-state.ts';
import { BreakView, FindingView, MatchView, ResolvedBreakView, type RecordView } from './result-views.ts';
import type { RowReader } from './row-reader.ts';
import { NO_ENTRY } from './slab.ts';

/** Numbers the results of a message and shows them to the sink in views that are used again. */
export class Emitter {
  sink!: ResultSink;
  /** Number of the message at hand, and of its next result. */
  sequence = 0;
  n = 0;
  logTime = 0;
  findings = 0;
  refusals = 0;
  readonly #entries: Entries;
  readonly #blobs: Blobs;
  readonly #breaks: Breaks;
  readonly #reader: RowReader;
  readonly #match = new MatchView();
  readonly #open = new BreakView();
  readonly #resolved = new ResolvedBreakView();
  readonly #finding = new FindingView();

  constructor(entries: Entries, blobs: Blobs, breaks: Breaks, reader: RowReader) {
    this.#entries = entries;
    this.#blobs = blobs;
    this.#breaks = breaks;
    this.#reader = reader;
  }

  /** From here on results belong to this message. */
  at(sequence: number, logTime: number): void {
    this.sequence = sequence;
    this.n = 0;
    this.logTime = logTime;
  }

  /** The row at hand is matched with an entry. @param arrival of the row */
  match(state: ReconciliationState, rule: CompiledRule, side: number, entry: number, arrival: number): void {
    const view = this.#match;
    const reader = this.#reader;
    const mine = view.legs[side]!;
    const other = view.legs[1 - side]!;
    mine.side = SIDES[side]!;
    mine.source = reader.sources.text(reader.source);
    mine.sequence = Math.floor(arrival / ORDINALS);
    mine.ordinal = arrival % ORDINALS;
    mine.amount = reader.amount;
    mine.setId(reader.idBytes, reader.idStart, reader.idEnd);
    this.#show(other, entry, state);
    view.sequence = this.sequence;
    view.n = this.n++;
    view.logTime = this.logTime;
    view.reconciliation = state.definition.name;
    view.pools = state.pools;
    view.rule = rule.name;
    view.account = reader.accounts.text(reader.account);
    view.currency = reader.currencies.text(reader.currency);
    view.difference = saturate(view.legs[0].amount - view.legs[1].amount);
    view.lagMs = Math.abs(reader.time - this.#entries.time(entry));
    this.sink.match(view);
  }

  /** The present version of a break. */
  break(state: ReconciliationState, number: number): void {
    this.#showBreak(this.#open, state, number);
    this.sink.break(this.#open);
  }

  /** The last version of a break: a match of this message, number `n`, resolved it. */
  resolved(state: ReconciliationState, number: number, n: number): void {
    this.#resolved.resolvedBy.sequence = this.sequence;
    this.#resolved.resolvedBy.n = n;
    this.#showBreak(this.#resolved, state, number);
    this.sink.break(this.#resolved);
  }

  /** What a break is about: the owner's amount, or left − right. */
  breakAmount(number: number): number {
    const owner = this.#breaks.owner(number);
    const joined = this.#breaks.joined(number);
    const amount = this.#entries.amount(owner);
    if (joined === NO_ENTRY) return amount;
    const difference = amount - this.#entries.amount(joined);
    const isLeft = (laneOf(this.#entries.packed(owner)) & 1) === LEFT;
    // Not −difference: that would make −0 of 0.
    return saturate(isLeft ? difference : this.#entries.amount(joined) - amount);
  }

  finding(finding: SourceFinding): void {
    const view = this.#finding;
    view.sequence = this.sequence;
    view.n = this.n++;
    view.logTime = this.logTime;
    view.kind = finding.kind;
    view.source = finding.source;
    view.recordId = finding.recordId;
    view.account = finding.account;
    view.currency = finding.currency;
    view.amount = finding.amount;
    view.message = finding.message;
    this.findings++;
    this.sink.finding(view);
  }

  refused(frame: RecordFrame, row: number, code: 'idConflict' | 'unknownSource', reason: string): void {
    this.refusals++;
    this.sink.refused(frame, row, this.n++, code, reason);
  }

  #showBreak(view: BreakView, state: ReconciliationState, number: number): void {
    const breaks = this.#breaks;
    const owner = breaks.owner(number);
    const joined = breaks.joined(number);
    const blob = this.#entries.blob(owner);
    const currency = this.#blobs.currency(blob);
    view.sequence = this.sequence;
    view.n = this.n++;
    view.logTime = this.logTime;
    view.breakSequence = breaks.sequence(number);
    view.breakN = breaks.n(number);
    view.version = breaks.version(number);
    view.reconciliation = state.definition.name;
    view.pools = state.pools;
    view.kind = joined === NO_ENTRY ? 'unmatched' : 'amount';
    view.account = this.#reader.accounts.text(this.#blobs.account(blob));
    view.currency = this.#reader.currencies.text(currency);
    view.amount = this.breakAmount(number);
    view.dueTime = breaks.ownerDue(number);
    this.#show(view.owner, owner, state);
    if (joined !== NO_ENTRY) this.#show(view.joined, joined, state);
    const rule = state.rules[0]!;
    view.setWhy(rule.name, rule.tolerance(currency, this.#reader));
  }

  #show(view: RecordView, entry: number, state: ReconciliationState): void {
    const arrival = this.#entries.arrival(entry);
    const blob = this.#entries.blob(entry);
    view.side = SIDES[laneOf(this.#entries.packed(entry)) & 1]!;
    view.source = this.#reader.sources.text(this.#blobs.source(blob));
    view.sequence = Math.floor(arrival / ORDINALS);
    view.ordinal = arrival % ORDINALS;
    view.amount = this.#entries.amount(entry);
    this.#blobs.showId(blob, state.fields.length, view);
  }
}
