import type { LogMessage, PartitionSummary, RecordFrame, RuleSet, SourceFinding } from '../domain/index.ts';
import { CounterfoilError, OVERDUE_PARTITION, formatPosition } from '../domain/index.ts';
import { Blobs } from './blobs.ts';
import { ChangingRules, type RuledKernel } from './changing-rules.ts';
import { Commander, type CommandHost } from './commands/commander.ts';
import { ORDINALS } from './entries.ts';
import { KernelCore } from './core.ts';
import { findFeeVariance } from './fee-findings.ts';
import { Intake } from './intake.ts';
import type {
  ExpiryBudget,
  Kernel,
  KernelOptions,
  KernelSnapshot,
  ResultSink,
  SeenSegment,
} from './kernel-types.ts';
import { Matcher } from './matcher.ts';
import { Replacing } from './replacing/replacing.ts';
import { RowReader } from './row-reader.ts';
import { selectLanes, type Lane, type Route, type RulesInForce } from './rules-in-force.ts';
import { SEEN_BUCKETS, type SeenSet } from './seen-set.ts';
import { FETCHED } from './slab.ts';
import { takeSnapshot, type KernelParts } from './take-snapshot.ts';
import { SourceWatermark } from './source-watermark.ts';

const UNBOUNDED: ExpiryBudget = {
  perRecord: Number.POSITIVE_INFINITY,
  perMessage: Number.POSITIVE_INFINITY,
};

/** What has been counted since the partition began. */
export interface Counters {
  records: number;
  duplicates: number;
  unrouted: number;
  commands: number;
  lastSequence: number;
  /** Hash of the last `rules` message that was taken. */
  rulesMessage: string;
}

/** One partition's matcher: see {@link Kernel}. */
export class PartitionKernel implements Kernel, KernelParts, RuledKernel {
  readonly options: KernelOptions;
  readonly reader: RowReader;
  readonly core: KernelCore;
  readonly matcher: Matcher;
  readonly sources: SourceWatermark = new SourceWatermark();
  readonly counters: Counters = {
    records: 0,
    duplicates: 0,
    unrouted: 0,
    commands: 0,
    lastSequence: 0,
    rulesMessage: '',
  };
  readonly commander: Commander;
  readonly replacing: Replacing;
  readonly intake: Intake;
  readonly #changing: ChangingRules;
  readonly #budget: ExpiryBudget;
  /** Time passes by the records themselves. */
  readonly #isByRecords: boolean;
  rules: RulesInForce | undefined;

  constructor(options: KernelOptions, reader: RowReader = new RowReader(), blobs: Blobs = new Blobs()) {
    this.options = options;
    this.#budget = options.expiry ?? UNBOUNDED;
    this.#isByRecords = options.watermark === 'records';
    this.reader = reader;
    this.core = new KernelCore(reader, blobs);
    this.matcher = new Matcher(this.core);
    const host: CommandHost = {
      identifierOf: (sequence, n) => formatPosition(options.epoch, options.partition, sequence, n),
      stateNamed: (name) => this.rules?.reconciliations.find((state) => state.definition.name === name),
      lanesOfRow: () => this.#lanesOfRow(),
      prepareRules: (set, json, hash) => this.#changing.prepare(set, json, hash),
      prepareRates: (table, rates) => this.#changing.prepareRates(table, rates),
    };
    this.replacing = new Replacing(this.matcher);
    this.intake = new Intake(this.core, this.replacing, this.counters);
    this.#changing = new ChangingRules(this, host);
    this.commander = new Commander(this.matcher, host);
  }

