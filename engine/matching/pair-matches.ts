import type { MoneyRecord } from '../domain/index.ts';
import { readRecord } from '../codec/index.ts';
import type { CompiledRule } from './compiled-rule.ts';
import type { KernelCore } from './core.ts';
import { saturate } from './exact-sum.ts';
import type { KernelFields } from './kernel-fields.ts';
import { LEFT, SIDES, type ReconciliationState } from './reconciliation-state.ts';
import { MatchView, RecordView, ToleranceCause } from './result-views.ts';

/** Shows the matches that pair rules make, in views that are used again, and remembers those with a leg that may be replaced. */
export class PairMatches {
  readonly #core: KernelCore;
  readonly #pair: readonly [RecordView, RecordView] = [new RecordView(), new RecordView()];
  /** Always the first version of a match. */
  readonly #match = new MatchView();
  readonly #cause = new ToleranceCause();

  constructor(core: KernelCore) {
    this.#core = core;
    this.#match.legs = this.#pair;
  }

  /** Left − right of the match shown last, minor units. */
  get difference(): number {
    return this.#match.difference;
  }

  /** Between the times of its records. */
  get lagMs(): number {
    return this.#match.lagMs;
  }

  /** The row at hand is matched with an entry by a rule; a rule that is not plain has compared them last. */
  ofRow(state: ReconciliationState, rule: CompiledRule, side: number, entry: number): void {
    const { reader, row, emitter } = this.#core;
    const mine = this.#pair[side === LEFT ? 0 : 1];
    mine.side = SIDES[side]!;
    mine.source = reader.sources.text(reader.source);
    mine.setArrival(row.arrival);
    mine.amount = reader.amount;
    mine.allocated = reader.amount;
    mine.setId(reader.idBytes, reader.idStart, reader.idEnd);
    emitter.showRecord(this.#pair[side === LEFT ? 1 : 0], entry);
    const view = this.#match;
    if (rule.plain) {
      view.difference = saturate(this.#pair[0].amount - this.#pair[1].amount);
      view.causes = this.#cause.of(view.difference);
    } else {
      const stored = this.#core.left.to(entry);
      this.#explain(rule, side === LEFT ? row : stored, side === LEFT ? stored : row);
    }
    view.lagMs = Math.abs(reader.time - this.#core.entries.time(entry));
    view.account = reader.accounts.text(reader.account);
    this.#emit(state, rule, reader.currency);
    if (this.#core.tracked.size > 0) this.#rememberRow(state, rule, side, entry);
  }

  /** Two entries are matched by a rule that has compared them last. */
  ofEntries(state: ReconciliationState, rule: CompiledRule, left: number, right: number): void {
    const { entries, reader, blobs, emitter } = this.#core;
    emitter.showRecord(this.#pair[0], left);
    emitter.showRecord(this.#pair[1], right);
    this.#explain(rule, this.#core.left.to(left), this.#core.right.to(right));
    this.#match.lagMs = Math.abs(entries.time(left) - entries.time(right));
    this.#match.account = reader.accounts.text(blobs.account(entries.blob(left)));
    this.#emit(state, rule, this.#core.currency(right));
    if (this.#core.tracked.size > 0 && (this.#isTracked(left) || this.#isTracked(right)))
      this.#remember(state, rule, this.#keptLeg(left), this.#keptLeg(right));
  }

  #explain(rule: CompiledRule, left: KernelFields, right: KernelFields): void {
    rule.pairing.compare(left, right);
    this.#match.difference = rule.pairing.difference;
    this.#match.causes = rule.pairing.causes(left, right);
    this.#match.rate = rule.pairing.rate;
    this.#match.leftCurrency = rule.rule.fx?.from;
  }

  /** @param currency of the records, where they have one */
  #emit(state: ReconciliationState, rule: CompiledRule, currency: number): void {
    const { emitter, reader } = this.#core;
    const view = this.#match;
    if (rule.plain) {
      view.rate = undefined;
      view.leftCurrency = undefined;
      view.currency = reader.currencies.text(currency);
    } else {
      view.currency = rule.pairing.currency;
    }
    view.sequence = view.matchSequence = emitter.sequence;
    view.n = view.matchN = emitter.n++;
    view.logTime = emitter.logTime;
    view.reconciliation = state.definition.name;
    view.pools = state.pools;
    view.rule = rule.name;
    view.fields = rule.decided;
    emitter.sink.match(view);
  }

  #rememberRow(state: ReconciliationState, rule: CompiledRule, side: number, entry: number): void {
    const { reader, row, tracked } = this.#core;
    const isTracked = tracked.has(reader.source);
    if (!isTracked && !this.#isTracked(entry)) return;
    const own = { record: readRecord(reader.frame, reader.row), arrival: row.arrival, isTracked };
    const other = this.#keptLeg(entry);
    this.#remember(state, rule, side === LEFT ? own : other, side === LEFT ? other : own);
  }

  #isTracked(entry: number): boolean {
    return this.#core.tracked.has(this.#core.blobs.source(this.#core.entries.blob(entry)));
  }

  #keptLeg(entry: number): MatchedLeg {
    return {
      record: this.#core.recordAt(entry),
      arrival: this.#core.entries.arrival(entry),
      isTracked: this.#isTracked(entry),
    };
  }

  /** A leg of the match just shown may be replaced by a later record. */
  #remember(state: ReconciliationState, rule: CompiledRule, left: MatchedLeg, right: MatchedLeg): void {
    const legs = [left, right];
    this.#core.remembered.add(
      {
        reconciliation: state.definition.name,
        rule: rule.index,
        sequence: this.#match.matchSequence,
        n: this.#match.matchN,
        version: 1,
        rate: this.#match.rate,
        legs: [
          { record: left.record, arrival: left.arrival, side: 'left' },
          { record: right.record, arrival: right.arrival, side: 'right' },
        ],
      },
      legs.filter(({ isTracked }) => isTracked).map(({ arrival }) => arrival),
      this.#core.watermark,
    );
  }
}

/** A leg of a match that may be replaced. */
interface MatchedLeg {
  readonly record: MoneyRecord;
  readonly arrival: number;
  /** Its own source is one whose records are replaced. */
  readonly isTracked: boolean;
}
