import type { Break, CommandAnswer, Match, RecordFrame, SourceFinding } from '../domain/index.ts';
import type { BreakBody } from './breaks.ts';
import type { KernelCore } from './core.ts';
import { BREAK_KINDS } from '../domain/index.ts';
import { laneOf } from './entries.ts';
import { doSignsFit, saturate } from './exact-sum.ts';
import type { ResultSink } from './kernel-types.ts';
import { LEFT, SIDES, type ReconciliationState } from './reconciliation-state.ts';
import { BreakView, FindingView, MatchView, PairWhy, RecordView, ResolvedBreakView } from './result-views.ts';
import { FETCHED, NO_ENTRY } from './slab.ts';

/** A match as groups and commands make it: all but its place and whose it is. */
export type MatchContent = Omit<Match, 'sequence' | 'n' | 'logTime' | 'reconciliation' | 'pools'>;

/** A break version likewise. */
export type BreakContent = Omit<Break, 'sequence' | 'n' | 'logTime' | 'reconciliation' | 'pools'>;

/** Numbers the results of a message and shows them to the sink in views that are used again. */
export class Emitter {
  sink!: ResultSink;
  /** Number of the message at hand, and of its next result. */
  sequence = 0;
  n = 0;
  logTime = 0;
  /** Records that results of more than two have shown, and how many such results. */
  shown = 0;
  shownGroups = 0;
  findings = 0;
  refusals = 0;
  readonly #core: KernelCore;
  readonly #match = new MatchView();
  readonly #open = new BreakView();
  readonly #resolved = new ResolvedBreakView();
  readonly #owner = new RecordView();
  readonly #joined = new RecordView();
  readonly #alone: readonly RecordView[] = [this.#owner];
  readonly #both: readonly RecordView[] = [this.#owner, this.#joined];
  readonly #why = new PairWhy();
  readonly #finding = new FindingView();
  readonly #legs: RecordView[] = [];

  constructor(core: KernelCore) {
    this.#core = core;
  }

  /** From here on results belong to this message. */
  at(sequence: number, logTime: number): void {
    this.sequence = sequence;
    this.n = 0;
    this.logTime = logTime;
  }

  /** Any match: of groups, by command, a later version. @returns its number within the message */
  match(state: ReconciliationState, content: MatchContent): number {
    const n = this.n++;
    const view = this.#match;
    view.state = content.state;
    view.matchSequence = content.matchSequence;
    view.matchN = content.matchN;
    view.version = content.version;
    view.rule = content.rule;
    view.fields = content.fields;
    view.account = content.account;
    view.currency = content.currency;
    view.leftCurrency = content.leftCurrency;
    view.legs = content.legs;
    view.difference = content.difference;
    view.causes = content.causes;
    view.rate = content.rate;
    view.lagMs = content.lagMs;
    view.sequence = this.sequence;
    view.n = n;
    view.logTime = this.logTime;
    view.reconciliation = state.definition.name;
    view.pools = state.pools;
    this.sink.match(view);
    return n;
  }