  apply(message: LogMessage, sink: ResultSink): void {
    const { emitter } = this.core;
    emitter.sink = sink;
    this.sources.advance(message.logTime);
    this.counters.lastSequence = message.sequence;
    emitter.at(message.sequence, this.sources.logTime);
    if (message.frame.kind !== 'records') this.matcher.due.allowMessage(this.#budget);
    this.#follow();
    if (!this.#isByRecords) this.sources.findOverdue((source, due) => this.#overdue(source, due));
    const { frame } = message;
    switch (frame.kind) {
      case 'tick':
        // By records, time passes by them alone, and by the ticks that are put between them before a command.
        if (this.#isByRecords) this.matcher.raiseWithin(message.logTime);
        break;
      case 'progress':
        this.sources.progress(frame.source, frame.time);
        this.#follow();
        break;
      case 'command':
        this.counters.commands++;
        // What is due has happened before. By records, a command is as late as the log says.
        this.matcher.raise(this.#isByRecords ? message.logTime : this.core.watermark);
        this.commander.apply(frame.json);
        break;
      case 'finding':
        emitter.finding(parse(frame.json, message.sequence) as SourceFinding);
        break;
      case 'rules':
        if (this.#changing.take(parse(frame.json, message.sequence) as RuleSet, frame))
          this.counters.rulesMessage = frame.hash;
        break;
      case 'records':
        this.#applyRecords(frame, message.sequence);
        break;
    }
  }

  finish(sink: ResultSink): void {
    const { emitter } = this.core;
    emitter.sink = sink;
    emitter.at(this.counters.lastSequence + 1, this.sources.logTime);
    this.matcher.raise(Number.POSITIVE_INFINITY);
  }

  get seen(): SeenSet {
    return this.intake.seen;
  }

  get rulesHash(): string {
    return this.counters.rulesMessage;
  }

  get isBehind(): boolean {
    return this.matcher.due.isBehind;
  }

  get inForce(): RulesInForce | undefined {
    return this.rules;
  }

  summary(): PartitionSummary {
    const { core, reader, counters } = this;
    const reconciliations = (this.rules?.reconciliations ?? []).flatMap((state) =>
      state
        .allTotals()
        .map((totals) => totals.summary(state.definition.name, reader.currencies.text(totals.currency))),
    );
    return {
      partition: this.options.partition,
      sequence: counters.lastSequence,
      logTime: Number.isFinite(this.sources.logTime) ? this.sources.logTime : 0,
      watermark: Number.isFinite(core.watermark) ? core.watermark : null,
      records: counters.records,
      duplicates: counters.duplicates,
      unrouted: counters.unrouted,
      findings: core.emitter.findings,
      deadLetters: core.emitter.refusals,
      open: core.open,
      reconciliations,
    };
  }

  snapshot(): KernelSnapshot {
    return takeSnapshot(this);
  }

  pendingSeen(): readonly SeenSegment[] {
    return this.seen.pending();
  }

  seenWritten(): void {
    this.seen.written();
  }

  #applyRecords(frame: RecordFrame, sequence: number): void {
    const { rules, reader } = this;
    if (rules === undefined) {
      throw new CounterfoilError(
        'logMismatch',
        `message ${sequence} holds records, but no rules came before it; the log must be read from its rules message on`,
      );
    }
    if (frame.count > ORDINALS) {
      throw new CounterfoilError(
        'internal',
        `message ${sequence} holds ${frame.count} records, more than the ${ORDINALS} that have a place in a message; cut it smaller`,
      );
    }
    reader.bind(frame);
    this.seen.enter(this.#bucket(rules.set.seenHorizon));
    this.intake.meet(frame, rules.routes);
    for (let row = 0; row < frame.count; row++) {
      if (row % FETCHED === 0) this.core.fetchFree();
      if (this.#isByRecords) {
        this.counters.lastSequence = sequence + row;
        this.core.emitter.at(sequence + row, this.sources.logTime);
        this.#applyRow(rules, frame, row, (sequence + row) * ORDINALS);
      } else {
        this.#applyRow(rules, frame, row, sequence * ORDINALS + row);
      }
    }
  }

  #applyRow(rules: RulesInForce, frame: RecordFrame, row: number, arrival: number): void {
    const { reader, core } = this;
    reader.read(row);
    const route = reader.source < 0 ? undefined : rules.routes[reader.source];
    if (!this.intake.takes(route, frame, row, arrival)) return;
    core.row.arrival = core.entries.newest = arrival;
    const lanes = selectLanes(route, core.row);
    if (rules.set.feeContracts !== undefined) this.#findFeeVariance(lanes);
    this.#moveTime(route);
    reader.readFields(route.plainFields);
    if (lanes.length === 0) this.counters.unrouted++;
    if (route.isSimple && !this.matcher.due.isBehind) this.matcher.arrive(lanes);
    else this.#arrive(route, lanes, frame);
  }

  /** The row comes into its lanes where it may have to do with what is due and waits, with former records, or with pools. */
  #arrive(route: Route, lanes: readonly Lane[], frame: RecordFrame): void {
    const { due } = this.matcher;
    const replaced = route.isConcerned ? this.replacing.replacedBy(this.intake.former) : -1;
    if (due.isBehind) due.handleBefore(lanes, this.replacing.entriesOf(replaced));
    if (replaced >= 0) this.replacing.arrive(frame, lanes, route.isShared, replaced);
    else if (route.isShared) this.matcher.arriveShared(lanes);
    else this.matcher.arrive(lanes);
    if (due.isBehind) due.rowIsIn();
  }

  /** What the row at hand reports of fees that its contract does not say. */
  #findFeeVariance(lanes: readonly Lane[]): void {
    const { row, emitter } = this.core;
    findFeeVariance(lanes, row, (finding) => emitter.finding(finding));
  }

  /** An accepted record shows that its source lives, and how far it is. */
  #moveTime(route: Route): void {
    this.matcher.due.allowRow(this.#budget);
    if (this.#isByRecords) {
      this.matcher.raiseWithin(this.reader.time);
      return;
    }
    this.sources.record(route.source, this.reader.time);
    this.#follow();
  }

  #follow(): void {
    if (!this.#isByRecords) this.matcher.raiseWithin(this.sources.value);
  }

  /** The lanes that take the row at hand; what their rules compare of it is read. */
  #lanesOfRow(): readonly Lane[] {
    const route = this.rules?.routes[this.reader.source];
    if (route === undefined) return [];
    this.reader.readFields(route.plainFields);
    return selectLanes(route, this.core.row);
  }

  /** Every partition waits for the source; one of them says so. */
  #overdue(source: string, due: number): void {
    if (this.options.partition !== OVERDUE_PARTITION) return;
    this.core.emitter.finding({
      kind: 'sourceOverdue',
      source,
      recordId: '',
      account: '',
      currency: '',
      amount: 0,
      message: `source "${source}" was due at ${new Date(due).toISOString()} and has not been heard since it was due before`,
    });
  }

  /** Memory of identities ends on the boundaries of buckets of log time. */
  #bucket(horizon: number | null): number {
    return horizon === null ? 0 : Math.floor(this.sources.logTime / (horizon / SEEN_BUCKETS));
  }
}

function parse(json: string, sequence: number): unknown {
  try {
    return JSON.parse(json);
  } catch (cause) {
    throw new CounterfoilError(
      'undecodableFrame',
      `message ${sequence} holds no JSON where it should: ${(cause as Error).message}; the log was written by something else`,
      { cause },
    );
  }
}