  /** Views of entries, good until the next call: legs or members of a result. */
  recordsOf(entries: readonly number[]): readonly RecordView[] {
    while (this.#legs.length < entries.length) this.#legs.push(new RecordView());
    this.shown += entries.length;
    this.shownGroups++;
    const views = this.#legs.slice(0, entries.length);
    const { blobs, entries: all, reader } = this.#core;
    // Most are of one lane and one source.
    let lane = -1;
    let texts = 0;
    let source = -1;
    let sourceName = '';
    for (let i = 0; i < views.length; i++) {
      if (i % FETCHED === 0) this.#core.fetch(entries, i);
      const entry = entries[i]!;
      const entryLane = laneOf(all.packed(entry));
      if (entryLane !== lane) {
        lane = entryLane;
        texts = this.#core.layoutOf(entry).fields.length;
      }
      const entrySource = blobs.source(all.blob(entry));
      if (entrySource !== source) {
        source = entrySource;
        sourceName = reader.sources.text(source);
      }
      this.#pointTo(views[i]!, entry, sourceName, texts);
    }
    return views;
  }

  /** The present version of a break of one or two records. */
  break(state: ReconciliationState, number: number): void {
    this.#showBreak(this.#open, state, number);
    this.sink.break(this.#open);
  }

  /** The last version of a break of one or two records: the match whose first version is at this position resolved it. */
  resolved(state: ReconciliationState, number: number, n: number, sequence: number = this.sequence): void {
    this.#resolved.resolvedBy.sequence = sequence;
    this.#resolved.resolvedBy.n = n;
    this.#showBreak(this.#resolved, state, number);
    this.sink.break(this.#resolved);
  }

  /**
   * The last version of a break of one or two records, which no match ended: a command wrote its records off, or the only
   * one was replaced (`resolved`).
   */
  ended(state: ReconciliationState, number: number, as: 'writtenOff' | 'resolved'): void {
    this.#open.state = as;
    this.#showBreak(this.#open, state, number);
    this.sink.break(this.#open);
    this.#open.state = 'open';
  }

  /** Any break version: of groups, by command. @returns its number within the message */
  breakVersion(state: ReconciliationState, content: BreakContent): number {
    const n = this.n++;
    const version: Break = {
      sequence: this.sequence,
      n,
      logTime: this.logTime,
      breakSequence: content.breakSequence,
      breakN: content.breakN,
      version: content.version,
      state: content.state,
      reconciliation: state.definition.name,
      pools: state.pools,
      kind: content.kind,
      account: content.account,
      currency: content.currency,
      leftCurrency: content.leftCurrency,
      amount: content.amount,
      dueTime: content.dueTime,
      members: content.members,
      why: content.why,
      reason: content.reason,
    };
    const { resolvedBy } = content;
    this.sink.break(resolvedBy === undefined ? version : { ...version, resolvedBy });
    return n;
  }

  /** What a break of one or two records is about: the owner's amount, or left − right of what the first rule compares. */
  breakAmount(state: ReconciliationState, number: number): number {
    const { breaks, entries } = this.#core;
    const owner = breaks.owner(number);
    const joined = breaks.joined(number);
    if (joined === NO_ENTRY) return entries.amount(owner);
    const [left, right] = this.#core.sideOf(owner) === LEFT ? [owner, joined] : [joined, owner];
    const rule = state.rules[0]!;
    if (rule.pairing.isPlain) return saturate(entries.amount(left) - entries.amount(right));
    const compared = rule.pairing.compare(this.#core.left.to(left), this.#core.right.to(right));
    return compared ? rule.pairing.difference : 0;
  }

  /** What the present version of a break of one or two records says of its members: a copy. */
  bodyOf(state: ReconciliationState, number: number): BreakBody {
    const { n } = this;
    const view = this.#open;
    this.#showBreak(view, state, number);
    this.n = n;
    const { kind, account, currency, leftCurrency, amount, why } = view;
    const members = view.members.map(({ source, id, sequence, ordinal, side, amount: own }) => ({
      ...{ source, id, sequence, ordinal, side },
      amount: own,
    }));
    const body = { kind, account, currency, amount, members, why: { ...why } };
    return leftCurrency === undefined ? body : { ...body, leftCurrency };
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

  answer(answer: Omit<CommandAnswer, 'sequence' | 'n' | 'logTime'>): void {
    this.sink.answer({ ...answer, sequence: this.sequence, n: this.n++, logTime: this.logTime });
  }

  refused(frame: RecordFrame, row: number, code: 'idConflict' | 'unknownSource', reason: string): void {
    this.refusals++;
    this.sink.refused(frame, row, this.n++, code, reason);
  }

  /** Points a view to a stored record, all of whose amount is allocated. */
  showRecord(view: RecordView, entry: number): void {
    const { entries, blobs, reader } = this.#core;
    const source = reader.sources.text(blobs.source(entries.blob(entry)));
    this.#pointTo(view, entry, source, this.#core.layoutOf(entry).fields.length);
  }

  /** @param texts how many fields of its lane are kept with an entry */
  #pointTo(view: RecordView, entry: number, source: string, texts: number): void {
    const { entries, blobs } = this.#core;
    view.side = SIDES[this.#core.sideOf(entry)]!;
    view.source = source;
    view.setArrival(entries.arrival(entry));
    view.amount = view.allocated = entries.amount(entry);
    blobs.showId(entries.blob(entry), texts, view);
  }

  #showBreak(view: BreakView, state: ReconciliationState, number: number): void {
    const { breaks, blobs, entries, reader } = this.#core;
    const owner = breaks.owner(number);
    const joined = breaks.joined(number);
    const blob = entries.blob(owner);
    view.sequence = this.sequence;
    view.n = this.n++;
    view.logTime = this.logTime;
    view.breakSequence = breaks.sequence(number);
    view.breakN = breaks.n(number);
    view.version = breaks.version(number);
    view.reconciliation = state.definition.name;
    view.pools = state.pools;
    view.kind = BREAK_KINDS[breaks.kind(number)]!;
    view.account = reader.accounts.text(blobs.account(blob));
    view.currency = reader.currencies.text(blobs.currency(blob));
    view.leftCurrency = undefined;
    view.amount = this.breakAmount(state, number);
    view.dueTime = breaks.ownerDue(number);
    view.reason = breaks.reason(number);
    const told = breaks.told(number);
    if (told !== undefined) {
      Object.assign(view, told);
      return;
    }
    this.showRecord(this.#owner, owner);
    const rule = state.rules[0]!;
    if (joined === NO_ENTRY) {
      view.members = this.#alone;
      view.why = breaks.why(number) ?? this.#why.noCounterpart(rule.name);
      return;
    }
    this.showRecord(this.#joined, joined);
    view.members = this.#both;
    // breakAmount has compared the two.
    let { limit, signsFit } = rule.pairing;
    if (rule.pairing.isPlain) {
      // One that has taken another's place need not have its currency: the right one's counts.
      const currency = this.#core.currency(this.#core.sideOf(owner) === LEFT ? joined : owner);
      view.currency = reader.currencies.text(currency);
      limit = rule.tolerance(currency, reader);
      signsFit = doSignsFit(entries.amount(owner), entries.amount(joined));
    } else {
      view.currency = rule.pairing.currency;
      view.leftCurrency = rule.rule.fx?.from;
    }
    view.why =
      breaks.why(number) ??
      (signsFit ? this.#why.amount(rule.name, view.amount, limit) : this.#why.sign(rule.name));
  }
}
